"""Find the scenes of a folder run in a folder, a list of names, or a STAC item collection."""

from __future__ import annotations

import dataclasses
import fnmatch
import hashlib
import os
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Optional

from ..errors import ErrorCode, PrithviError
from ..protocol.stated_metadata import StatedMetadata
from ..scenes.gdal_names import files_in, identity, is_path, is_remote, locate, resolve
from ..scenes.granules import find_granule, gather, is_granule, own_path, packed_name
from ..scenes.product_files import is_product
from ..scenes.stack_names import is_made_up, unusable_name
from .file_names import PATTERN, RECORDS
from .fingerprint import without_query
from .records import delimiter_of
from .scene_lists import names_in_list
from .stac import scenes_of_items

_STAC_SUFFIXES = (".json", ".geojson")
_LIST_SUFFIXES = (".txt", ".lst", ".list", ".csv")


@dataclass(frozen=True)
class SceneSource:
    """A scene of a run."""

    source: str
    """What GDAL opens, or the name of a stack."""
    name: str
    """Name for display."""
    key: str
    """Identifies the scene in the records."""
    stem: str
    """Stem of its outputs, relative to the output folder, with ``/`` between folders."""
    stated: Optional[StatedMetadata] = None
    """What its STAC item states."""


def find_scenes(
    location: str, pattern: str, recursive: bool, output: Path, warn: Callable[[str], None] = lambda line: None
) -> list[SceneSource]:
    """Return the scenes of ``location``, sorted, each with a unique stem.

    Args:
        location: a folder, a text file with one name per line (``#`` starts a comment), a STAC item collection, or one
            scene.
        pattern: of file names in a folder, separated by ``;``; empty for :data:`.PATTERN`. A product with one file per
            band is included if its name or one of its files matches; Sentinel-2 products always are.
        recursive: whether to search subfolders.
        output: folder of the masks, which is never searched.
        warn: gets a line about scenes that are not among them.
    Raises:
        PrithviError: ``source_unreadable`` if the location is none of these or holds no scene.
    """
    path = _expanded(location)
    if holds_scenes(location, output):
        found = list(_in_folder(path.absolute(), pattern or PATTERN, recursive, output))
        what = f"no file that matches {pattern or PATTERN}" + ("" if recursive else ", folders in it not counted")
    elif is_granule(str(path)):  # by its metadata, too, which are text
        found, what = [single_scene(location)], ""
    elif path.suffix.lower() in _STAC_SUFFIXES and path.is_file():
        items = scenes_of_items(path, warn)
        found = [_named(source, name, re.sub(r"[^\w.-]+", "_", name), stated) for source, name, stated in items]
        what = "no item"
    elif path.suffix.lower() in _LIST_SUFFIXES and path.is_file():
        found, what = _of_names(names_in_list(path), path.absolute().parent), "no name"
    elif path.exists() or not is_path(location):
        found, what = [single_scene(location)], ""
    else:
        raise _unreadable(f"{location} does not exist.", "Give a folder, a list of scenes or a STAC item collection.")
    if not found:
        raise _unreadable(f"{location} holds {what}.", "Correct INPUT or PATTERN, or set RECURSIVE.")
    return with_unique_stems(found)


def holds_scenes(location: str, output: Optional[Path] = None) -> bool:
    """Whether a location is a folder to search, and not a product of several files (SAFE, HLS, Landsat).

    ``output``: folder of the masks, which may be in the product's folder.
    """
    path = _expanded(location)
    product = _product_at(path)
    return path.is_dir() and (product is None or not _is_alone(product, os.path.realpath(output) if output else ""))


def single_scene(location: str) -> SceneSource:
    """Return the scene at a location: a file, a URL, a GDAL dataset name, or a product."""
    if not is_path(location):
        return _single(resolve(location, os.getcwd()))
    path = _expanded(location)
    try:
        granule = find_granule(str(path))
    except PrithviError:  # reported when it is opened
        return _single(os.path.abspath(path))
    if granule:
        return _single(granule.path)
    return _single(locate(location, os.getcwd()) if path.exists() else location)


def _expanded(location: str) -> Path:
    return Path(os.path.expanduser(location))  # Path's own raises for a name such as ~old


@dataclass(frozen=True)
class _Product:
    """A folder or an archive that is one scene."""

    path: Path
    """Path that the engine opens."""
    files: Sequence[str] = ()
    """Names of its files, if it has one file per band."""
    others: Sequence[Path] = ()
    """The other entries of the folder."""


def _product_at(path: Path) -> Optional[_Product]:
    """Return the one product that a folder or an archive is or holds; None otherwise."""
    if path.suffix.lower() != ".zip" and not path.is_dir():
        return None
    if is_product(str(path)):
        return _Product(path)
    try:
        products, others = gather(_visible(os.listdir(path)))
    except OSError:  # an archive, or a folder without permission
        return None
    if len(products) != 1:
        return None
    ((name, files),) = products.items()
    return _Product(own_path(path, name), files, [path / other for other in others])


def _is_alone(product: _Product, avoid: str) -> bool:
    """Whether the folder of a product needs no search: it has no other raster, and no folder but of masks."""
    patterns = PATTERN.split(";")
    for path in product.others:
        if any(fnmatch.fnmatchcase(path.name.lower(), p) for p in patterns):
            return False
        if path.is_dir() and not _is_output(path, avoid):
            return False
    return True


def _in_folder(folder: Path, pattern: str, recursive: bool, output: Path) -> Iterator[SceneSource]:
    """Yield the scenes of a folder, by folders, then packed products unless they are there unpacked as well.

    A packed product is a scene, since opening it reports that it must be unpacked.
    """
    patterns = [p.strip().lower() for p in pattern.split(";") if p.strip()]
    avoid = os.path.realpath(output)
    if os.path.realpath(folder) == avoid:
        raise PrithviError(
            ErrorCode.OUTPUT_IS_INPUT,
            f"OUTPUT is the folder of the scenes itself, {folder}.",
            f"Choose another one, such as {folder / 'masks'}.",
        )

    def matches(*names: str) -> bool:
        return any(fnmatch.fnmatchcase(name.lower(), p) for name in names for p in patterns)

    by_default = patterns == PATTERN.split(";")  # which no archive matches
    packed: list[Path] = []
    unpacked: set[str] = set()
    searched = {os.path.realpath(folder)}
    for base, folders, files in os.walk(folder, followlinks=True):
        here = Path(base)
        kept = []
        there = set()  # products that have a folder
        for name in _visible(sorted(folders)):
            product = _product_at(here / name)
            if product and product.files and not matches(product.path.name, *product.files):
                product = None
            search = recursive and not _is_output(here / name, avoid)
            if search and os.path.realpath(here / name) in searched:
                continue  # a link into a folder that is searched already, or a loop
            if product:
                there.add(product.path.name)  # yielded here, or when its folder is searched
            if product and not (search and not _is_alone(product, avoid)):
                yield _named(str(product.path), product.path.name, _relative(folder, product.path))
            elif search:
                kept.append(name)
                searched.add(os.path.realpath(here / name))
        for path in _in_files(here, sorted(files), matches, there):
            yield _named(str(path), path.name, _relative(folder, path))
            unpacked.add(_without_suffix(path.name))
        unpacked |= there
        archives = [(name, packed_name(name)) for name in _visible(sorted(files)) if packed_name(name)]
        packed += [here / name for name, holds in archives if by_default or matches(name, holds)]
        folders[:] = kept
    for path in packed:
        if packed_name(path.name) not in unpacked:
            yield _named(str(path), path.name, _relative(folder, path))


def _in_files(here: Path, files: Sequence[str], matches: Callable[..., bool], there: set[str]) -> list[Path]:
    """Return the scenes among a folder's files, sorted; the bands of a product are one scene, named as it is alone.

    ``there``: products that have a folder. They are not included twice, nor is one that is also stacked in one file.
    """
    products, others = gather(_visible(files))
    others = [name for name in others if not packed_name(name)]
    whole = [name for name in others if matches(name) or _product_at(here / name)]
    there = {*there, *map(_without_suffix, whole)}
    in_bands = [name for name, bands in products.items() if name not in there and matches(name, *bands)]
    return [own_path(here, name) if name in products else here / name for name in sorted({*whole, *in_bands})]


def _visible(names: Iterable[str]) -> list[str]:
    return [name for name in names if not name.startswith(".")]


def _is_output(folder: Path, output: str) -> bool:
    """Whether a folder has the masks of this run (``output``: its real path) or of another."""
    if os.path.realpath(folder) == output:
        return True
    try:
        with open(folder / RECORDS, encoding="utf-8", errors="replace") as f:
            return bool(delimiter_of(f.read(64)))
    except OSError:
        return False


def _of_names(names: Iterable[str], folder: Path) -> list[SceneSource]:
    """Return the scenes of a list in ``folder``, each once: a product has several names."""
    found: dict[str, SceneSource] = {}
    for name in names:
        scene = single_scene(locate(name, str(folder)))
        found.setdefault(scene.source, scene)
    return list(found.values())


def _single(source: str) -> SceneSource:
    file = (files_in(source) or [source])[0] if source.lstrip().startswith("<") else source
    name = without_query(file).partition("?")[0].rstrip("/").rpartition("/")[2].replace('"', "") or source
    _, hashed, mark = identity(source).rpartition("#") if is_remote(source) else ("", "", "")
    return _named(source, name, _without_suffix(name) + (f"-{mark}" if hashed else ""))


def _named(source: str, name: str, stem: str, stated: Optional[StatedMetadata] = None) -> SceneSource:
    if not _is_text(source + name + stem):
        name, stem = _shown(name), _shown(stem)
        source = unusable_name(f"The name of {name} is not text in UTF-8: rename it.")
    key = name if is_made_up(source) else identity(source)
    names = [re.sub(r'[\x00-\x1f<>:"|?*\\]+', "_", part)[-120:] or "_" for part in stem.split("/")]
    return SceneSource(source, name, key, "/".join(names), stated)


def _is_text(name: str) -> bool:
    """Whether a name is UTF-8; Python keeps other bytes as lone surrogates, which no record can hold."""
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True


def _shown(name: str) -> str:
    """Return a name with its bytes that are not UTF-8 as Latin-1, which they mostly are."""
    try:
        return name if _is_text(name) else os.fsencode(name).decode("latin-1")
    except UnicodeEncodeError:  # a lone surrogate of JSON
        return name.encode("utf-8", "backslashreplace").decode()


def _relative(folder: Path, path: Path) -> str:
    return _without_suffix(path.name if path == folder else path.relative_to(folder).as_posix())


def _without_suffix(name: str) -> str:
    folder, slash, last = name.rpartition("/")
    stem = re.sub(r"\.(tiff?|vrt|jp2|img|zip|safe|nc|hdf5?|h5)$", "", last, flags=re.IGNORECASE)
    return folder + slash + (re.sub(r"\.safe$", "", stem, flags=re.IGNORECASE) or last)


def with_unique_stems(found: list[SceneSource]) -> list[SceneSource]:
    """Add a part of the name's hash to scenes that would share an output or a row of the records.

    It depends on the name alone, so that a scene that is added later renames only those with which it would collide,
    and not on signatures in a URL, which differ at each search.
    """
    stems = Counter(s.stem.casefold() for s in found)
    keys = Counter(s.key for s in found)
    identities = Counter(identity(s.source) for s in found)
    out = []
    for s in found:
        name = identity(s.source)
        mark = hashlib.sha256((s.source if identities[name] > 1 else name).encode()).hexdigest()[:6]
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
