"""A folder of small made scenes, some of them broken in ten different ways. Needs QGIS's Python, for GDAL."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
from osgeo import gdal, osr

gdal.UseExceptions()

BANDS = ("B02", "B03", "B04", "B8A", "B11", "B12")
LAND = np.array([900, 1100, 1200, 2900, 2600, 1700])[:, None, None]
WATER = np.array([700, 750, 550, 250, 100, 80])[:, None, None]


def make_folder(folder: Path, good: int, broken: int, side: int = 96) -> list[str]:
    """Write ``good`` scenes, two thirds of them in subfolders, and ``broken`` ones; return the latter's names."""
    names = []
    for n in range(good):
        path = folder / ("", "may", "june")[n % 3] / f"scene{n // 3:03d}.tif"
        path.parent.mkdir(parents=True, exist_ok=True)
        write(path, pixels(side + n % 7, side + n % 5, n), east=n * (side + 8) * 10)
    ways = list(WAYS.items())
    for n in range(broken):
        way, make = ways[n % len(ways)]
        path = folder / f"broken{n:03d}-{way}{'.vrt' if way == 'vrt' else '.tif'}"
        make(path)
        names.append(path.name)
    return names


def pixels(height: int, width: int, seed: int) -> np.ndarray:
    """Return (6, height, width) uint16: land with lakes and noise."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[:height, :width]
    lake = np.sin((y + seed) / 23.0) + np.cos(x / 31.0) > 0.8
    return (np.where(lake, WATER, LAND) + rng.normal(0, 60, (6, height, width))).clip(1, 60000).astype(np.uint16)


def write(path: Path, values: np.ndarray, kind: int = gdal.GDT_UInt16, east: int = 0) -> None:
    """Write (bands, height, width) values as a GeoTIFF with Sentinel-2's band names."""
    bands, height, width = values.shape
    dataset = gdal.GetDriverByName("GTiff").Create(str(path), width, height, bands, kind)
    dataset.SetGeoTransform((500000.0 + east, 10.0, 0.0, 4500000.0, 0.0, -10.0))
    utm = osr.SpatialReference()
    utm.ImportFromEPSG(32630)
    dataset.SetProjection(utm.ExportToWkt())
    for i in range(bands):
        band = dataset.GetRasterBand(i + 1)
        band.WriteArray(values[i])
        band.SetDescription(BANDS[i])
    dataset.FlushCache()


def _truncated(path: Path) -> None:
    write(path, pixels(256, 256, 0))
    data = path.read_bytes()
    path.write_bytes(data[: len(data) // 2])


def _text(path: Path) -> None:
    path.write_text("This is no picture.")


def _four_bands(path: Path) -> None:
    write(path, pixels(64, 64, 0)[:4])


def _complex(path: Path) -> None:
    write(path, pixels(64, 64, 0).astype(np.complex64), gdal.GDT_CFloat32)


def _palette(path: Path) -> None:
    dataset = gdal.GetDriverByName("GTiff").Create(str(path), 64, 64, 1, gdal.GDT_Byte)
    colours = gdal.ColorTable()
    colours.SetColorEntry(1, (200, 30, 30, 255))
    dataset.GetRasterBand(1).SetColorTable(colours)


def _picture(path: Path) -> None:
    write(path, (pixels(64, 64, 0) // 12).astype(np.uint8), gdal.GDT_Byte)


def _bright(path: Path) -> None:
    write(path, np.full((6, 64, 64), 60000, np.uint16))


def _dark(path: Path) -> None:
    write(path, np.full((6, 64, 64), 1, np.uint16))


def _dangling(path: Path) -> None:
    path.symlink_to("nowhere.tif")


def _vrt(path: Path) -> None:
    bands = "".join(
        f'<VRTRasterBand dataType="UInt16" band="{n + 1}"><Description>{name}</Description><SimpleSource>'
        '<SourceFilename relativeToVRT="1">gone.tif</SourceFilename><SourceBand>1</SourceBand>'
        '<SourceProperties RasterXSize="64" RasterYSize="64" DataType="UInt16"/></SimpleSource></VRTRasterBand>'
        for n, name in enumerate(BANDS)
    )
    path.write_text(f'<VRTDataset rasterXSize="64" rasterYSize="64">{bands}</VRTDataset>')


WAYS: dict[str, Callable[[Path], None]] = {
    "truncated": _truncated,
    "text": _text,
    "fourbands": _four_bands,
    "complex": _complex,
    "palette": _palette,
    "picture": _picture,
    "bright": _bright,
    "dark": _dark,
    "dangling": _dangling,
    "vrt": _vrt,
}


def contents(folder: Path) -> dict[str, bytes]:
    """Return the pixels of each mask by its path in the folder; leftovers are listed as ``?name``."""
    found = {}
    for path in sorted(p for p in folder.rglob("*") if p.is_file()):
        name = path.relative_to(folder).as_posix()
        if name.endswith("_mask.tif"):
            dataset = gdal.Open(str(path))
            found[name] = dataset.GetRasterBand(1).ReadAsArray().tobytes()
            del dataset
        elif ".prithvi-" in name and not name.endswith("run.lock"):
            found[f"?{name}"] = os.fsencode(name)
    return found
