"""Tiny rasters for tests, made with GDAL: good ones, and each kind that must be refused."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from osgeo import gdal, osr

gdal.UseExceptions()

BANDS = ("B02", "B03", "B04", "B8A", "B11", "B12")
LAND_DN = (600, 900, 1000, 2600, 2200, 1500)
WATER_DN = (500, 600, 400, 150, 80, 50)
TRANSFORM = (500000.0, 10.0, 0.0, 4500000.0, 0.0, -10.0)


def scene(width: int = 96, height: int = 64, bands: int = 6) -> np.ndarray:
    """(bands, height, width) uint16 DN: land with a square of water and a little noise, the same each time."""
    random = np.random.default_rng(7)
    pixels = np.empty((bands, height, width), np.float64)
    for b in range(bands):
        pixels[b] = LAND_DN[b % 6]
        pixels[b, height // 4 : height // 2, width // 4 : width // 2] = WATER_DN[b % 6]
    return (pixels * random.normal(1, 0.05, pixels.shape)).clip(1, 20000).astype(np.uint16)


def write(
    path: Path,
    pixels: np.ndarray,
    *,
    names: tuple[str, ...] = BANDS,
    transform: tuple[float, ...] | None = TRANSFORM,
    nodata: float | None = None,
    kind: int | None = None,
    driver: str = "GTiff",
    crs: str = "EPSG:32630",
) -> str:
    """Write (bands, height, width) ``pixels`` and return the path as text."""
    bands, height, width = pixels.shape
    kinds = {"uint8": gdal.GDT_Byte, "uint16": gdal.GDT_UInt16, "float32": gdal.GDT_Float32, "int16": gdal.GDT_Int16}
    chosen = kinds[str(pixels.dtype)] if kind is None else kind
    dataset = gdal.GetDriverByName(driver).Create(str(path), width, height, bands, chosen)
    if transform is not None:
        dataset.SetGeoTransform(transform)
        system = osr.SpatialReference()
        system.SetFromUserInput(crs)
        dataset.SetSpatialRef(system)
    for number in range(1, bands + 1):
        band = dataset.GetRasterBand(number)
        band.WriteArray(pixels[number - 1])
        if number <= len(names):
            band.SetDescription(names[number - 1])
        if nodata is not None:
            band.SetNoDataValue(nodata)
    dataset.FlushCache()
    del dataset
    return str(path)


def write_palette(path: Path) -> str:
    """Six would-be bands of palette indices (a PNG-like colour table on the first)."""
    dataset = gdal.GetDriverByName("GTiff").Create(str(path), 32, 32, 1, gdal.GDT_Byte)
    dataset.SetGeoTransform(TRANSFORM)
    band = dataset.GetRasterBand(1)
    colours = gdal.ColorTable()
    colours.SetColorEntry(1, (200, 30, 30, 255))
    band.SetColorTable(colours)
    band.WriteArray(np.ones((32, 32), np.uint8))
    dataset.FlushCache()
    del band, dataset
    return str(path)


def write_truncated(path: Path) -> str:
    """A GeoTIFF whose header is whole and whose pixels end too early."""
    write(path, scene(256, 256))
    data = path.read_bytes()
    path.write_bytes(data[: len(data) // 2])
    return str(path)
