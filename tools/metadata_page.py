"""Write docs/metadata.md, what is read from where, with the keys and presets that the code uses.

    python3 -m tools.metadata_page [--check]

``--check`` ends with 1 where the page is out of date, and writes nothing.
"""

from __future__ import annotations

import sys
import textwrap
from collections.abc import Iterable, Sequence
from pathlib import Path

from prithvi_qgis.core.folder_runs import stac, stac_metadata
from prithvi_qgis.core.protocol.stated_metadata import StatedBand
from prithvi_qgis.core.scenes import bands, dates, granules, scaling, sensors, sentinel2

PAGE = Path(__file__).parents[1] / "docs" / "metadata.md"
FACTS = ("band names", "scale and offset", "nodata value", "mask", "date", "CRS")
FILE, LAYER, ITEM = "the file", "its QGIS layer", stac_metadata.BY


def keys(*names: str) -> str:
    """Return keys as code, separated by commas."""
    return ", ".join(f"`{name}`" for name in names)


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """Return the lines of a table in Markdown."""
    return [*(f"| {' | '.join(line)} |" for line in (head, ["---"] * len(head), *rows)), ""]


def sources() -> list[tuple[str, ...]]:
    """Return one row per kind of source: where it holds each of :data:`FACTS`."""
    raster = (
        "description, `BandName`",
        "GDAL's scale and offset; 1 and 0 mean none",
        "GDAL's nodata value; NaN and infinity always",
        "mask (internal, `.msk`), alpha band",
        "[tags](#dates) of the bands, then of the file; its name",
        "its own, or that of its ground control points",
    )
    named = ", ".join(bands.label(band) for band in bands.LABELS)
    files = "one per band, named as NASA and USGS do: see [products](sensors.md#one-file-a-band-hls-landsat)"
    return [
        ("QGIS layer", "names set in QGIS", "", "further ranges; the file's value switched off", "", "", "the layer's"),
        ("GeoTIFF, VRT, other rasters of GDAL", *raster),
        (
            "Sentinel-2 product (`.SAFE`, `.zip`, `MTD_MSI....xml`)",
            f"fixed: {' '.join((*sentinel2.CORE, *sentinel2.FURTHER))}",
            keys("QUANTIFICATION_VALUE", "RADIO_ADD_OFFSET", "BOA_ADD_OFFSET"),
            "0",
            "",
            keys("PRODUCT_START_TIME"),
            keys("HORIZONTAL_CS_CODE"),
        ),
        (
            "HLS granule, Landsat product",
            files,
            "as in its files",
            "as in its files",
            "as in its files",
            "its name",
            "its files'",
        ),
        ("STAC item, one asset per band", f"[keys](#stac-items) that mean {named}", *item_facts()),
        ("STAC item, one asset of several bands", "[keys](#stac-items), in the order of the file", *item_facts()),
        (
            "`SENSOR`, or the sensor that tags show",
            "the [preset's](#presets) order, for bands without names",
            "the preset's",
            "the preset's, where no mask and no value is declared",
            "",
            "",
            "",
        ),
        ("model card", "the model's order, for as many bands without names", "`scale`, `offset`", "", "", "", ""),
    ]


def item_facts() -> tuple[str, ...]:
    """Return the cells of a STAC item but its band names."""
    return (
        keys(stac_metadata.SCALE[0], stac_metadata.OFFSET[0]) + " and others",
        keys(stac_metadata.NODATA[0]),
        "of the files",
        keys(*stac_metadata.DATES),
        keys(*stac_metadata.CRS),
    )


def orders() -> list[tuple[str, ...]]:
    """Return one row per fact: where it is taken from, first to last, and what happens without it."""
    between = f"{FILE}, {ITEM}"
    model = "the model's, with a warning where the numbers look like an offset left in"
    return [
        (
            "band names",
            f"`BANDS`, {LAYER}, {between}, the sensor's order",
            "as many bands as the model has: its order, with a warning; otherwise the scene is refused",
        ),
        (
            "scale and offset",
            f"`SCALE` and `OFFSET`, {LAYER}, {between}, none for floating-point numbers that are reflectance, the "
            "sensor's, Sentinel-2's [processing baseline](#sentinel-2s-offset)",
            f"{model}; 8-bit numbers and what cannot be reflectance are refused",
        ),
        (
            "nodata value",
            f"{LAYER} and {between}, the sensor's",
            "no value is nodata; values that cannot be reflectance are refused",
        ),
        ("mask", FILE, "every pixel counts, but for nodata values"),
        (
            "date",
            f"`DATES`, {LAYER}, tags of the bands, tags of {FILE}, its name, {ITEM}, `{dates.FILE_DATE}`",
            "a model with dates is given none, with a warning; several dates keep the given order, with a warning",
        ),
        ("CRS", f"{LAYER}, {between}", "the mask has none, areas are pixels, with a warning"),
    ]


def stac_fields() -> list[tuple[str, ...]]:
    """Return one row per fact of a STAC item."""
    around = "band, asset, `item_assets`, item"
    rows: list[tuple[str, tuple[str, ...], str]] = [
        ("list of bands", stac_metadata.BAND_LISTS, "asset, `item_assets`"),
        ("band name", (*stac_metadata.COMMON_NAME, *stac_metadata.BAND_NAME), "band; otherwise the asset's key"),
        ("wavelength", stac_metadata.WAVELENGTH_UM, around),
        ("scale", stac_metadata.SCALE, around),
        ("offset", stac_metadata.OFFSET, around),
        ("nodata", stac_metadata.NODATA, around),
        ("unit: percent is converted, others but none are warned of", stac_metadata.UNIT, around),
        ("pixel type for which these hold", stac_metadata.DTYPE, around),
        (
            "pixel size, to choose the finest file of a band",
            ("proj:transform", *stac_metadata.RESOLUTION, "gsd"),
            around,
        ),
        ("CRS", stac_metadata.CRS, around),
        ("geotransform, for files without one of this size", ("proj:transform", "proj:shape"), around),
        ("date, of a day that is not open", stac_metadata.DATES, "item"),
        ("sensor", stac_metadata.SENSOR, "item; otherwise its `id` and `collection`"),
        ("processing baseline", stac_metadata.BASELINE, "item"),
        ("product, whose name has the baseline", stac_metadata.PRODUCT, "item; its `id`, files"),
        ("offset taken out already", stac_metadata.OFFSET_APPLIED, "item"),
    ]
    return [(fact, keys(*names), where) for fact, names, where in rows]


def presets() -> list[tuple[str, ...]]:
    """Return one row per preset of a sensor."""
    return [
        (
            f"`{s.id}`",
            s.title,
            "; or ".join(f"{len(order)}: {' '.join(band or '(quality)' for band in order)}" for order in s.orders),
            f"{s.scale:.7f}".rstrip("0"),
            f"{s.offset:g}",
            f"{s.nodata:g}",
        )
        for s in sensors.SENSORS
    ]


def offsets() -> list[tuple[str, str]]:
    """Return one row per way in which an item speaks of Sentinel-2's offset, with the offset that the code uses."""
    rows = []
    early, late = "03.01", f"{stac_metadata.OFFSET_SINCE:05.2f}"
    for baseline in (late, early):
        for applied in (None, False, True):
            for offset in (None, 0.0, -0.1):
                facts = stac_metadata.ItemFacts({}, "", baseline, applied)
                asset = stac_metadata.Asset("red", "", "", frozenset(), ())
                warnings: list[str] = []
                band = StatedBand(scale=None if offset is None else 1e-4, offset=offset)
                used = stac_metadata.with_offset(band, facts, asset, [], warnings).offset
                flag = "" if applied is None else str(applied).lower()
                by_tag = -1e-4 * stac_metadata.ADDED if baseline == late else 0.0
                declared = "no scale" if offset is None else f"{offset:g}"
                text = f"{by_tag if used is None else used:g}" + (", with a warning" if warnings else "")
                rows.append((baseline, flag, declared, text))
    return rows


def paragraph(text: str) -> list[str]:
    """Return a paragraph as the lines of a page."""
    return [*textwrap.wrap(" ".join(text.split()), 128, break_long_words=False, break_on_hyphens=False), ""]


def page() -> str:
    """Return the page."""
    lines = [
        "# What is read from where",
        "",
        "<!-- Written by tools/metadata_page.py: change that, and run python3 -m tools.metadata_page. -->",
        "",
        *paragraph(
            """
            The metadata of a scene decide how its numbers become reflectance. This page lists the sources, the
            order in which they count, and what happens when none of them has an answer. What was used
            stands in the form, in the log, and in the mask's metadata; a contradiction between sources is a
            warning.
            """
        ),
        "## Sources",
        "",
        *table(["source", *FACTS], sources()),
        *paragraph(
            """
            A stack of files has the tags that all of its files share. What a layer states precedes its file,
            since that is what you see in QGIS. What a STAC item states fills what its files leave open.
            """
        ),
        "## Order",
        "",
        *table(["fact", "first to last", "when nothing is known"], orders()),
        "## STAC items",
        "",
        *table(["fact", "keys, in this order", "where, nearest first"], stac_fields()),
        *paragraph(
            f"""
            Keys without a prefix but `nodata`, `unit` and `data_type` count in the object of a band only. A
            list with one object is of all bands. Of several assets with the same band the GeoTIFF counts before
            the JPEG 2000 file, then the finest. Assets whose key or role is one of {keys(*stac.PICTURES)} are
            no bands. A malformed asset is left out and named in a warning; an item without a usable asset fails
            alone.
            """
        ),
        "## Sentinel-2's offset",
        "",
        *paragraph(
            f"""
            From processing baseline {stac_metadata.OFFSET_SINCE:05.2f} on, stored values carry
            {stac_metadata.ADDED}. The baseline is read from the tags {keys(*scaling.BASELINE_KEYS)}, and from a
            STAC item. Earth Search subtracts the offset from some of its GeoTIFFs and declares it nevertheless;
            its JPEG 2000 files are ESA's own. Where dark pixels would lie below {scaling.BELOW_ZERO:g}, an
            item's offset is left out, with a warning.
            """
        ),
        *table(
            ["baseline", f"`{stac_metadata.OFFSET_APPLIED[0]}`", "offset of the item", "offset that is used"], offsets()
        ),
        "## Dates",
        "",
        *paragraph(
            f"""
            Tags, best first: {keys(*dates.TAG_KEYS[:-1])}; product names in {keys(*dates.NAME_KEYS[1:])}; at
            last `{dates.FILE_DATE}`, which may be when the file was written. Names of files and of their
            folders are read as HLS, Sentinel-2 and Landsat write them.
            """
        ),
        "## Presets",
        "",
        *table(["`SENSOR`", "product", "bands", "scale", "offset", "nodata"], presets()),
        *paragraph(f"Products of one file per band: {', '.join(granules.TITLES.values())}."),
    ]
    return "\n".join(lines).rstrip() + "\n"


def main(arguments: Sequence[str]) -> int:
    """Write or check the page; returns the exit code."""
    text = page()
    if list(arguments) == ["--check"]:
        if PAGE.read_text(encoding="utf-8") == text:
            return 0
        print(f"{PAGE} is out of date: python3 -m tools.metadata_page", file=sys.stderr)
        return 1
    PAGE.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
