"""Pinned revisions of published models, in ``revisions.ini`` next to the models' folders.

The card of a user's model may hold its revision itself.
"""

from __future__ import annotations

import configparser
import re
from pathlib import Path

_REVISION = re.compile(r"[0-9a-f]{40}")


def is_revision(text: str) -> bool:
    """Whether ``text`` is a commit hash, not a branch or a tag."""
    return bool(_REVISION.fullmatch(text))


def pins_of(model: Path) -> Path:
    """Return the file that may pin the model in the folder ``model``."""
    return model.parent / "revisions.ini"


def pinned_revision(model: Path) -> str:
    """Return the revision pinned for the model in the folder ``model``, or an empty text.

    Raises:
        ValueError: ``revisions.ini`` cannot be read, or its entry is not a revision.
    """
    pins = configparser.ConfigParser(interpolation=None)
    try:
        pins.read(pins_of(model), encoding="utf-8")
    except configparser.Error as e:
        raise ValueError(f"{pins_of(model)}: {' '.join(str(e).split())}") from e
    revision = pins.get("revisions", model.name, fallback="")
    revision = "".join(revision.split())  # written in groups: secret scanners report long ones
    if revision and not is_revision(revision):
        raise ValueError(f'the pinned revision "{revision}" is not 40 hexadecimal digits')
    return revision
