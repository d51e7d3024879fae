"""How much work each scene is, before any is opened: opening a thousand remote ones would take minutes."""

from __future__ import annotations

import os
import stat
import statistics
from collections.abc import Sequence

from ...contract.many.stacks import stacked_files
from ...contract.messages import Segment

_POINTERS = (".vrt", ".xml")  # small files that name the large ones


def scene_costs(requests: Sequence[Segment]) -> list[float]:
    """Bytes of each scene's files; where they cannot be told, the median of the others."""
    sizes = [local_bytes(request) for request in requests]
    known = [size for size in sizes if size > 0]
    middle = statistics.median(known) if known else 1.0
    return [size or middle for size in sizes]


def local_bytes(request: Segment) -> float:
    """Bytes of a scene's files; 0 where they cannot be told, as of a folder or of a file that names others."""
    size = 0
    for source in (request.source, *request.frames):
        for file in stacked_files(source) or [source]:
            try:
                facts = os.stat(file)
            except (OSError, ValueError):
                return 0.0
            if not stat.S_ISREG(facts.st_mode) or file.lower().endswith(_POINTERS):
                return 0.0
            size += facts.st_size
    return float(size)
