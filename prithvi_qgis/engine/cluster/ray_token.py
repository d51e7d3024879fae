"""The secret that the machines of a Ray cluster share: who has it may run code on them."""

from __future__ import annotations

import functools
import os
import secrets
from pathlib import Path

_TEXT, _FILE, _MODE = "RAY_AUTH_TOKEN", "RAY_AUTH_TOKEN_PATH", "RAY_AUTH_MODE"


def token_file() -> Path:
    """Where Ray looks for it."""
    named = os.environ.get(_FILE)
    return Path(named) if named else Path.home() / ".ray" / "auth_token"


def has_token() -> bool:
    """Whether this machine knows one, or is told to do without."""
    mode = os.environ.get(_MODE, "").lower()
    return mode == "disabled" or bool(os.environ.get(_TEXT)) or token_file().is_file()


def make_token() -> Path:
    """Write a new one for a cluster's first machine. Ray itself would leave it open to other users.

    Raises:
        OSError: it cannot be written.
    """
    path = token_file()
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with open(file, "w", encoding="utf-8") as f:
        f.write(secrets.token_hex(32))
    return path


def use_token() -> None:
    """Have the Ray processes that start from here ask for it, unless the environment says otherwise."""
    os.environ.setdefault(_MODE, "token")


def use_fresh_token() -> None:
    """For a Ray of this process alone: a token that nobody else knows and no file keeps."""
    os.environ[_MODE] = "token"
    os.environ[_TEXT] = _own()


@functools.cache
def _own() -> str:
    """One a process: Ray keeps the first that it reads, also for the next Ray."""
    return secrets.token_hex(32)
