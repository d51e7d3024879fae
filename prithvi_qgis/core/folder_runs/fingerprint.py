"""Fingerprint of what a mask depends on, kept in its metadata: a mask with an equal one need not be made again."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import os
import re
import stat
from html import unescape
from pathlib import Path

from ..errors import PrithviError
from ..models.model_card import ModelCard
from ..protocol.messages import Segment
from ..scenes.gdal_names import files_in, identity, resolve, without_secrets
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
_MOST_FILES = 100_000
_BESIDE = (".aux.xml", ".msk", ".ovr.msk")
_BESIDE_STEM = (".hdr", ".HDR", ".tfw", ".wld", ".jgw", ".j2w", ".prj", ".aux", ".rrd", ".IMD", ".RPB")
_DESCRIPTION = re.compile(rb"<Description>[^<]*</Description>")
# In turn: what an outer element holds goes before the element.
_STATISTICS = tuple(
    re.compile(pattern, re.DOTALL)
    for pattern in (
        rb"<Histograms>.*?</Histograms>",
        rb'<MDI key="STATISTICS_[^"]*">[^<]*</MDI>',
        rb"<Metadata>\s*</Metadata>",
        rb"<PAMRasterBand[^>]*>\s*</PAMRasterBand>",
        rb"<PAMDataset>\s*</PAMDataset>",
    )
)
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
            fields[name] = _states(value)
        elif name == "frames":
            fields[name] = [state for frame in value for state in _states(frame)]
        elif name not in _INDIFFERENT:
            fields[name] = value
    fields["model"] = [
        card.id,
        _digest(card.folder / "model.json"),
        card.sha256 or _state(str(card.folder / card.weights)),
    ]
    text = json.dumps([RULES, fields], sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def _states(source: str) -> list[list[object]]:
    """Return identity and state of every file that GDAL opens for a source, with what lies beside it."""
    states: list[list[object]] = []
    for file in source_files(source):
        states.append([identity(file), *_state(file)])
        states += [[beside, *state] for beside in _sidecars(file) if (state := _state(beside))]
    return states


def _sidecars(file: str) -> list[str]:
    """Return where GDAL looks for masks, metadata, headers and georeference of a local file."""
    stem = os.path.splitext(file)[0]
    return [file + suffix for suffix in _BESIDE] + [stem + suffix for suffix in _BESIDE_STEM]


def without_query(source: str) -> str:
    """Return a name for records and messages: URLs in it lose their query and login, which may be secret."""
    return without_secrets(source)


def source_files(source: str) -> list[str]:
    """Return the source, or the files of a stack, with the files that each refers to."""
    waiting = stacked_files(source) if is_made_up(source) else [source]
    files: dict[str, None] = {}
    while waiting and len(files) < _MOST_FILES:
        file = waiting.pop(0)
        if file not in files:
            files[file] = None
            waiting += [*_in_vrt(file), *(inner for inner in files_in(file) if inner != file), *_in_product(file)]
    return list(files)


def _in_vrt(file: str) -> list[str]:
    """Return the sources of a VRT file, whatever its name ends in."""
    try:
        if not stat.S_ISREG(os.stat(file).st_mode) or os.path.getsize(file) > _LARGEST_VRT:
            return []
        with open(file, "rb") as f:
            if not f.read(64).lstrip(b"\xef\xbb\xbf \t\r\n").startswith((b"<VRT", b"<?xml", b"<!--")):
                return []
            f.seek(0)
            named = [unescape(m.decode(errors="replace")) for m in _NAMED_IN_VRT.findall(f.read())]
    except (OSError, ValueError):
        return []
    return [resolve(name, os.path.dirname(file)) for name in named]


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


def _state(file: str) -> list[object]:
    """Return size and modification time; empty unless it is a local file (of a folder, its files count)."""
    try:
        info = os.stat(file)
    except (OSError, ValueError):
        return []
    if not stat.S_ISREG(info.st_mode):
        return []
    if file.endswith(".aux.xml"):
        return _metadata_state(file)
    return [info.st_size, info.st_mtime_ns]


def _metadata_state(file: str) -> list[object]:
    """Return a checksum of GDAL's metadata file without statistics, which QGIS adds when it shows a scene."""
    try:
        with open(file, "rb") as f:
            text = f.read(_LARGEST_VRT)
    except OSError:
        return []
    if b"STATISTICS_" in text or b"<Histograms>" in text:  # GDAL repeats the file's own names with them
        text = _DESCRIPTION.sub(b"", text)
    for pattern in _STATISTICS:
        text = pattern.sub(b"", text)
    return [hashlib.sha256(text).hexdigest()] if text.strip() else []


def _digest(path: Path) -> str:
    try:
        return sha256_of_file(path)
    except OSError:
        return ""
