"""Small products of one file a band, as HLS and Landsat are downloaded, for the tests of both sides.

Names, types, nodata and tags are those of real files as far as anything reads them; only the size is not: 120 x 80
pixels of 30 m. Every band has its own pixels, and quality lies beside.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

S30 = "HLS.S30.T10SEG.2023200T184921.v2.0"
L30 = "HLS.L30.T10SEG.2023205T183905.v2.0"
LANDSAT = "LC08_L2SP_044034_20230721_20230802_02_T1"
ROWS, COLS, METRES = 80, 120, 30
LEFT, TOP = 600000.0, 4300020.0
# The published models' six in their order, then what else has a reflectance; and what has none.
SIX = {
    S30: ("B02", "B03", "B04", "B8A", "B11", "B12"),
    L30: ("B02", "B03", "B04", "B05", "B06", "B07"),
    LANDSAT: ("SR_B2", "SR_B3", "SR_B4", "SR_B5", "SR_B6", "SR_B7"),
}
FURTHER = {S30: ("B01", "B05", "B06", "B07", "B08"), L30: ("B01",), LANDSAT: ("SR_B1",)}
BESIDE = {
    S30: ("B09", "B10", "Fmask", "SAA", "SZA", "VAA", "VZA"),
    L30: ("B09", "B10", "B11", "Fmask", "SAA", "SZA", "VAA", "VZA"),
    LANDSAT: ("SR_QA_AEROSOL", "ST_B10", "ST_QA", "QA_PIXEL", "QA_RADSAT"),
}
_LAND, _WATER = (600, 900, 1000, 2600, 2200, 1500), (500, 600, 400, 150, 80, 50)
LAKE = (slice(20, 55), slice(30, 75))


def pixels(name: str, band: str, seed: int = 0) -> np.ndarray:
    """(ROWS, COLS) stored numbers: land, a lake, a corner without data, and noise of the band's own."""
    order = (*SIX[name], *FURTHER[name], *BESIDE[name])
    number = order.index(band)
    values = np.full((ROWS, COLS), float(_LAND[number] if number < 6 else 1200))
    values[LAKE] = _WATER[number] if number < 6 else 300
    values *= np.random.default_rng(100 * seed + number).normal(1, 0.05, values.shape)
    values = (values * 1e-4 + 0.2) / 2.75e-5 if name == LANDSAT else values
    values[:15, :20] = nodata(name)
    return values.astype(np.uint16 if name == LANDSAT else np.int16)


def nodata(name: str) -> int:
    """The number that means it."""
    return 0 if name == LANDSAT else -9999


def file_of(folder: Path, name: str, band: str, as_name: str = "") -> Path:
    """The file of a band."""
    return folder / f"{as_name or name}{f'_{band}.TIF' if name == LANDSAT else f'.{band}.tif'}"


def write_granule(
    folder: Path, name: str, *, without: tuple[str, ...] = (), seed: int = 0, as_name: str = "", scaled: bool = True
) -> Path:
    """Write a product's files into ``folder``, which it returns.

    Args:
        without: bands that are left out; seed: of the noise.
        as_name: another date of the same place, or another tile; scaled: whether HLS files carry their scale.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for band in (*SIX[name], *FURTHER[name], *BESIDE[name]):
        if band in without:
            continue
        values = pixels(name, band, seed)
        if band in BESIDE[name]:
            values = (values % 250).astype(np.uint8)
        scale = 1e-4 if scaled and name != LANDSAT and band not in BESIDE[name] else 1.0
        write_raster(file_of(folder, name, band, as_name), values[None], nodata=nodata(name), scale=scale)
    return folder


def write_raster(
    path: Path,
    values: np.ndarray,
    names: tuple[str, ...] = (),
    *,
    nodata: float,
    scale: float = 1.0,
    offset: float = 0.0,
) -> None:
    """With the GDAL of whichever Python this is: the engine has rasterio, QGIS has osgeo."""
    declared = None if values.dtype == np.uint8 else nodata
    try:
        import rasterio
    except ImportError:
        from osgeo import gdal, osr

        kind = {"uint8": gdal.GDT_Byte, "int16": gdal.GDT_Int16, "uint16": gdal.GDT_UInt16}[str(values.dtype)]
        options = ["TILED=YES", "BLOCKXSIZE=64", "BLOCKYSIZE=64", "COMPRESS=DEFLATE"]
        out = gdal.GetDriverByName("GTiff").Create(str(path), COLS, ROWS, len(values), kind, options)
        out.SetGeoTransform((LEFT, METRES, 0, TOP, 0, -METRES))
        utm = osr.SpatialReference()
        utm.ImportFromEPSG(32610)
        out.SetProjection(utm.ExportToWkt())
        for number, one in enumerate(values, 1):
            band = out.GetRasterBand(number)
            band.WriteArray(one)
            band.SetDescription(names[number - 1] if names else "")
            if declared is not None:
                band.SetNoDataValue(declared)
            if scale != 1:
                band.SetScale(scale)
                band.SetOffset(offset)
        return
    with rasterio.open(
        path, "w", driver="GTiff", width=COLS, height=ROWS, count=len(values), dtype=values.dtype, crs="EPSG:32610",
        transform=rasterio.Affine(METRES, 0, LEFT, 0, -METRES, TOP), nodata=declared, tiled=True, blockxsize=64,
        blockysize=64, compress="deflate",
    ) as out:  # fmt: skip
        out.write(values)
        if names:
            out.descriptions = names
        if scale != 1:
            out.scales, out.offsets = (scale,) * len(values), (offset,) * len(values)


def write_whole(path: Path, name: str, seed: int = 0) -> Path:
    """The same six bands in one GeoTIFF that tells all of itself."""
    values = np.stack([pixels(name, band, seed) for band in SIX[name]])
    names = ("BLUE", "GREEN", "RED", "NIR_NARROW", "SWIR_1", "SWIR_2")
    scale, offset = (2.75e-5, -0.2) if name == LANDSAT else (1e-4, 0.0)
    write_raster(path, values, names, nodata=nodata(name), scale=scale, offset=offset)
    return path
