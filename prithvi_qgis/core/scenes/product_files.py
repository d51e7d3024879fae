"""Products that are many files: told from a path, and their files reached in a folder or a zip alike.

Nothing here reads pixels; both sides ask it what to open. Sentinel-2's own rules are in ``sentinel2``.
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
_MAX_TEXT_BYTES = 32 << 20  # the largest metadata of a product is about 1 MB
_HEAD_BYTES = 1 << 16


class Files(Protocol):
    """The files of a product, by their paths relative to its metadata."""

    def text(self, path: str) -> str:
        """A whole text file; FileNotFoundError, OSError, zipfile.BadZipFile."""

    def head(self, path: str, offset: int, count: int) -> bytes:
        """Some bytes; fewer at the file's end, none where they cannot be had cheaply."""

    def size(self, path: str) -> int:
        """In bytes; FileNotFoundError."""

    def location(self, path: str) -> str:
        """What GDAL opens."""


@dataclass(frozen=True)
class ProductLocation:
    """Where a product lies.

    Attributes:
        path: of its folder or zip, what people call the product; main: file name of its metadata; files: reaches them.
    """

    path: Path
    main: str
    files: Files


class FolderFiles:
    """An unpacked product."""

    def __init__(self, folder: Path):
        self.folder = folder

    def text(self, path: str) -> str:
        """See :class:`Files`."""
        with (self.folder / path).open("rb") as file:
            return file.read(_MAX_TEXT_BYTES).decode("utf-8", "replace")

    def head(self, path: str, offset: int, count: int) -> bytes:
        """See :class:`Files`."""
        with (self.folder / path).open("rb") as file:
            file.seek(offset)
            return file.read(count)

    def size(self, path: str) -> int:
        """See :class:`Files`."""
        return (self.folder / path).stat().st_size

    def location(self, path: str) -> str:
        """See :class:`Files`."""
        return str((self.folder / path).absolute())


class ZipFiles:
    """A product that is still packed; only its beginnings are read here, unpacked in memory."""

    def __init__(self, archive: Path, prefix: str):
        self.archive, self.prefix = archive, prefix

    def text(self, path: str) -> str:
        """See :class:`Files`."""
        with self._open() as archive, archive.open(self._member(archive, path)) as file:
            return file.read(_MAX_TEXT_BYTES).decode("utf-8", "replace")

    def head(self, path: str, offset: int, count: int) -> bytes:
        """See :class:`Files`; nothing beyond the first 64 KiB, which unpacking all before it would cost."""
        if offset + count > _HEAD_BYTES:
            return b""
        with self._open() as archive, archive.open(self._member(archive, path)) as file:
            return file.read(offset + count)[offset:]

    def size(self, path: str) -> int:
        """See :class:`Files`."""
        with self._open() as archive:
            return self._member(archive, path).file_size

    def location(self, path: str) -> str:
        """See :class:`Files`."""
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


def find_place(source: str) -> Optional[ProductLocation]:
    """The Sentinel-2 product that a path, a GDAL name or a layer's source belongs to; None where it is none.

    Knows the folder, the zip, the metadata file in either, and the driver's subdatasets of either.

    Raises:
        PrithviError: ``source_unreadable`` for what is named as a product and is broken.
    """
    try:
        return _find(source)
    except OSError:  # a name too long, a folder that may not be looked into: GDAL says what is wrong
        return None


def _find(source: str) -> Optional[ProductLocation]:
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
        named = folder if folder.suffix.upper() == ".SAFE" else path.absolute()  # else its name says nothing
        return ProductLocation(named, path.name, FolderFiles(folder))
    return _in_folder(path) if not text.startswith("/vsi") and path.is_dir() else None


def is_product(source: str) -> bool:
    """Whether a path is a product to be opened as one scene; False also for a broken one, which opening then tells."""
    try:
        return find_place(source) is not None
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
            return None  # GDAL says what it is not
        raise PrithviError(
            ErrorCode.SOURCE_UNREADABLE,
            f"{archive.name} is no complete zip file ({str(e).rstrip('.')}).",
            "Download it again.",
        ) from e
    if inside:  # the product that this file of the zip belongs to
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
