"""Fingerprint of what a mask depends on, kept in its metadata: a mask with an equal one need not be made again."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import os
import re
import stat
from pathlib import Path

from ..errors import PrithviError
from ..models.model_card import ModelCard
from ..protocol.messages import Segment
from ..scenes.gdal_names import files_in, without_secrets
from ..scenes.granules import band_files
from ..scenes.product_files import FolderFiles, locate_product
from ..scenes.stack_names import is_made_up, stacked_files
from ..system.file_checksum import sha256_of_file

FINGERPRINT_TAG = "PRITHVI_FINGERPRINT"
OUTCOME_TAG = "PRITHVI_OUTCOME"
RULES = 2  # increased when the same request makes a different mask
# Where a request runs and how files are named does not change a mask; of further outputs only their presence counts.
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
    """Return 32 hexadecimal digits over everything that the mask of ``request`` depends on.

    A field that is added to :class:`.Segment` counts unless it is named above.
    """
    fields: dict[str, object] = {}
    for name, value in dataclasses.asdict(request).items():
        if name in _FURTHER:
            fields[name] = bool(value)
        elif name == "source":
            fields[name] = [[without_query(file), *_state(file)] for file in source_files(value)]
        elif name == "frames":
            fields[name] = [[without_query(file), *_state(file)] for frame in value for file in source_files(frame)]
        elif name not in _INDIFFERENT:
            fields[name] = value
    fields["model"] = [
        card.id,
        _digest(card.folder / "model.json"),
        card.sha256 or _state(str(card.folder / card.weights)),
    ]
    text = json.dumps([RULES, fields], sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def without_query(source: str) -> str:
    """Return a name for records and messages: URLs in it lose their query and login, which may be secret."""
    return without_secrets(source)


def source_files(source: str) -> list[str]:
    """Return the source, or the files of a stack, with the files that each refers to."""
    files = stacked_files(source) if is_made_up(source) else [source]
    for file in list(files):
        path = Path(file)
        if path.suffix.lower() == ".vrt" and path.is_file() and path.stat().st_size < _LARGEST_VRT:
            named = [m.decode(errors="replace") for m in _NAMED_IN_VRT.findall(path.read_bytes())]
            files += [os.path.join(path.parent, name) for name in named]  # an absolute name stays as it is
        files += [inner for inner in files_in(file) if inner != file]
        files += _in_product(file)
    return files


def _in_product(source: str) -> list[str]:
    """Return metadata and bands of an unpacked product, sorted: its folder does not change when one of them does."""
    if source.lower().endswith(".zip"):  # a file like any other
        return []
    try:
        product = locate_product(source)
    except PrithviError:  # a broken product is reported when it is opened
        return []
    if product is None:
        return band_files(source)
    if not isinstance(product.files, FolderFiles):
        return []
    folder = product.files.folder
    return sorted(str(path) for pattern in _OF_PRODUCT for path in folder.glob(pattern))


def _state(file: str) -> list[int]:
    """Return size and modification time; empty unless it is a local file (of a folder, its files count)."""
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
