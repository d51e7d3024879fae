"""Scenes of a STAC item collection: a GeoJSON FeatureCollection of Items (stacspec.org)."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Optional

from ..errors import ErrorCode, PrithviError
from ..protocol.stated_metadata import StatedMetadata
from ..scenes.bands import identify
from ..scenes.granules import PRODUCT_TAG
from ..scenes.sensors import find_sensor
from ..scenes.stack_names import stack_name, unusable_name
from .stac_metadata import Asset, ItemFacts, MalformedError, product_of, read_assets, read_item, stated_by

PICTURES = ("thumbnail", "overview", "visual", "metadata")  # keys and roles of assets that are not bands
_PICTURE_MEDIA = ("image/png", "image/jpeg", "image/webp")
_SUFFIX = re.compile(r"[_-](?:\d{2,3}m|jp2)(?=$| \()", re.IGNORECASE)  # of keys, such as B04_10m
_DOCUMENT_NAMES = (".json", ".xml", ".txt", ".html", ".pdf", ".zip", ".zarr")
_DOCUMENTS = ("json", "xml", "html", "text/", "pdf", "zip", "zarr", "parquet")


def scenes_of_items(
    path: Path, warn: Callable[[str], None] = lambda line: None
) -> Iterator[tuple[str, str, Optional[StatedMetadata]]]:
    """Yield (source, item id, what the item states) of each item in a local file, or of a single Item.

    The asset of several bands, or the stack of assets with one band each, is chosen by the number of bands that names,
    common names or keys identify; of several assets with the same band that with the finest pixels, GeoTIFF before
    JPEG 2000. A relative ``href`` starts at the file. An item without any yields the name of an unusable scene, so that
    it is reported as the failure of one scene.

    Raises:
        PrithviError: ``source_unreadable`` for anything else.
    """
    try:
        body = json.loads(path.read_text(encoding="utf-8-sig"))
        items = _items(body)
    except (OSError, ValueError) as e:
        raise PrithviError(
            ErrorCode.SOURCE_UNREADABLE,
            f"{path} cannot be used: {e if str(e) else type(e).__name__}.",
            "Give the item collection that a STAC search returns (GeoJSON with assets).",
        ) from e
    if line := _further_pages(body, len(items)):
        warn(f"{path.name} {line}")
    for number, item in enumerate(items):
        name = str(item.get("id") or "") if isinstance(item, Mapping) else ""
        name = name or f"item{number + 1}"
        try:
            source, stated = _scene(item, _definitions(body, item), path.absolute().parent)
        except MalformedError as e:
            source, stated = unusable_name(f"The STAC item {name} {e}."), None
        yield source, name, stated


def _further_pages(body: Mapping[str, Any], count: int) -> str:
    """Return what follows a file's name where it is one page of a search; empty for all of it."""
    context = body.get("context")
    totals = [body.get("numberMatched"), context.get("matched") if isinstance(context, Mapping) else None]
    total = next((n for n in totals if isinstance(n, int) and not isinstance(n, bool)), 0)
    links = [link for link in _listed(body.get("links")) if isinstance(link, Mapping)]
    if total > count:
        return f"holds {count} of the {total} items that the search found: fetch its further pages."
    if any(link.get("rel") == "next" for link in links):
        return f"holds {count} items, and the search has more (rel=next): fetch its further pages."
    return ""


def _items(body: Any) -> list[Any]:
    kind = body.get("type") if isinstance(body, Mapping) else None
    items = body.get("features") if kind == "FeatureCollection" else [body] if kind == "Feature" else None
    if not isinstance(items, list) or (items and not any(isinstance(i, Mapping) and "assets" in i for i in items)):
        raise ValueError("it is not a STAC Item, nor a collection of Items")
    return items


def _definitions(body: Mapping[str, Any], item: Any) -> Mapping[str, Any]:
    """Return the asset definitions of an item's collection, where the file holds them."""
    if not isinstance(item, Mapping):
        return {}
    collections = [item, body, body.get("collection"), *_listed(body.get("collections"))]
    for holder in collections:
        named = isinstance(holder, Mapping) and holder.get("id") in (None, item.get("collection"), item.get("id"))
        if named and isinstance(holder.get("item_assets"), Mapping):
            return holder["item_assets"]
    return {}


def _listed(value: Any) -> Sequence[Any]:
    return value if isinstance(value, list) else []


def _scene(item: Any, definitions: Mapping[str, Any], base: Path) -> tuple[str, StatedMetadata]:
    """Return source and statements of an item.

    Raises:
        MalformedError: it is not an Item, or has no raster.
    """
    if not isinstance(item, Mapping):
        raise MalformedError("is not an object")
    if not isinstance(item.get("assets"), Mapping) or not item["assets"]:
        raise MalformedError("has no assets")
    problems: list[str] = []
    assets = [
        asset
        for asset in read_assets(item, definitions, base, problems)
        if not {asset.key, *asset.roles} & set(PICTURES)
    ]
    assets = [asset for asset in assets if asset.media not in _PICTURE_MEDIA] or assets
    facts = read_item(item, [asset.href for asset in assets])
    used, names = _best(assets, facts)
    if not used or (names == [""] and _of_bands(problems)):
        reason = f": {', '.join(problems[:3])}" if problems else ""
        raise MalformedError(f"has no asset that is a raster of known bands{reason}")
    stated = stated_by(facts, used, names, _of_bands(problems))
    if len({asset.key for asset, _ in used}) == 1:
        return used[0][0].href, stated
    return stack_name([(name, asset.href) for name, (asset, _) in zip(names, used)]), stated


def _of_bands(problems: Sequence[str]) -> list[str]:
    """Return the lines about assets that would be bands by their keys."""
    return [line for line in problems if identify([line.split('"')[1]], {})]


def _best(assets: Sequence[Asset], facts: ItemFacts) -> tuple[list[tuple[Asset, int]], list[str]]:
    """Return the asset and index of each band of the scene, and the bands' names; ([], []) without any."""
    choices: list[tuple[int, list[tuple[Asset, int]], list[str]]] = []
    for asset in assets:
        if len(asset.chains) > 1:
            names = asset.names
            choices.append((len(identify(names, facts.tags)), [(asset, n) for n in range(len(names))], names))
    single: dict[str, Asset] = {}  # by name, without the pixel size: the preferred one of each
    for asset in sorted(assets, key=_preference):
        if len(asset.chains) == 1 and not _is_document(asset):
            single.setdefault(_SUFFIX.sub("", asset.names[0]), asset)
    files = list(single.values())
    # A granule's or product's files are numbered by its sensor, whatever the item says.
    sensor = find_sensor("", {PRODUCT_TAG: product_of([file.href for file in files if identify(file.names, {})])})
    found = identify(list(single), facts.tags, sensor)
    if found:
        stack = sorted(((files[n - 1], band) for band, n in found.items()), key=lambda pair: assets.index(pair[0]))
        choices.append((len(found), [(asset, 0) for asset, _ in stack], [band for _, band in stack]))
    best = max(choices, key=lambda choice: choice[0], default=None)  # the first of equal ones
    if best is not None:
        return best[1], best[2]
    # One raster whose bands the item does not list: what it states is of every band.
    data = files if len(files) == 1 else [file for file in files if "data" in file.roles]
    return ([(data[0], 0)], [""]) if len(data) == 1 else ([], [])


def _is_document(asset: Asset) -> bool:
    name = asset.href.split("?", 1)[0].lower()
    return any(kind in asset.media for kind in _DOCUMENTS) or (not asset.media and name.endswith(_DOCUMENT_NAMES))


def _preference(asset: Asset) -> tuple[bool, bool, float]:
    """Return the sort key of assets of one band: GeoTIFF, then without credentials of a store, then fine pixels."""
    return "jp2" in asset.media or asset.href.endswith(".jp2"), "://" in asset.href[:6], asset.pixel_size
