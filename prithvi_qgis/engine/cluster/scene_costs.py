"""Estimates the work of each scene before any is opened: opening a thousand remote ones would take minutes."""

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

_POINTERS = (".vrt", ".xml")  # small files that refer to the large ones
_RASTERS = (".jp2", ".tif", ".tiff")
_MAX_PRODUCT_FILES = 5000  # a product has some hundred


def scene_costs(
    requests: Sequence[Segment], sizes: Sequence[float], shares: Optional[Mapping[int, float]] = None
) -> list[float]:
    """Return the bytes to segment of each scene; where they are unknown, the median of the others.

    Args:
        requests: one per scene.
        sizes: bytes of the scenes' files, see :func:`local_bytes`.
        shares: share of the pixels within EXTENT by the scene's number; a missing one takes the median of the others.
    """
    shares = shares or {}
    usual = statistics.median(shares.values()) if shares else 1.0
    costs = [
        size * (1.0 if request.extent is None else shares.get(number, usual))
        for number, (request, size) in enumerate(zip(requests, sizes))
    ]
    known = [cost for cost, size in zip(costs, sizes) if size > 0]
    median = statistics.median(known) if known else 1.0
    return [max(1.0, cost) if size > 0 else median for cost, size in zip(costs, sizes)]


def local_bytes(request: Segment) -> float:
    """Return the bytes of a scene's files; 0 where they are unknown, as of a file that refers to others."""
    sizes = [_file_bytes(file) for source in (request.source, *request.frames) for file in scene_files(source)]
    return sum(sizes) if all(sizes) else 0.0


def _file_bytes(file: str) -> float:
    try:
        info = os.stat(file)
        if stat.S_ISREG(info.st_mode) and not file.lower().endswith(_POINTERS):
            return float(info.st_size)
    except (OSError, ValueError):
        pass  # not a path: it may be the name of a product's subdataset
    try:
        return _product_bytes(file)
    except (PrithviError, OSError, ValueError):
        return 0.0


def _product_bytes(source: str) -> float:
    """Return the bytes of the rasters of a product's folder, however it is named, or of its zip; 0 for another file."""
    location = locate_product(source)
    path = location.path if location else Path(source)
    if path.suffix.lower() == ".zip" and path.is_file():
        return float(path.stat().st_size)
    folder = (path if path.is_dir() else path.parent) / "GRANULE"  # the images of Sentinel-2
    if not folder.is_dir():
        if not path.is_dir():
            return 0.0
        folder = path
    elif not location:
        return 0.0
    size, count = 0.0, 0
    for parent, _, names in os.walk(folder):
        size += sum(os.stat(os.path.join(parent, n)).st_size for n in names if n.lower().endswith(_RASTERS))
        count += len(names)
        if count > _MAX_PRODUCT_FILES:  # an archive of products
            return 0.0
    return size
