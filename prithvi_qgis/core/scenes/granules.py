"""Find products with one file per band, HLS granules and Landsat 8/9 Collection 2 Level 2, by their names.

A product is referred to by its folder, or where a folder holds several, by ``folder/name``, which is not a file.
Nothing here reads pixels.

Sources: HLS v2.0 User Guide (``HLS.S30.T10SEG.2023200T184921.v2.0.B02.tif``). USGS, Landsat 8-9 Collection 2 Level 2
Science Product Guide (``LC08_L2SP_044034_20230719_20230802_02_T1_SR_B2.TIF``).
"""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Optional

from ..errors import ErrorCode, PrithviError
from .gdal_names import files_in

PRODUCT_TAG = "PRITHVI_PRODUCT"  # of the stack of its bands: the product's name
_SUFFIXES = (".tif", ".TIF", ".tiff", ".TIFF")
_HLS = r"HLS\.[SL]30\.T\d{2}[A-Z]{3}\.\d{7}T\d{6}\.v\d+\.\d+"
_LANDSAT = r"L[COTEM]\d{2}_L\d[A-Z]{2}_\d{6}_\d{8}_\d{8}_\d{2}_(?:T1|T2|RT)"
_NAME = re.compile(rf"(?:{_HLS}|{_LANDSAT})$")
# Bands, quality, angles, surface temperature.
_BAND_FILE = re.compile(
    rf"(?P<name>{_HLS}(?=\.)|{_LANDSAT}(?=_))"
    r"(?:\.(?:B\d[\dA]|Fmask|[SV][AZ]A)|_(?:SR_B\d|SR_QA_AEROSOL|ST_[A-Z0-9]+|QA_[A-Z]+|B\d{1,2}|[SV][AZ]A))"
    r"\.(?:tiff?|TIFF?)$"
)
_METADATA = re.compile(rf"(?P<name>{_HLS}(?=\.cmr\.xml$)|{_LANDSAT}(?=_MTL\.(?:txt|xml|json)$))")
_PACKED = re.compile(rf"(?P<name>{_HLS}|{_LANDSAT})\.(?:tar(?:\.gz)?|tgz)$")
_SURFACE = re.compile(r"L[CO]0[89]_L2")
# The published models' bands first and in their order, so that they are 1 to 6; then the other reflectance bands.
_BANDS = {
    "hls-s30": ("B02", "B03", "B04", "B8A", "B11", "B12", "B01", "B05", "B06", "B07", "B08"),
    "hls-l30": ("B02", "B03", "B04", "B05", "B06", "B07", "B01"),
    "landsat-sr": ("SR_B2", "SR_B3", "SR_B4", "SR_B5", "SR_B6", "SR_B7", "SR_B1"),
}
TITLES = {
    "hls-s30": "HLS S30 granule",
    "hls-l30": "HLS L30 granule",
    "landsat-sr": "Landsat Collection 2 Level 2 product",
}


@dataclass(frozen=True)
class Granule:
    """A product's reflectance bands."""

    path: str
    """The folder of this name, or ``folder/name``."""
    name: str
    """Name of the product."""
    sensor: str
    """Id of its preset in :mod:`prithvi_qgis.core.scenes.sensors`."""
    bands: tuple[tuple[str, str], ...]
    """(band, file) of those that exist."""

    @property
    def note(self) -> str:
        """A line for log, dialog and provenance."""
        return f"{TITLES[self.sensor]} {self.name}, one file a band: {' '.join(band for band, _ in self.bands)}."


def find_granule(source: str) -> Optional[Granule]:
    """Return the product of a path: its folder, ``folder/name``, or its metadata file; None for anything else.

    A file of one band is an ordinary raster.

    Raises:
        PrithviError: ``source_unsupported`` for a folder with several products, an archive, and a product without
            surface reflectance of Landsat 8 or 9; ``source_unreadable`` for a product without any band.
    """
    if not source or len(source) > 4096:  # the text of a VRT, not a path
        return None
    path = Path(source)
    packed, metadata = _PACKED.match(path.name), _METADATA.match(path.name)
    try:
        if packed:
            if path.is_file():
                raise _is_packed(path, packed["name"])
            return None
        if metadata:
            return _read(path.parent, metadata["name"]) if path.is_file() else None
        if path.is_dir():
            return _in_folder(path)
        return _read(path.parent, path.name) if _NAME.match(path.name) else None
    except OSError:  # an invalid name or an unreadable folder: GDAL reports it
        return None


def is_granule(source: str) -> bool:
    """Whether a path refers to such products; True also for those that :func:`find_granule` refuses."""
    try:
        return find_granule(source) is not None
    except PrithviError:
        return True


def band_files(source: str) -> list[str]:
    """Return the files that a product is read from; empty for anything else."""
    try:
        granule = find_granule(source)
    except PrithviError:  # opening it reports why
        return []
    return [file for _, file in granule.bands] if granule else []


def gather(files: Iterable[str]) -> tuple[dict[str, list[str]], list[str]]:
    """Divide the file names of a folder into ({product: its files}, other files), both in the given order."""
    products: dict[str, list[str]] = {}
    others = []
    for file in files:
        found = _BAND_FILE.match(file)
        if found:
            products.setdefault(found["name"], []).append(file)
        else:
            others.append(file)
    return products, others


def common_product(files: Sequence[str]) -> str:
    """Return the product to which all of these files or URLs belong, by their names; empty where there is none."""
    names = {found["name"] if (found := _BAND_FILE.match(file.rpartition("/")[2])) else "" for file in files}
    return names.pop() if len(names) == 1 else ""


def packed_name(file: str) -> str:
    """Return the product that an archive holds, by the archive's name; empty for anything else."""
    found = _PACKED.match(file)
    return found["name"] if found else ""


def whole_product(source: str) -> str:
    """Return the path of the product that a file of one band belongs to; empty for anything else."""
    path = Path(source)
    found = _BAND_FILE.match(path.name)
    return str(own_path(path.absolute().parent, found["name"])) if found and path.is_file() else ""


def with_whole_product(error: PrithviError, source: str) -> PrithviError:
    """Return ``error``; if bands are missing from one band of a product or container, with a hint to all of it."""
    if error.code is ErrorCode.BANDS_MISSING and source.upper().startswith(("NETCDF:", "HDF5:", "ZARR:")):
        hint = f"This is one variable of {files_in(source)[0]}: give the file itself."
        return PrithviError(error.code, error.text, hint)
    whole = Path(whole_product(source)) if error.code is ErrorCode.BANDS_MISSING else Path()
    if not whole.name:
        return error
    folder = Path(source).absolute().parent
    alone = len(gather(_files(folder))[0]) == 1
    hint = f"This is one file of {whole.name}: give all of it, as {folder if alone else whole}."
    return PrithviError(error.code, error.text, hint)


def own_path(folder: Path, name: str) -> Path:
    """Return the path of the product ``name`` in ``folder``, in its canonical form."""
    return folder if folder.name == name else folder / name


def _in_folder(folder: Path) -> Optional[Granule]:
    names = list(gather(_files(folder))[0])
    if folder.name in names or (not names and _NAME.match(folder.name)):
        return _read(folder, folder.name)
    if len(names) > 1:
        several = ", ".join(sorted(names)[:4]) + (", ..." if len(names) > 4 else "")
        raise PrithviError(
            ErrorCode.SOURCE_UNSUPPORTED,
            f"{folder} holds {len(names)} products: {several}.",
            f"Give one of them, such as {own_path(folder, min(names))}; prithvi:segmentfolder takes all.",
        )
    return _read(folder, names[0]) if names else None


def _files(folder: Path) -> Sequence[str]:
    try:
        return os.listdir(folder)
    except OSError:
        return ()


def _read(folder: Path, name: str) -> Optional[Granule]:
    """Return the product ``name`` in ``folder``; None where it has no files, unless the folder has its name."""
    sensor = "landsat-sr" if name.startswith("L") else f"hls-{name[4].lower()}30"
    separator = "_" if sensor == "landsat-sr" else "."
    files = ((band, _existing(folder / f"{name}{separator}{band}")) for band in _BANDS[sensor])
    bands = tuple((band, str(file.absolute())) for band, file in files if file)
    unsupported = sensor == "landsat-sr" and not _SURFACE.match(name)
    if bands and not unsupported:
        return Granule(str(own_path(folder.absolute(), name)), name, sensor, bands)
    if folder.name != name and name not in gather(_files(folder))[0]:
        return None
    if unsupported:
        raise _without_reflectance(name)
    raise PrithviError(
        ErrorCode.SOURCE_UNREADABLE,
        f"{folder} holds none of the bands of {name} ({name}{separator}{_BANDS[sensor][0]}.tif and so on).",
        "Download them again.",
    )


def _existing(stem: Path) -> Optional[Path]:
    return next((file for s in _SUFFIXES if (file := stem.with_name(stem.name + s)).is_file()), None)


def _is_packed(path: Path, name: str) -> PrithviError:
    archive, folder = shlex.quote(str(path.absolute())), shlex.quote(str(path.absolute().with_name(name)))
    return PrithviError(
        ErrorCode.SOURCE_UNSUPPORTED,
        f"{path.name} is a packed product, which is not opened directly.",
        f"Unpack it into a folder (mkdir -p {folder} && tar -xf {archive} -C {folder}), and give that.",
    )


def _without_reflectance(name: str) -> PrithviError:
    if name[4:].startswith("_L1"):
        what = "of level 1, without surface reflectance"
        step = "Give the Level 2 product of the same scene (L2SP or L2SR)."
    else:
        what = "not of Landsat 8 or 9, whose bands are numbered in another way"
        step = "Stack its bands into a GeoTIFF, and give their numbers in BANDS."
    return PrithviError(ErrorCode.SOURCE_UNSUPPORTED, f"{name} is {what}.", step)
