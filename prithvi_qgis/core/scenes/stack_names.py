"""Encode the band files of one scene in one name."""

from __future__ import annotations

import json
from collections.abc import Sequence

from ..errors import ErrorCode, PrithviError
from .granules import band_files

_PREFIX = "prithvi-stack:"
_UNUSABLE = "prithvi-unusable:"


def stack_name(bands: Sequence[tuple[str, str]]) -> str:
    """Return the name of a scene of (band name, file) pairs, which the engine opens as one raster."""
    return _PREFIX + json.dumps([list(pair) for pair in bands])


def unusable_name(reason: str) -> str:
    """Return the name of a scene that cannot be read, so that it fails alone, with its ``reason``."""
    return _UNUSABLE + reason


def refuse_unusable(source: str) -> None:
    """Raise ``source_unreadable`` for a name of :func:`unusable_name`."""
    if source.startswith(_UNUSABLE):
        raise PrithviError(
            ErrorCode.SOURCE_UNREADABLE, source[len(_UNUSABLE) :], "Correct it in the list, or search for it again."
        )


def is_made_up(source: str) -> bool:
    """Whether a source is one of these names, and no path."""
    return source.startswith((_PREFIX, _UNUSABLE))


def stacked_bands(source: str) -> list[tuple[str, str]]:
    """Return the (band name, file) pairs of a stack's name; empty for any other name."""
    if not source.startswith(_PREFIX):
        return []
    return [(str(name), str(file)) for name, file in json.loads(source[len(_PREFIX) :])]


def stacked_files(source: str) -> list[str]:
    """Return the files of a stack's name; empty for any other name."""
    return [file for _, file in stacked_bands(source)]


def scene_files(source: str) -> list[str]:
    """Return the files of a scene: those of its bands where each has one, else the scene's name."""
    return stacked_files(source) if is_made_up(source) else band_files(source) or [source]
