"""A scene whose bands lie in files of their own, as one name."""

from __future__ import annotations

import json
from collections.abc import Sequence

from .granules import band_files

_PREFIX = "prithvi-stack:"


def stack_name(bands: Sequence[tuple[str, str]]) -> str:
    """The name of a scene of (band name, file) pairs; the engine makes one raster of them."""
    return _PREFIX + json.dumps([list(pair) for pair in bands])


def stacked_bands(source: str) -> list[tuple[str, str]]:
    """The (band name, file) pairs of a stack's name; empty for anything else."""
    if not source.startswith(_PREFIX):
        return []
    return [(str(name), str(file)) for name, file in json.loads(source[len(_PREFIX) :])]


def stacked_files(source: str) -> list[str]:
    """The files of a stack's name; empty for anything else."""
    return [file for _, file in stacked_bands(source)]


def scene_files(source: str) -> list[str]:
    """The files that a scene's name stands for: of its bands, where each has its own, else the name itself."""
    return stacked_files(source) or band_files(source) or [source]
