"""What a mask depends on, as a short text in its metadata: equal means that it need not be made again."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import os
import re
import stat
from pathlib import Path
from typing import Any

from ..errors import PrithviError
from ..models.model_card import ModelCard
from ..protocol.messages import Segment
from ..scenes.granules import band_files
from ..scenes.product_files import FolderFiles, locate_product
from ..scenes.stack_names import stacked_files
from ..system.file_checksum import sha256_of_file

FINGERPRINT_TAG = "PRITHVI_FINGERPRINT"
OUTCOME_TAG = "PRITHVI_OUTCOME"
# Grows when the same request makes another mask than it did before.
RULES = 2
# Where it runs and what it is called does not change a mask; of further outputs it counts whether there are any.
_INDIFFERENT = frozenset(
    (
        *("model", "output", "report", "device", "batch_size", "gpu_memory", "keep_warm_min", "memory_mb"),
        *("source_name", "frame_names", "block", "join"),
    )
)
_FURTHER = frozenset(("probability", "polygons", "thumbnail"))
_NAMED_IN_VRT = re.compile(rb"<(?:SourceFilename|SourceDataset)[^>]*>([^<]+)<")
_LARGEST_VRT = 4 << 20
_OF_PRODUCT = ("MTD_MSIL??.xml", "GRANULE/*/MTD_TL.xml", "GRANULE/*/IMG_DATA/**/*.jp2")


def fingerprint(request: Segment, card: ModelCard) -> str:
    """32 hexadecimal digits of everything that the mask of ``request`` depends on.

    A field that :class:`Segment` gets in future counts unless it is named above.
    """
    fields: dict[str, Any] = {}
    for name, value in dataclasses.asdict(request).items():
        if name in _FURTHER:
            fields[name] = bool(value)
        elif name == "source":
            fields[name] = [[without_query(file), *_state(file)] for file in _files(value)]
        elif name == "frames":
            fields[name] = [[without_query(file), *_state(file)] for frame in value for file in _files(frame)]
        elif name not in _INDIFFERENT:
            fields[name] = value
    fields["model"] = [card.id, _digest(card.folder / "model.json"), card.sha256 or _state(str(_weights(card)))]
    text = json.dumps([RULES, fields], sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def without_query(source: str) -> str:
    """A URL without what follows the question mark, which may be somebody's signature."""
    return source.split("?", 1)[0] if "://" in source or source.startswith("/vsi") else source


def _weights(card: ModelCard) -> Path:
    return card.folder / card.weights


def _files(source: str) -> list[str]:
    """The source, and where it consists of others, those."""
    files = stacked_files(source) or [source]
    for file in list(files):
        path = Path(file)
        if path.suffix.lower() == ".vrt" and path.is_file() and path.stat().st_size < _LARGEST_VRT:
            named = [m.decode(errors="replace") for m in _NAMED_IN_VRT.findall(path.read_bytes())]
            files += [os.path.join(path.parent, name) for name in named]  # an absolute name stays as it is
        files += _in_product(file)
    return files


def _in_product(source: str) -> list[str]:
    """Metadata and bands of an unpacked product, sorted: its folder does not change when one of them does."""
    if source.lower().endswith(".zip"):  # one file, which is looked at as it is
        return []
    try:
        place = locate_product(source)
    except PrithviError:  # broken: whoever opens it says why
        return []
    if place is None:
        return band_files(source)
    if not isinstance(place.files, FolderFiles):
        return []
    folder = place.files.folder
    return sorted(str(path) for pattern in _OF_PRODUCT for path in folder.glob(pattern))


def _state(file: str) -> list[int]:
    """Size and time of the last change; nothing for what is no file here, also for a folder: its files are asked."""
    try:
        info = os.stat(file)
    except (OSError, ValueError):
        return []
    if not stat.S_ISREG(info.st_mode):
        return []
    return [info.st_size, info.st_mtime_ns]


def _digest(path: Path) -> str:
    try:
        return sha256_of_file(path)
    except OSError:
        return ""
