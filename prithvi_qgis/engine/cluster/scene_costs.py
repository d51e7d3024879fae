"""How much work each scene is, before any is opened: opening a thousand remote ones would take minutes."""

from __future__ import annotations

import os
import stat
import statistics
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Optional

from ...core.errors import PrithviError
from ...core.protocol.messages import Segment
from ...core.scenes.product_files import locate_product
from ...core.scenes.stack_names import scene_files

_POINTERS = (".vrt", ".xml")  # small files that name the large ones
_RASTERS = (".jp2", ".tif", ".tiff")
_MOST_FILES = 5000  # of a product, which has some hundred


def scene_costs(
    requests: Sequence[Segment], sizes: Sequence[float], shares: Optional[Mapping[int, float]] = None
) -> list[float]:
    """Bytes of what is to be segmented of each scene's files; where they cannot be told, the median of the others.

    Args:
        sizes: of their files, see :func:`local_bytes`.
        shares: part of the pixels that EXTENT leaves, by the scene's number; those that are missing are as the others.
    """
    shares = shares or {}
    usual = statistics.median(shares.values()) if shares else 1.0
    costs = [
        size * (1.0 if request.extent is None else shares.get(number, usual))
        for number, (request, size) in enumerate(zip(requests, sizes))
    ]
    known = [cost for cost, size in zip(costs, sizes) if size > 0]
    middle = statistics.median(known) if known else 1.0
    return [max(1.0, cost) if size > 0 else middle for cost, size in zip(costs, sizes)]


def local_bytes(request: Segment) -> float:
    """Bytes of a scene's files; 0 where they cannot be told, as of a file that names others."""
    size = 0.0
    for source in (request.source, *request.frames):
        for file in scene_files(source):
            own = _file_bytes(file)
            if not own:
                return 0.0
            size += own
    return size


def _file_bytes(file: str) -> float:
    try:
        facts = os.stat(file)
        if stat.S_ISREG(facts.st_mode) and not file.lower().endswith(_POINTERS):
            return float(facts.st_size)
    except (OSError, ValueError):
        pass  # no path: it may be the name of a product's subdataset
    try:
        return _product_bytes(file)
    except (PrithviError, OSError, ValueError):
        return 0.0


def _product_bytes(source: str) -> float:
    """Of the rasters of a product that is a folder, however it is named, or of its zip; 0 for anything else."""
    place = locate_product(source)
    path = place.path if place else Path(source)
    if path.suffix.lower() == ".zip" and path.is_file():
        return float(path.stat().st_size)
    folder = (path if path.is_dir() else path.parent) / "GRANULE"  # where Sentinel-2's images are
    if not folder.is_dir():
        if not path.is_dir():
            return 0.0
        folder = path
    elif not place:
        return 0.0
    size, count = 0.0, 0
    for parent, _, names in os.walk(folder):
        for name in names:
            if name.lower().endswith(_RASTERS):
                size += os.stat(os.path.join(parent, name)).st_size
        count += len(names)
        if count > _MOST_FILES:  # no product: somebody's archive
            return 0.0
    return size
