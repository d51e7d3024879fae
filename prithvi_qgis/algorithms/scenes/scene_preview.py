"""Reads the scene metadata that the form needs to preview band selection and scaling.

The engine opens the scene itself; here QGIS's GDAL reads the same metadata, and the same rules of ``core`` decide.
Opening and sampling may be slow (a scene behind a URL): keep them off the main thread.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Optional

import numpy as np
from osgeo import gdal, osr

from ...core.errors import ErrorCode, PrithviError
from ...core.folder_runs.fingerprint import source_files
from ...core.models.model_card import ModelCard
from ...core.scenes.bands import choose_bands, identify, order_note
from ...core.scenes.dates import FoundDate, date_in_name, find_date
from ...core.scenes.gdal_names import is_remote
from ...core.scenes.granules import with_whole_product
from ...core.scenes.pixel_types import refuse_unsupported
from ...core.scenes.pixel_window import pixel_window
from ...core.scenes.resolution import Size, edge_middles, far_off, pixel_size_m
from ...core.scenes.sampling import sample_windows
from ...core.scenes.scaling import Spread, choose_scaling
from ...core.scenes.sensors import Sensor, fill_nodata, find_sensor
from .product_files import product_at

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


def read_facts(path: str, name: str) -> SceneFacts:
    """Open a scene and read its metadata; slow for a URL.

    Raises:
        PrithviError: ``source_unreadable`` or ``source_unsupported``.
    """
    if any(map(is_remote, source_files(path))):
        gdal.VSICurlClearCache()  # QGIS's GDAL keeps what it has read, and the engine reads what is there now
    product = product_at(path)
    location = product.vrt if product else path
    name = product.name if product else name
    with _opened(location, name) as dataset:
        bands = [dataset.GetRasterBand(n) for n in range(1, dataset.RasterCount + 1)]
        colours = [b.GetColorInterpretation() for b in bands]
        tags: dict[str, str] = {}
        for domain in ("", "IMAGERY", "TIFFTAG"):
            tags.update(dataset.GetMetadata(domain) or {})
        facts = SceneFacts(
            name=name,
            path=location,
            bands=tuple(b.GetDescription() or b.GetMetadataItem("BandName") or "" for b in bands),
            kinds=tuple(_KINDS.get(b.DataType) or gdal.GetDataTypeName(b.DataType).lower() for b in bands),
            alphas=tuple(n for n, c in enumerate(colours, 1) if c == gdal.GCI_AlphaBand),
            palettes=tuple(n for n, c in enumerate(colours, 1) if c == gdal.GCI_PaletteIndex),
            tags=tags,
            crs=dataset.GetProjection() or "",
            notes=(product.note,) if product else (),
            warnings=product.warnings if product else (),
            pixel_m=_pixel_size_m(dataset),
            date=find_date("", [b.GetMetadata() or {} for b in bands], tags, path) or date_in_name(name),
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
    if not facts.path:
        return ScenePreview("", tuple(warnings), notes)
    refuse_unsupported(facts.name, facts.kinds, facts.palettes, (), bands)
    with _opened(facts.path, facts.name) as dataset:
        used = [dataset.GetRasterBand(n) for n in bands]
        own = ([_or(b.GetScale(), 1.0) for b in used], [_or(b.GetOffset(), 0.0) for b in used])
        validity = _validity(dataset, bands, facts.alphas)
        nodata, more_notes = fill_nodata(preset, [b.GetNoDataValue() for b in used], bool(validity), facts.name)
        spread = _sample(used, validity, nodata, dataset, _area(dataset, extent, facts.name))
    scaling, more = choose_scaling(
        given,
        own,
        (card.scale, card.offset),
        len(bands),
        spread,
        facts.kinds[bands[0] - 1],
        facts.tags,
        facts.name,
        preset,
    )
    size = (resolution_m, resolution_m) if resolution_m > 0 else facts.pixel_m
    off = far_off(facts.name, size, card, resolution_m > 0)
    return ScenePreview(scaling.text, (*warnings, *more, *off), (*notes, *more_notes))


def _pixel_size_m(dataset: gdal.Dataset) -> Optional[Size]:
    t, crs = dataset.GetGeoTransform(can_return_null=True), dataset.GetSpatialRef()
    if t is None or crs is None:
        return None
    plane = None
    if not crs.IsGeographic():
        unit = crs.GetLinearUnits()
        plane = float(np.hypot(t[1], t[4]) * unit), float(np.hypot(t[2], t[5]) * unit)
    degrees = osr.SpatialReference()
    degrees.ImportFromEPSG(4326)
    for system in (crs, degrees):
        system.SetAxisMappingStrategy(osr.OAMS_TRADITIONAL_GIS_ORDER)
    middles = edge_middles(dataset.RasterXSize / 2, dataset.RasterYSize / 2)
    points = [gdal.ApplyGeoTransform(t, *middle) for middle in middles]
    try:
        places = osr.CoordinateTransformation(crs, degrees).TransformPoints(points)
    except RuntimeError:  # a CRS without a location on Earth
        places = []
    return pixel_size_m(plane, [(x, y) for x, y, *_ in places])


def _or(value: Optional[float], default: float) -> float:
    return default if value is None else float(value)


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


def _validity(dataset: gdal.Dataset, bands: Sequence[int], alphas: Sequence[int]) -> list[gdal.Band]:
    """Return the mask and alpha bands that mark where there is data."""
    used = [dataset.GetRasterBand(n) for n in bands]
    masked = any(b.GetMaskFlags() & gdal.GMF_PER_DATASET and not b.GetMaskFlags() & gdal.GMF_ALPHA for b in used)
    validity = [used[0].GetMaskBand()] if masked else []
    return [*validity, *[dataset.GetRasterBand(n) for n in alphas if n not in bands][:1]]


def _sample(
    used: Sequence[gdal.Band],
    validity: Sequence[gdal.Band],
    nodata: Sequence[Optional[float]],
    dataset: gdal.Dataset,
    area: tuple[int, int, int, int],
) -> Spread:
    """Return percentiles of the valid stored numbers in the small windows that the engine samples as well."""
    block = dataset.GetRasterBand(1).GetBlockSize()
    samples_of_windows = []
    for col, row, width, height in sample_windows(area, (block[0], block[1])):
        window = (area[0] + col, area[1] + row, width, height)
        values = np.stack([_pixels(b, window) for b in used])
        empty = np.zeros(values.shape[1:], bool)
        for mask in validity:
            empty |= _pixels(mask, window) == 0
        for band, missing in zip(values, nodata):
            if missing is not None and not np.isnan(missing):
                empty |= band == missing
        if np.issubdtype(values.dtype, np.floating):
            empty |= ~np.isfinite(values).all(axis=0)
        samples_of_windows.append(values[:, ~empty].astype(np.float64))
    samples = np.concatenate(samples_of_windows, axis=1)
    return Spread.of(np.percentile(samples, Spread.PERCENTILES, axis=1)) if samples.size else Spread()


def _pixels(band: gdal.Band, window: tuple[int, int, int, int]) -> np.ndarray:
    values = band.ReadAsArray(*window)
    if values is None:  # where GDAL is not set to raise
        raise RuntimeError(gdal.GetLastErrorMsg() or "its pixels cannot be read")
    return values


@contextlib.contextmanager
def _opened(path: str, name: str) -> Iterator[gdal.Dataset]:
    """Open a scene for reading, whether or not GDAL's exceptions are on in QGIS."""
    gdal.PushErrorHandler("CPLQuietErrorHandler")
    try:
        dataset = gdal.OpenEx(path, gdal.OF_RASTER | gdal.OF_READONLY)
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
