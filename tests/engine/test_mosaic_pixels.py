"""Each pixel of a mosaic is the mask's pixel under its centre, whatever grids the masks have."""

import numpy as np
import pytest
import rasterio
from rasterio.transform import from_origin

from prithvi_qgis.core.folder_runs.mosaic import COG, VRT, write_mosaic
from prithvi_qgis.engine.many.rasterio_tool import RasterioTool

LEFT, TOP = 600000.0, 4200000.0


def write(path, pixels, x, y, step):
    profile = {"driver": "GTiff", "count": 1, "dtype": "uint8", "nodata": 255, "crs": "EPSG:32630"}
    height, width = pixels.shape
    transform = from_origin(LEFT + x, TOP - y, step, step)
    with rasterio.open(path, "w", width=width, height=height, transform=transform, **profile) as out:
        out.write(pixels, 1)
    return path


def expected(shape, transform, masks):
    """Return the later mask's pixel under each centre, and where a centre lies on an edge between two pixels."""
    rows, cols = np.arange(shape[0]) + 0.5, np.arange(shape[1]) + 0.5
    found, edge = np.full(shape, 255, np.uint8), np.zeros(shape, bool)
    for path in masks:
        with rasterio.open(path) as src:
            pixels, t = src.read(1), src.transform
        c, r = (transform.c + cols * transform.a - t.c) / t.a, (transform.f + rows * transform.e - t.f) / t.e
        edge |= np.isclose(c, np.round(c))[None, :] | np.isclose(r, np.round(r))[:, None]
        inside_c, inside_r = (c >= 0) & (c < pixels.shape[1]), (r >= 0) & (r < pixels.shape[0])
        values = pixels[np.ix_(np.floor(r[inside_r]).astype(int), np.floor(c[inside_c]).astype(int))]
        part = found[np.ix_(inside_r, inside_c)]
        found[np.ix_(inside_r, inside_c)] = np.where(values == 255, part, values)
    return found, edge


@pytest.mark.parametrize("seed", range(6))
def test_masks_off_by_parts_of_a_pixel_and_of_other_sizes_keep_their_places(tmp_path, seed):
    random = np.random.default_rng(seed)
    masks = []
    for number in range(6):
        step = float(random.choice([10, 10, 15, 20, 30, 73]))
        size = random.integers(1, 40, 2)
        x, y = random.uniform(0, 500, 2)
        pixels = random.integers(0, 4, size).astype(np.uint8)
        pixels[pixels == 3] = 255
        masks.append(write(tmp_path / f"{number}.tif", pixels, x, y, step))
    for path in write_mosaic(tmp_path, masks, (), RasterioTool(), COG).files:
        with rasterio.open(path) as src:
            found, transform = src.read(1), src.transform
        right, edge = expected(found.shape, transform, masks)
        assert (found == right)[~edge].all(), path.name
        assert (right != 255).any()


def test_masks_on_one_grid_are_put_side_by_side_exactly(tmp_path):
    random = np.random.default_rng(1)
    masks = [write(tmp_path / f"{n}.tif", random.integers(0, 3, (20, 30), np.uint8), n * 300, 0, 10) for n in (0, 1)]
    (path,) = write_mosaic(tmp_path, masks, (), RasterioTool(), VRT).files
    with rasterio.open(path) as src, rasterio.open(masks[0]) as a, rasterio.open(masks[1]) as b:
        assert np.array_equal(src.read(1), np.hstack([a.read(1), b.read(1)]))
