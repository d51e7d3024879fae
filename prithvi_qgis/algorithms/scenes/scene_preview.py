"""Reads the scene metadata that the form needs to preview band selection and scaling.

The engine opens the scene itself; here QGIS's GDAL reads the same metadata, and the same rules of ``core`` decide.
Opening and sampling may be slow (a scene behind a URL): keep them off the main thread.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Optional

import numpy as np
from osgeo import gdal, osr

from ...core.errors import ErrorCode, PrithviError
from ...core.folder_runs.fingerprint import source_files
from ...core.models.model_card import ModelCard
from ...core.protocol.stated_metadata import StatedMetadata
from ...core.scenes.band_evidence import describe_band
from ...core.scenes.bands import choose_bands, cirrus_band, identify, order_note
from ...core.scenes.dates import FoundDate, date_in_name, find_date, with_stated_date
from ...core.scenes.fill import BandFill, band_fill, sample_lines, without_fill, zero_is_fill
from ...core.scenes.gdal_names import is_remote
from ...core.scenes.granules import with_whole_product
from ...core.scenes.pixel_types import refuse_unsupported
from ...core.scenes.pixel_window import pixel_window
from ...core.scenes.resolution import Size, edge_middles, far_off, pixel_size_m
from ...core.scenes.sampling import sample_windows
from ...core.scenes.scaling import Spread, choose_scaling
from ...core.scenes.scene_metadata import BandMetadata, Ranges, SceneMetadata, declared_scaling, merge_stated
from ...core.scenes.sensors import Sensor, fill_nodata, find_sensor
from ...core.scenes.validity import MaskBands, declares_nodata, mask_bands, stored_range
from .geodetic_base import geodetic_base
from .product_files import all_tags, product_at, with_lost_masks

_KINDS = {
    gdal.GDT_Byte: "uint8",
    gdal.GDT_CInt16: "complex_int16",
    gdal.GDT_CInt32: "complex_int32",
    gdal.GDT_CFloat32: "complex64",
    gdal.GDT_CFloat64: "complex128",
}
Extent = tuple[float, float, float, float]


@dataclass(frozen=True)
class SceneFacts:
    """Metadata of a scene."""

    name: str
    """Name for messages."""
    path: str
    """What GDAL opens; empty for a layer that only QGIS can read. The VRT of a product."""
    bands: tuple[str, ...]
    """Descriptions, "" where there is none."""
    kinds: tuple[str, ...] = ()
    """numpy's name of each band's type."""
    alphas: tuple[int, ...] = ()
    """1-based numbers of the bands that hold transparency."""
    palettes: tuple[int, ...] = ()
    """1-based numbers of the bands that hold indices of a colour table."""
    tags: dict[str, str] = field(default_factory=dict)
    """Metadata on sensor and product."""
    crs: str = ""
    """Well-known text, empty where there is none."""
    sensor: str = ""
    """Id of the preset that the user chose."""
    notes: tuple[str, ...] = ()
    """Notes about a product."""
    warnings: tuple[str, ...] = ()
    """Warnings about a product."""
    date: Optional[FoundDate] = None
    """When it was acquired; None where that is unknown."""
    pixel_m: Optional[Size] = None
    """Width and height of a pixel in metres, None without georeference."""
    metadata: Optional[SceneMetadata] = None
    """Of the file, merged with what its layer states; None for a layer that only QGIS can read."""
    open_options: tuple[str, ...] = ()
    """``NAME=VALUE`` for GDAL."""

    @property
    def preset(self) -> Optional[Sensor]:
        """The sensor, as chosen or as detected from the tags."""
        return find_sensor(self.sensor, self.tags)

    @property
    def data_bands(self) -> list[int]:
        """1-based numbers of the bands that hold more than transparency."""
        return [n for n in range(1, len(self.bands) + 1) if n not in self.alphas]

    @property
    def ordered_by(self) -> str:
        """The sensor whose order stands in for the names of the bands, or empty."""
        preset = self.preset
        return preset.title if preset and order_note([self.bands[n - 1] for n in self.data_bands], preset) else ""

    def identified(self) -> dict[str, int]:
        """TerraTorch band name to 1-based number, for the bands that can be identified."""
        numbers = self.data_bands
        found = identify([self.bands[n - 1] for n in numbers], self.tags, self.preset)
        return {band: numbers[index - 1] for band, index in found.items()}


@dataclass(frozen=True)
class ScenePreview:
    """What the engine will do with a scene."""

    scaling: str
    """How numbers become reflectance; empty for a layer that is copied for the engine, whose pixels are not read."""
    warnings: tuple[str, ...]
    notes: tuple[str, ...] = ()
    """What is taken from a product or a sensor's preset."""


def read_facts(path: str, name: str, stated: Optional[StatedMetadata] = None) -> SceneFacts:
    """Open a scene and read its metadata; slow for a URL.

    Args:
        path: file, GDAL name or layer's source.
        name: for messages.
        stated: metadata from outside the file.
    Raises:
        PrithviError: ``source_unreadable`` or ``source_unsupported``.
    """
    if any(map(is_remote, source_files(path))):
        gdal.VSICurlClearCache()  # QGIS's GDAL keeps what it has read, and the engine reads what is there now
    product = product_at(path)
    location = product.vrt if product else path
    name = product.name if product else name
    options = stated.open_options if stated and not product else ()
    if not product:
        with _opened(location, name, options) as dataset:
            location = with_lost_masks(dataset) or location
    with _opened(location, name, options) as dataset:
        bands = [dataset.GetRasterBand(n) for n in range(1, dataset.RasterCount + 1)]
        colours = [b.GetColorInterpretation() for b in bands]
        metadata = _merged(dataset, bands, stated, name)
        tags = metadata.tags
        date = find_date("", [b.tags for b in metadata.bands], tags, path) or date_in_name(name)
        facts = SceneFacts(
            name=name,
            path=location,
            bands=tuple(b.name for b in metadata.bands),
            kinds=tuple(b.dtype for b in metadata.bands),
            alphas=tuple(n for n, c in enumerate(colours, 1) if c == gdal.GCI_AlphaBand),
            palettes=tuple(n for n, c in enumerate(colours, 1) if c == gdal.GCI_PaletteIndex),
            tags=tags,
            crs=metadata.crs,
            notes=(*((product.note,) if product else ()), *metadata.notes),
            warnings=(*(product.warnings if product else ()), *metadata.warnings),
            pixel_m=_pixel_size_m(dataset, metadata.crs),
            date=with_stated_date(date, stated),
            metadata=metadata,
            open_options=tuple(options),
        )
        parts = [s[0] for s in dataset.GetSubDatasets()] if not bands else []
    refuse_unsupported(name, facts.kinds, facts.palettes, parts, [1] if len(facts.bands) < 3 else [])
    return facts


def automatic_bands(facts: SceneFacts, card: ModelCard) -> tuple[Optional[int], ...]:
    """Return the engine's choice, one number per band of the model; None where it finds none."""
    try:
        return choose(facts, card, ())[0]
    except PrithviError:
        found = facts.identified()
        return tuple(found.get(band) for band in card.bands)


def choose(facts: SceneFacts, card: ModelCard, chosen: Sequence[int]) -> tuple[tuple[int, ...], list[str]]:
    """Return the bands that the engine will use, with its warnings.

    Args:
        chosen: 1-based numbers given by the user; empty leaves the choice to the engine.
    Raises:
        PrithviError: ``bands_missing``.
    """
    numbers = facts.data_bands
    names = facts.bands if chosen else [facts.bands[n - 1] for n in numbers]
    try:
        bands, warnings = choose_bands(card.bands, names, chosen, facts.name, card.id, facts.tags, facts.preset)
    except PrithviError as e:
        raise with_whole_product(e, facts.path) from None
    return (bands if chosen else tuple(numbers[b - 1] for b in bands)), warnings


def preview_scene(
    facts: SceneFacts,
    card: ModelCard,
    chosen: Sequence[int],
    given: tuple[Optional[float], Optional[float]],
    extent: Optional[Extent],
    resolution_m: float = 0.0,
) -> ScenePreview:
    """Preview bands and scaling, as the engine's ``RasterSource.prepare`` decides them. Reads pixels: slow for a URL.

    Args:
        chosen: as in :func:`choose`.
        given: SCALE and OFFSET, None where not given.
        extent: (xmin, ymin, xmax, ymax) in the scene's CRS, or None for all of it.
        resolution_m: RESOLUTION, 0 where not given.
    Raises:
        PrithviError: what the engine would refuse.
    """
    bands, warnings = choose(facts, card, chosen)
    preset = facts.preset
    order = "" if chosen else order_note([facts.bands[n - 1] for n in facts.data_bands], preset)
    notes = (*facts.notes, *([order] if order else []))
    warnings = [*facts.warnings, *warnings]
    if not facts.path or facts.metadata is None:
        return ScenePreview("", tuple(warnings), notes)
    refuse_unsupported(facts.name, facts.kinds, facts.palettes, (), bands)
    merged = [facts.metadata.bands[n - 1] for n in bands]
    with _opened(facts.path, facts.name, facts.open_options) as dataset:
        used = [dataset.GetRasterBand(n) for n in bands]
        masks = mask_bands(bands, [b.GetMaskFlags() for b in used], facts.alphas)
        decided = bool(masks) or any(b.fixed_nodata or b.nodata_ranges for b in merged)
        nodata, more_notes = fill_nodata(preset, [b.nodata for b in merged], decided, facts.name)
        ranges = [
            tuple(found for one in b.all_ranges(value) if (found := stored_range(b.dtype, *one)))
            for b, value in zip(merged, nodata)
        ]
        area = _area(dataset, extent, facts.name)
        sample = _sample(used, masks, ranges, dataset, area)
        spread = _spread(without_fill(sample, bands))
        numbers = facts.data_bands
        cirrus = cirrus_band([facts.bands[n - 1] for n in numbers], facts.tags, preset, card.bands, chosen)
        if cirrus and spread.low:
            spread = replace(spread, cirrus=_darkest(dataset, numbers[cirrus - 1], area))
    scaling, more = choose_scaling(
        given,
        facts.metadata.scaling(bands),
        (card.scale, card.offset),
        len(bands),
        spread,
        facts.kinds[bands[0] - 1],
        facts.tags,
        facts.name,
        preset,
        facts.metadata.scaling_by,
    )
    is_declared = decided or any(declares_nodata(b.dtype, b.nodata) for b in merged)
    rules: list[Optional[BandFill]] = [
        band_fill(s, o, zero_is_fill(o, is_declared)) if s else None for s, o in zip(scaling.scale, scaling.offset)
    ]
    same, fill = sample_lines(facts.name, sample, bands, rules, is_declared)
    size = (resolution_m, resolution_m) if resolution_m > 0 else facts.pixel_m
    off = far_off(facts.name, size, card, resolution_m > 0)
    return ScenePreview(scaling.text, (*warnings, *more, *same, *off), (*notes, *more_notes, *fill))


def _merged(
    dataset: gdal.Dataset, bands: Sequence[gdal.Band], stated: Optional[StatedMetadata], name: str
) -> SceneMetadata:
    """Return a scene's metadata, merged of the file's and of what its layer states."""
    declared = tuple(map(_band_metadata, bands))
    crs = dataset.GetSpatialRef()
    file = SceneMetadata(declared, all_tags(dataset), crs.ExportToWkt(["FORMAT=WKT2_2019"]) if crs else "")
    return merge_stated(file, stated, name, lambda one, other: bool(_crs(one).IsSame(_crs(other))))


def _band_metadata(band: gdal.Band) -> BandMetadata:
    scale, offset = declared_scaling(band.GetScale(), band.GetOffset())
    tags = {**(band.GetMetadata() or {}), **(band.GetMetadata("IMAGERY") or {})}
    return BandMetadata(
        describe_band(band.GetDescription(), tags),
        _KINDS.get(band.DataType) or gdal.GetDataTypeName(band.DataType).lower(),
        scale,
        offset,
        band.GetNoDataValue(),
        tags=tags,
    )


def _crs(text: str) -> osr.SpatialReference:
    crs = osr.SpatialReference()
    crs.SetFromUserInput(text)
    crs.SetAxisMappingStrategy(osr.OAMS_TRADITIONAL_GIS_ORDER)
    return crs


def _pixel_size_m(dataset: gdal.Dataset, text: str) -> Optional[Size]:
    t, crs = dataset.GetGeoTransform(can_return_null=True), _crs(text) if text else None
    if t is None or crs is None:
        return None
    plane = None
    if not crs.IsGeographic() and crs.GetLinearUnitsName().lower() not in ("", "unknown"):
        unit = crs.GetLinearUnits()
        plane = float(np.hypot(t[1], t[4]) * unit), float(np.hypot(t[2], t[5]) * unit)
    base = geodetic_base(crs)
    if base is None:  # a CRS without a place on Earth
        return plane
    middles = edge_middles(dataset.RasterXSize / 2, dataset.RasterYSize / 2)
    xs, ys = zip(*(gdal.ApplyGeoTransform(t, *middle) for middle in middles))
    lon, lat = (np.degrees(v).tolist() for v in base.lon_lat(np.array(xs), np.array(ys)))
    return pixel_size_m(plane, list(zip(lon, lat)), (base.semi_major_m, base.flattening))


def _area(dataset: gdal.Dataset, extent: Optional[Extent], name: str) -> tuple[int, int, int, int]:
    """Return (column, row, width, height) of the whole pixels that ``extent`` touches."""
    width, height = dataset.RasterXSize, dataset.RasterYSize
    if extent is None:
        return 0, 0, width, height
    back = gdal.InvGeoTransform(dataset.GetGeoTransform())
    corners = [gdal.ApplyGeoTransform(back, x, y) for x in extent[::2] for y in extent[1::2]]
    area = pixel_window(corners, width, height)
    if area is None:
        raise PrithviError(
            ErrorCode.EXTENT_OUTSIDE,
            f"EXTENT {', '.join(f'{v:.10g}' for v in extent)} (xmin, ymin, xmax, ymax) does not touch {name}.",
            "Choose an extent over the scene.",
        )
    return area


def _sample(
    used: Sequence[gdal.Band],
    masks: MaskBands,
    ranges: Sequence[Ranges],
    dataset: gdal.Dataset,
    area: tuple[int, int, int, int],
) -> np.ndarray:
    """Return (bands, n) float64 stored values of the windows that the engine samples, without declared nodata."""
    block = dataset.GetRasterBand(1).GetBlockSize()
    validity = [dataset.GetRasterBand(n) for n in masks.alphas]
    validity += [dataset.GetRasterBand(masks.shared).GetMaskBand()] if masks.shared else []
    validity += [dataset.GetRasterBand(n).GetMaskBand() for n in masks.own]
    samples_of_windows = []
    for col, row, width, height in sample_windows(area, (block[0], block[1])):
        window = (area[0] + col, area[1] + row, width, height)
        values = np.stack([_pixels(b, window) for b in used])
        empty = np.zeros(values.shape[1:], bool)
        for mask in validity:
            empty |= _pixels(mask, window) == 0
        for band, of_band in zip(values, ranges):
            for low, high in of_band:
                empty |= (band >= low) & (band <= high)
        if np.issubdtype(values.dtype, np.floating):
            empty |= ~np.isfinite(values).all(axis=0)
        samples_of_windows.append(values[:, ~empty].astype(np.float64))
    return np.concatenate(samples_of_windows, axis=1)


def _spread(sample: np.ndarray) -> Spread:
    if not sample.size:
        return Spread()
    return Spread.of(np.percentile(sample, Spread.PERCENTILES, axis=1), not np.any(sample % 1))


def _darkest(dataset: gdal.Dataset, number: int, area: tuple[int, int, int, int]) -> Optional[float]:
    """Return the 0.5th percentile of Sentinel-2's cirrus band, whose fill is 0 or less."""
    band, block = dataset.GetRasterBand(number), dataset.GetRasterBand(1).GetBlockSize()
    windows = [(area[0] + c, area[1] + r, w, h) for c, r, w, h in sample_windows(area, (block[0], block[1]))]
    values = np.concatenate([v[v > 0] for v in (_pixels(band, window) for window in windows)])
    return float(np.percentile(values, Spread.PERCENTILES[0])) if values.size else None


def _pixels(band: gdal.Band, window: tuple[int, int, int, int]) -> np.ndarray:
    values = band.ReadAsArray(*window)
    if values is None:  # where GDAL is not set to raise
        raise RuntimeError(gdal.GetLastErrorMsg() or "its pixels cannot be read")
    return values


@contextlib.contextmanager
def _opened(path: str, name: str, options: Sequence[str] = ()) -> Iterator[gdal.Dataset]:
    """Open a scene for reading, whether or not GDAL's exceptions are on in QGIS."""
    gdal.PushErrorHandler("CPLQuietErrorHandler")
    try:
        dataset = gdal.OpenEx(path, gdal.OF_RASTER | gdal.OF_READONLY, open_options=list(options))
        if dataset is None:
            raise RuntimeError(gdal.GetLastErrorMsg() or "GDAL does not know it")
        yield dataset
    except RuntimeError as e:
        raise PrithviError(
            ErrorCode.SOURCE_UNREADABLE,
            f"{name or Path(path).name} cannot be read as a raster: {str(e).splitlines()[0].rstrip('.')}.",
            "Check that the file is complete and readable, for example with gdalinfo -checksum.",
        ) from e
    finally:
        gdal.PopErrorHandler()
