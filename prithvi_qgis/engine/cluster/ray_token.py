"""The secret that the machines of a Ray cluster share: it grants the right to run code on them."""

from __future__ import annotations

import functools
import os
import secrets
from pathlib import Path

_TEXT, _FILE, _MODE = "RAY_AUTH_TOKEN", "RAY_AUTH_TOKEN_PATH", "RAY_AUTH_MODE"


def token_file() -> Path:
    """Return the file from which Ray reads the token."""
    named = os.environ.get(_FILE)
    return Path(named) if named else Path.home() / ".ray" / "auth_token"


def has_token() -> bool:
    """Whether this machine has a token, or its environment turns tokens off."""
    mode = os.environ.get(_MODE, "").lower()
    return mode == "disabled" or bool(os.environ.get(_TEXT)) or token_file().is_file()


def make_token() -> Path:
    """Write a new token for a cluster's first machine. Ray itself would leave the file open to other users.

    Raises:
        OSError: the file exists or cannot be written.
    """
    path = token_file()
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with open(file, "w", encoding="utf-8") as f:
        f.write(secrets.token_hex(32))
    return path


def use_token() -> None:
    """Require the token in Ray processes that start from here, unless the environment sets another mode."""
    os.environ.setdefault(_MODE, "token")


def use_fresh_token() -> None:
    """Set a new token for a Ray of this process alone; no file keeps it."""
    os.environ[_MODE] = "token"
    os.environ[_TEXT] = _process_token()


@functools.cache
def _process_token() -> str:
    """Return one token per process: Ray keeps the first that it reads, even for the next Ray."""
    return secrets.token_hex(32)
