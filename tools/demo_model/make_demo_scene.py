"""Write the demonstration scene, with NumPy and GDAL only, so that QGIS's own Python can run it.

    python3 tools/demo_model/make_demo_scene.py OUT.tif [--truth TRUTH.tif]

The scene is made from a seed that the training never used: 1400 x 1180 pixels of 10 m in UTM, reflectance * 10000,
eight bands with Sentinel-2's names, 0 for nodata.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import numpy as np
from osgeo import gdal, osr

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from demo_model.noise import Array, fractal
from demo_model.scene import DEMO_SEED, Scene, make_scene, observe
from demo_model.sky import Air

HEIGHT, WIDTH = 1180, 1400
RECIPE = {
    "relief_m": 90.0,
    "rivers": 1,
    "streams": 3,
    "lakes": 2,
    "ponds": 14,
    "reservoir": False,
    "coast": False,
    "towns": 5,
    "roads": 6,
    "patches": 0,
    "wooded": 0.22,
    "season": 0.6,
    "moisture": 0.25,
    "soils": ("loam", "clay", "loam", "sand"),
    "block_px": 170.0,
    "flood": 0.1,
    "clouds": 0.05,
    "sun_zenith": 38.0,
    "waters": {
        "river": ("green", "dark"),
        "canal": ("green", "dark"),
        "lake": ("clear", "dark"),
        "pond": ("green", "dark"),
        "flood": ("brown", "dark"),
    },
}
AIR = Air(
    transmission=np.array((0.97, 0.98, 0.985, 0.99, 0.99, 0.99), np.float32),
    path=np.array((0.012, 0.008, 0.006, 0.003, 0.001, 0.001), np.float32),
    haze=0.06,
)
BANDS = ("B02", "B03", "B04", "B05", "B08", "B8A", "B11", "B12")
CENTRES_NM = (492, 560, 665, 704, 833, 865, 1614, 2202)
EPSG, EAST_M, NORTH_M, PIXEL_M = 32633, 456_780.0, 5_312_340.0, 10.0


def demo_pixels() -> tuple[Array, Scene]:
    """Return (8, h, w) uint16 reflectance * 10000 with 0 for nodata, and the scene that it shows."""
    scene = make_scene(DEMO_SEED, (HEIGHT, WIDTH), RECIPE)
    rng = np.random.default_rng(DEMO_SEED + 1)
    blue, green, red, narrow, swir1, swir2 = observe(scene, rng, AIR)
    edge = red + 0.28 * (narrow - red)
    broad = narrow * (0.98 + 0.01 * fractal(rng, narrow.shape, 0.5, longest_px=4))
    seen = np.stack([blue, green, red, edge, broad, narrow, swir1, swir2])
    numbers = np.clip(np.rint(seen * 10000), 1, 20000).astype(np.uint16)
    numbers[:, outside()] = 0
    return numbers, scene


def outside() -> Array:
    """Return (h, w) bool: beyond the slanted edge of the swath, at the east of the scene."""
    rows = np.arange(HEIGHT, dtype=np.float32)[:, None]
    columns = np.arange(WIDTH, dtype=np.float32)[None]
    return columns - 0.22 * rows > WIDTH - 0.22 * HEIGHT * 0.62


def write_raster(path: Path, bands: Array, names: tuple[str, ...], nodata: int) -> None:
    """Write (n, h, w) integers as a tiled, compressed GeoTIFF on the scene's grid."""
    gdal.UseExceptions()
    kind = gdal.GDT_UInt16 if bands.dtype == np.uint16 else gdal.GDT_Byte
    options = ["TILED=YES", "BLOCKXSIZE=256", "BLOCKYSIZE=256", "COMPRESS=DEFLATE", "PREDICTOR=2", "ZLEVEL=6"]
    count, height, width = bands.shape
    target = gdal.GetDriverByName("GTiff").Create(str(path), width, height, count, kind, options)
    target.SetGeoTransform((EAST_M, PIXEL_M, 0.0, NORTH_M, 0.0, -PIXEL_M))
    system = osr.SpatialReference()
    system.ImportFromEPSG(EPSG)
    target.SetProjection(system.ExportToWkt())
    target.SetMetadataItem("DESCRIPTION", "Made scene for demonstrations; no place on Earth, no satellite image")
    for i, name in enumerate(names):
        band = target.GetRasterBand(i + 1)
        band.SetDescription(name)
        band.SetNoDataValue(nodata)
        if len(names) == len(CENTRES_NM):
            band.SetMetadataItem("WAVELENGTH", str(CENTRES_NM[i]))
            band.SetMetadataItem("WAVELENGTH_UNITS", "nm")
        band.WriteArray(bands[i])
    target.FlushCache()


def main() -> None:
    """Parse the command line and write the scene."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path)
    parser.add_argument("--truth", type=Path, help="also write what is water: 1 water, 0 land, 255 unknown")
    args = parser.parse_args()
    numbers, scene = demo_pixels()
    args.out.parent.mkdir(parents=True, exist_ok=True)
    write_raster(args.out, numbers, BANDS, 0)
    if args.truth:
        truth = np.where(outside(), 255, scene.truth).astype(np.uint8)
        write_raster(args.truth, truth[None], ("truth",), 255)


if __name__ == "__main__":
    main()
