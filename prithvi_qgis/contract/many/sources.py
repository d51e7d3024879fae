"""Which scenes a folder run has: a folder, a list of names, or a STAC item collection."""

from __future__ import annotations

import dataclasses
import fnmatch
import hashlib
import os
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Optional

from ..errors import ErrorCode, PrithviError
from ..granules import find_granule, gather, is_granule, own_path, packed_name
from ..products import is_product
from .fingerprint import without_query
from .names import PATTERN, RECORDS
from .stac import scenes_of_items

_STAC_SUFFIXES = (".json", ".geojson")
_LIST_SUFFIXES = (".txt", ".lst", ".list", ".csv")
_LARGEST_LIST = 64 << 20


@dataclass(frozen=True)
class SceneSource:
    """A scene of a run.

    Attributes:
        source: what GDAL opens, or a stack's name; name: what a person calls it; key: what stands in the records.
        stem: of its outputs, relative to the output folder, with ``/`` between folders.
        taken: ISO day that its STAC item tells, or empty.
    """

    source: str
    name: str
    key: str
    stem: str
    taken: str = ""


def find_scenes(place: str, pattern: str, recursive: bool, output: Path) -> list[SceneSource]:
    """The scenes of ``place``, sorted, each with a stem of its own.

    Args:
        place: a folder, a text file with a name a line (``#`` begins a comment), a STAC item collection, or one scene.
        pattern: of file names in a folder, several between ``;``; empty takes :data:`PATTERN`.
        recursive: whether folders in the folder are searched, too.
        output: where masks go; never searched.
    Raises:
        PrithviError: ``source_unreadable`` for a place that is none of these or holds no scene.
    """
    path = Path(place).expanduser()
    if holds_scenes(place):
        found = list(_in_folder(path.absolute(), pattern or PATTERN, recursive, output))
        what = f"no file that matches {pattern or PATTERN}" + ("" if recursive else ", folders in it not counted")
    elif is_granule(str(path)):  # by its metadata, too, which are text
        found, what = [single_scene(place)], ""
    elif path.suffix.lower() in _STAC_SUFFIXES and path.is_file():
        items = scenes_of_items(path)
        found = [_named(source, name, re.sub(r"[^\w.-]+", "_", name), day) for source, name, day in items]
        what = "no item"
    elif path.suffix.lower() in _LIST_SUFFIXES and path.is_file():
        found = list(_in_list(path))
        what = "no name"
    elif path.exists() or "://" in place or place.startswith("/vsi"):
        found, what = [single_scene(place)], ""
    else:
        raise _unreadable(f"{place} does not exist.", "Give a folder, a list of scenes or a STAC item collection.")
    if not found:
        raise _unreadable(f"{place} holds {what}.", "Correct INPUT or PATTERN, or set RECURSIVE.")
    return with_own_stems(found)


def holds_scenes(place: str) -> bool:
    """Whether it is a folder to search; a product of several files (SAFE, HLS, Landsat) is a folder, and one scene."""
    path = Path(place).expanduser()
    return path.is_dir() and product_of(path, alone=True) is None


def product_of(path: Path, alone: bool) -> Optional[str]:
    """What is opened as the one scene that a folder or an archive is; None for anything else.

    Args:
        alone: whether folders, or rasters other than the bands of a product, make it a folder to search.
    """
    if path.suffix.lower() != ".zip" and not path.is_dir():
        return None
    if is_product(str(path)):
        return str(path)
    try:
        products, others = gather(_visible(os.listdir(path)))
    except OSError:  # an archive, or a folder that may not be looked into
        return None
    if len(products) != 1 or (alone and any(_may_be_scene(path / name) for name in others)):
        return None
    return str(own_path(path, *products))


def _may_be_scene(path: Path) -> bool:
    return any(fnmatch.fnmatchcase(path.name.lower(), p) for p in PATTERN.split(";")) or path.is_dir()


def single_scene(place: str) -> SceneSource:
    """A place that is one scene: a file, a URL, GDAL's name of something, or a product."""
    path = Path(place).expanduser()
    try:
        granule = find_granule(str(path))
    except PrithviError:  # opening it says why
        return _single(os.path.abspath(path))
    if granule:
        return _single(granule.path)
    return _single(os.path.abspath(path) if path.exists() else place)


def _in_folder(folder: Path, pattern: str, recursive: bool, output: Path) -> Iterator[SceneSource]:
    patterns = [p.strip().lower() for p in pattern.split(";") if p.strip()]
    avoid = os.path.realpath(output)
    if os.path.realpath(folder) == avoid:
        raise PrithviError(
            ErrorCode.OUTPUT_IS_INPUT,
            f"OUTPUT is the folder of the scenes itself, {folder}.",
            f"Choose another one, such as {folder / 'masks'}.",
        )
    for base, folders, files in os.walk(folder):
        here = Path(base)
        kept = []
        for name in _visible(sorted(folders)):
            product = product_of(here / name, alone=recursive)
            if product:
                yield _named(product, Path(product).name, _relative(folder, Path(product)))
            elif recursive and not _is_output(here / name, avoid):
                kept.append(name)
        for name in _in_files(here, sorted(files), patterns, folders):
            yield _named(str(here / name), name, _relative(folder, here / name))
        folders[:] = kept


def _in_files(here: Path, files: Sequence[str], patterns: Sequence[str], folders: Sequence[str]) -> list[str]:
    """Names of the scenes among a folder's files, sorted. The bands of a product are one scene, ``here/product``.

    A product that lies there in a folder of its own, or stacked into one file, is not taken twice. One that is still
    packed is a scene, too: opening it says that it has to be unpacked.
    """

    def matches(name: str) -> bool:
        return any(fnmatch.fnmatchcase(name.lower(), p) for p in patterns)

    products, others = gather(_visible(files))
    whole = [name for name in others if matches(name) or product_of(here / name, alone=False)]
    there = {*folders, *map(_without_suffix, whole)}
    apart = [n for n, parts in products.items() if n not in there and (matches(n) or any(map(matches, parts)))]
    packed = [name for name in others if packed_name(name) and packed_name(name) not in {*there, *products}]
    return sorted({*whole, *apart, *packed})


def _visible(names: Iterable[str]) -> list[str]:
    return [name for name in names if not name.startswith(".")]


def _is_output(folder: Path, own: str) -> bool:
    """Whether it is the output of this run (``own``: its real path) or of another, whose masks are no scenes."""
    if os.path.realpath(folder) == own:
        return True
    try:
        with open(folder / RECORDS, encoding="utf-8", errors="replace") as f:
            return f.read(32).startswith("input,output,success,")
    except OSError:
        return False


def _in_list(path: Path) -> Iterator[SceneSource]:
    if path.stat().st_size > _LARGEST_LIST:
        raise _unreadable(f"{path} is no list of scenes: it has {path.stat().st_size >> 20} MB.", "Give a text file.")
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except UnicodeDecodeError as e:
        raise _unreadable(f"{path} is no text in UTF-8 (byte {e.start}).", "Save it as UTF-8.") from e
    seen = set()
    for line in lines:
        name = line.strip()
        if not name or name.startswith("#") or name in seen:
            continue
        seen.add(name)
        remote = "://" in name or name.startswith("/vsi")
        yield _single(name if remote else os.path.abspath(os.path.join(path.parent, os.path.expanduser(name))))


def _single(source: str) -> SceneSource:
    name = without_query(source).rstrip("/").rpartition("/")[2] or source
    return _named(source, name, _without_suffix(name))


def _named(source: str, name: str, stem: str, taken: str = "") -> SceneSource:
    key = without_query(source)
    if source.startswith("prithvi-stack:"):
        key = name
    parts = [re.sub(r'[\x00-\x1f<>:"|?*\\]+', "_", part)[-120:] or "_" for part in stem.split("/")]
    return SceneSource(source, name, key, "/".join(parts), taken)


def _relative(folder: Path, path: Path) -> str:
    return _without_suffix(path.relative_to(folder).as_posix())


def _without_suffix(name: str) -> str:
    folder, slash, last = name.rpartition("/")
    stem = re.sub(r"\.(tiff?|vrt|jp2|img|zip|safe|nc|hdf5?|h5)$", "", last, flags=re.IGNORECASE)
    return folder + slash + (re.sub(r"\.safe$", "", stem, flags=re.IGNORECASE) or last)


def with_own_stems(found: list[SceneSource]) -> list[SceneSource]:
    """Scenes that would share an output, or a row of the records, are told apart by a piece of their name's hash.

    It depends on the name alone, so that a scene that joins later renames no other than those it meets.
    """
    stems = Counter(s.stem.casefold() for s in found)
    keys = Counter(s.key for s in found)
    out = []
    for s in found:
        mark = hashlib.sha256(s.source.encode()).hexdigest()[:6]
        out.append(
            dataclasses.replace(
                s,
                key=f"{s.key}#{mark}" if keys[s.key] > 1 else s.key,
                stem=f"{s.stem}-{mark}" if stems[s.stem.casefold()] > 1 else s.stem,
            )
        )
    return out


def _unreadable(text: str, hint: str) -> PrithviError:
    return PrithviError(ErrorCode.SOURCE_UNREADABLE, text, hint)
