"""Scenes of a STAC item collection: a GeoJSON FeatureCollection of Items (stacspec.org)."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from ..errors import ErrorCode, PrithviError
from ..scenes.bands import identify
from ..scenes.dates import day_of_text
from ..scenes.gdal_names import locate
from ..scenes.stack_names import stack_name

_PICTURES = ("thumbnail", "overview", "visual", "metadata")


def scenes_of_items(path: Path) -> Iterator[tuple[str, str, str]]:
    """Yield (source, item id, ISO acquisition day or "") of each item in a local file, or of a single Item.

    An item with an asset of several bands is that raster. Of an item with one asset per band, the assets whose name
    identifies their band are stacked. A relative ``href`` starts at the file. An item with neither yields its id, which
    no reader opens, so that it is reported as the failure of one scene.

    Raises:
        PrithviError: ``source_unreadable`` for anything else.
    """
    try:
        body = json.loads(path.read_text(encoding="utf-8"))
        kind = body.get("type")
        items = body["features"] if kind == "FeatureCollection" else [body]
        if kind not in ("FeatureCollection", "Feature") or any("assets" not in item for item in items):
            raise ValueError("it is no STAC Item and no collection of Items")
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as e:
        raise PrithviError(
            ErrorCode.SOURCE_UNREADABLE,
            f"{path} cannot be used: {e if str(e) else type(e).__name__}.",
            "Give the item collection that a STAC search returns (GeoJSON with assets).",
        ) from e
    for number, item in enumerate(items):
        name = str(item.get("id") or f"item{number + 1}")
        yield _source(item, path.absolute().parent) or f"{path}#{name}", name, _acquisition_day(item)


def _acquisition_day(item: Mapping[str, Any]) -> str:
    """Return the day of ``datetime``, which is UTC; a composite has none, but a start and an end."""
    properties = item.get("properties") or {}
    first, last = (day_of_text(str(properties.get(k) or "")) for k in ("start_datetime", "end_datetime"))
    day = day_of_text(str(properties.get("datetime") or "")) or (first if first == last else None)
    return day.isoformat() if day else ""


def _source(item: Mapping[str, Any], base: Path) -> str:
    """Return the item's raster, or the stack of its bands; empty if it has neither."""
    single: list[tuple[str, str]] = []
    for key, asset in item["assets"].items():
        href = str(asset.get("href", ""))
        roles = set(asset.get("roles") or ())
        if not href or roles & set(_PICTURES) or key in _PICTURES:
            continue
        names = _band_names(asset, key)
        if len(names) > 1:
            return _located(href, base)
        if "json" not in str(asset.get("type", "")) and "xml" not in str(asset.get("type", "")):
            single.append((names[0], _located(href, base)))
    properties = item.get("properties") or {}
    sensor = {k: str(properties.get(k, "")) for k in ("platform", "constellation", "instruments")}
    found = identify([name for name, _ in single], sensor)
    if found:
        return stack_name([(band, single[number - 1][1]) for band, number in found.items()])
    return single[0][1] if len(single) == 1 else ""


def _band_names(asset: Mapping[str, Any], key: str) -> list[str]:
    """Return the names of an asset's bands: common names of the eo extension first, or the asset's key."""
    bands = asset.get("eo:bands") or asset.get("bands") or []
    names = [str(b.get("common_name") or b.get("eo:common_name") or b.get("name") or "") for b in bands]
    if len(names) > 1:
        return names
    name = names[0] if names else ""
    # Sentinel-2's B08 and B8A may both be "nir": the key is more specific.
    return [key if identify([key], {}) and name in ("", "nir", "rededge") else name or key]


def _located(href: str, base: Path) -> str:
    return locate(href, str(base))
