"""Locate products of several files from a path, and access their files in a folder or in a zip alike.

Nothing here reads pixels. The rules of Sentinel-2 are in :mod:`prithvi_qgis.core.scenes.sentinel2`.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Optional, Protocol

from ..errors import ErrorCode, PrithviError

_MAIN = re.compile(r"(?:^|/)MTD_MSI(L1C|L2A)\.xml$")
_SUBDATASET = re.compile(r'SENTINEL2_L(?:1C|2A)(?:_TILE)?:"?([^"]+?\.xml)"?(?::|$)')
_ZIPPED = re.compile(r"/vsizip/(?:\{(?P<braced>.+?\.zip)\}|(?P<plain>.+?\.zip))(?:/(?P<inside>.*))?$", re.IGNORECASE)
_SENTINEL2_NAME = re.compile(r"^S2[A-D]_(?:MSI|OPER|USER)")
_MAX_TEXT_BYTES = 32 << 20  # a product's metadata take about 1 MB
_HEAD_BYTES = 1 << 16


class Files(Protocol):
    """Protocol for the files of a product, by their paths relative to its metadata.

    All but ``location`` raise FileNotFoundError, OSError or zipfile.BadZipFile.
    """

    def text(self, path: str) -> str:
        """Return a text file."""

    def head(self, path: str, offset: int, count: int) -> bytes:
        """Return some bytes: fewer at the file's end, none where access is slow."""

    def size(self, path: str) -> int:
        """Return the size in bytes."""

    def location(self, path: str) -> str:
        """Return what GDAL opens."""


@dataclass(frozen=True)
class ProductLocation:
    """Location of a product."""

    path: Path
    """Folder or zip, for messages."""
    main: str
    """File name of its metadata."""
    files: Files
    """Access to its files."""


class FolderFiles:
    """An unpacked product."""

    def __init__(self, folder: Path):
        self.folder = folder

    def text(self, path: str) -> str:
        with (self.folder / path).open("rb") as file:
            return file.read(_MAX_TEXT_BYTES).decode("utf-8", "replace")

    def head(self, path: str, offset: int, count: int) -> bytes:
        with (self.folder / path).open("rb") as file:
            file.seek(offset)
            return file.read(count)

    def size(self, path: str) -> int:
        return (self.folder / path).stat().st_size

    def location(self, path: str) -> str:
        return str((self.folder / path).absolute())


class ZipFiles:
    """A packed product; only the beginnings of its files are read here, unpacked in memory."""

    def __init__(self, archive: Path, prefix: str):
        self.archive, self.prefix = archive, prefix

    def text(self, path: str) -> str:
        with self._open() as archive, archive.open(self._member(archive, path)) as file:
            return file.read(_MAX_TEXT_BYTES).decode("utf-8", "replace")

    def head(self, path: str, offset: int, count: int) -> bytes:
        """Return bytes of the first 64 KiB only: later ones would require unpacking all before them."""
        if offset + count > _HEAD_BYTES:
            return b""
        with self._open() as archive, archive.open(self._member(archive, path)) as file:
            return file.read(offset + count)[offset:]

    def size(self, path: str) -> int:
        with self._open() as archive:
            return self._member(archive, path).file_size

    def location(self, path: str) -> str:
        return f"/vsizip/{{{self.archive.absolute()}}}/{self.prefix}{path}"

    @contextmanager
    def _open(self) -> Iterator[zipfile.ZipFile]:
        with zipfile.ZipFile(self.archive) as archive:
            yield archive

    def _member(self, archive: zipfile.ZipFile, path: str) -> zipfile.ZipInfo:
        try:
            return archive.getinfo(self.prefix + path)
        except KeyError:
            raise FileNotFoundError(self.prefix + path) from None


def locate_product(source: str) -> Optional[ProductLocation]:
    """Return the Sentinel-2 product of a path, a GDAL name or a layer's source; None for anything else.

    Accepts the folder, the zip, the metadata file in either, and the subdatasets of GDAL's driver for either.

    Raises:
        PrithviError: ``source_unreadable`` for a broken product.
    """
    try:
        return _locate(source)
    except OSError:  # a name too long or an unreadable folder: GDAL reports it
        return None


def _locate(source: str) -> Optional[ProductLocation]:
    subdataset = _SUBDATASET.match(source)
    text = subdataset.group(1) if subdataset else source
    zipped = _ZIPPED.match(text)
    if zipped:
        archive = Path(zipped.group("braced") or zipped.group("plain"))
        return _in_zip(archive, zipped.group("inside") or "") if archive.is_file() else None
    if text.lower().endswith(".zip"):
        return _in_zip(Path(text), "") if Path(text).is_file() else None
    path = Path(text)
    if path.name == "MTD_TL.xml" and path.parent.parent.name == "GRANULE":
        path = path.parents[2]
    elif _MAIN.search(path.name):
        if not path.is_file():
            return None
        folder = path.absolute().parent
        named = folder if folder.suffix.upper() == ".SAFE" else path.absolute()  # else the folder's name is arbitrary
        return ProductLocation(named, path.name, FolderFiles(folder))
    return _in_folder(path) if not text.startswith("/vsi") and path.is_dir() else None


def is_product(source: str) -> bool:
    """Whether a path is a product to be opened as one scene; True also for a broken one, whose opening then fails."""
    try:
        return locate_product(source) is not None
    except PrithviError:
        return _looks_like(Path(source))


def _looks_like(path: Path) -> bool:
    return bool(_SENTINEL2_NAME.match(path.name)) and path.suffix.lower() in (".safe", ".zip")


def _in_folder(folder: Path) -> Optional[ProductLocation]:
    for name in ("MTD_MSIL1C.xml", "MTD_MSIL2A.xml"):
        if (folder / name).is_file():
            return ProductLocation(folder.absolute(), name, FolderFiles(folder))
    if _looks_like(folder):
        raise _incomplete(folder)
    return None


def _in_zip(archive: Path, inside: str) -> Optional[ProductLocation]:
    try:
        with zipfile.ZipFile(archive) as file:
            found = [n for n in file.namelist() if _MAIN.search(n)]
    except (zipfile.BadZipFile, OSError, EOFError) as e:
        if not _looks_like(archive):
            return None  # GDAL reports it
        raise PrithviError(
            ErrorCode.SOURCE_UNREADABLE,
            f"{archive.name} is no complete zip file ({str(e).rstrip('.')}).",
            "Download it again.",
        ) from e
    if inside:  # a file within one of the products
        found = [n for n in found if inside.startswith(n[: n.rindex("/") + 1] if "/" in n else "")]
    if not found:
        if _looks_like(archive) and not inside:
            raise _incomplete(archive)
        return None
    if len(found) > 1:
        names = ", ".join(sorted(Path(n).parent.name or n for n in found))
        raise PrithviError(
            ErrorCode.SOURCE_UNSUPPORTED,
            f"{archive.name} holds {len(found)} Sentinel-2 products: {names}.",
            f"Give one of them, as /vsizip/{archive}/{sorted(found)[0]}.",
        )
    prefix, _, main = found[0].rpartition("/")
    return ProductLocation(archive.absolute(), main, ZipFiles(archive, f"{prefix}/" if prefix else ""))


def _incomplete(path: Path) -> PrithviError:
    return PrithviError(
        ErrorCode.SOURCE_UNREADABLE,
        f"{path.name} holds neither MTD_MSIL1C.xml nor MTD_MSIL2A.xml: it is incomplete, or no Sentinel-2 product of "
        "level 1C or 2A in today's format (since December 2016).",
        "Download it again, or stack its bands into a GeoTIFF.",
    )
