"""Which pixels of a scene are nodata: in every way in which GDAL marks them, and by fill that no file declares."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
import rasterio
from rasterio.enums import ColorInterp
from rasterio.transform import Affine
from rasterio.windows import Window

from prithvi_qgis.core.scenes.stack_names import stack_name
from prithvi_qgis.engine.reading.open_source import open_source
from prithvi_qgis.engine.reading.raster_source import Grid
from prithvi_qgis.engine.reading.rasterio_source import RasterioSource
from prithvi_qgis.engine.reading.warped_source import WarpedSource
from support.sources import read, request_for
from support.synthetic_scenes import NAMES, UTM, blobs

HOLE = np.zeros((60, 80), bool)
HOLE[10:31, 20:47] = True
FAR = np.s_[:, 40:44]  # columns of a gap


def opened(path, card, **scaling):
    scene = RasterioSource(str(path))
    scene.prepare(card, (), scaling.get("scale"), scaling.get("offset"))
    return scene


def nodata_of(path, card, **scaling):
    """(nodata, warnings and notes at the end of a run)."""
    scene = opened(path, card, **scaling)
    try:
        empty = read(scene)[1]
        return empty, scene.validity_lines()
    finally:
        scene.close()


def with_alphas(path, count):
    """Mark the last bands of a file as alpha."""
    with rasterio.open(path, "r+") as out:
        kinds = [ColorInterp.undefined] * (out.count - count) + [ColorInterp.alpha] * count
        out.colorinterp = [ColorInterp.gray, *kinds[1:]]
    return path


def vrt(folder, sources, *, nodata=None, bands=NAMES):
    """A VRT of (file, band of each of its bands, left, width) sources; of names, as gdalbuildvrt writes it."""
    xml = '<VRTDataset rasterXSize="80" rasterYSize="60"><SRS>EPSG:32630</SRS>'
    xml += f"<GeoTransform>{', '.join(map(str, UTM.to_gdal()))}</GeoTransform>"
    for number, name in enumerate(bands):
        xml += f'<VRTRasterBand dataType="UInt16" band="{number + 1}"><Description>{name}</Description>'
        xml += "" if nodata is None else f"<NoDataValue>{nodata[number]}</NoDataValue>"
        for file, numbers, left, width in sources[number] if isinstance(sources, dict) else sources:
            rect = f'yOff="0" xSize="{width}" ySize="60"/>'
            xml += (
                f'<ComplexSource><SourceFilename relativeToVRT="1">{file}</SourceFilename>'
                f'<SourceBand>{numbers[number]}</SourceBand><SrcRect xOff="0" {rect}<DstRect xOff="{left}" {rect}'
                "</ComplexSource>"
            )
        xml += "</VRTRasterBand>"
    path = folder / "scene.vrt"
    path.write_text(xml + "</VRTDataset>")
    return path


def declared(kind, make_scene, folder):
    """A scene that marks ``HOLE`` as nodata; what it holds there looks like data."""
    values = blobs(60, 80)
    values[:, HOLE] = 1500
    alpha = np.where(HOLE, 0, 1)[None]  # the least that a type can hold is valid
    if kind == "alpha of integers":
        return with_alphas(make_scene(values=np.concatenate([values, alpha]).astype(np.uint16)), 1)
    if kind == "alpha of floats":
        return with_alphas(make_scene(values=np.concatenate([values * 1e-4, alpha * 1e-3]).astype(np.float32)), 1)
    if kind == "two alpha bands":
        halves = np.stack([HOLE & (np.arange(80) < 30), HOLE & (np.arange(80) >= 30)])
        return with_alphas(make_scene(values=np.concatenate([values, ~halves * 255]).astype(np.uint16)), 2)
    if kind == "a value of each band":
        values[:, HOLE] = np.arange(9001, 9007)[:, None]
        make_scene(values=values, name="file.tif")
        return vrt(folder, [("file.tif", range(1, 7), 0, 80)], nodata=range(9001, 9007))
    if kind == "one value for all bands together":
        values[:, HOLE] = np.arange(1, 7)[:, None]
        values[0, 0, 0] = 1  # valid: the other bands differ
        return make_scene(values=values, tags={"NODATA_VALUES": "1 2 3 4 5 6"})
    if kind == "a mask beside the file":
        with rasterio.Env(GDAL_TIFF_INTERNAL_MASK=False):
            return make_scene(values=values, mask=~HOLE)
    if kind == "masks that a stack in a VRT drops":
        with rasterio.Env(GDAL_TIFF_INTERNAL_MASK=True):
            for name, band in zip(NAMES, values):
                make_scene(values=band[None], name=f"{name}.tif", names=(name,), mask=~HOLE)
        return vrt(folder, {n: [(f"{name}.tif", [1] * 6, 0, 80)] for n, name in enumerate(NAMES)})
    if kind == "int64":
        values = values.astype(np.int64)
        values[:, HOLE] = -99999
        return make_scene(values=values, nodata=-99999)
    values = (values * 1e-4).astype(np.float32)  # the lowest float32, written with fewer digits
    values[:, HOLE] = np.finfo(np.float32).min
    return make_scene(values=values, nodata=-3.40282347e38)


KINDS = [
    "alpha of integers",
    "alpha of floats",
    "two alpha bands",
    "a value of each band",
    "one value for all bands together",
    "a mask beside the file",
    "masks that a stack in a VRT drops",
    "int64",
    "lowest float",
]


@pytest.mark.parametrize("kind", KINDS)
def test_every_way_to_declare_nodata_counts_without_a_word(kind, make_scene, card, tmp_path):
    empty, lines = nodata_of(declared(kind, make_scene, tmp_path), card)
    assert np.array_equal(empty, HOLE)
    assert lines == ([], [])


@pytest.mark.parametrize("how", ["internal mask", "mask beside the file", "alpha of integers", "alpha of floats"])
def test_masks_and_alpha_of_band_files_count_in_their_stack(how, make_scene, card, tmp_path):
    pairs = []
    for name, band in zip(NAMES, blobs(60, 80)):
        part = HOLE if name == "B03" else HOLE & (np.arange(80) < 25)
        values, more = band[None], {}
        if how.startswith("alpha"):
            floats = "floats" in how
            values = np.stack([band * 1e-4 if floats else band, ~part * (0.2 if floats else 1)])
            values = values.astype(np.float32 if floats else np.uint16)
        else:
            more = {"mask": ~part}
        with rasterio.Env(GDAL_TIFF_INTERNAL_MASK=how == "internal mask"):
            path = make_scene(values=values, name=f"{name}.tif", names=(name,), **more)
        pairs.append((name, str(with_alphas(path, 1) if how.startswith("alpha") else path)))
    empty, (warnings, _) = nodata_of(stack_name(pairs), card)
    assert np.array_equal(empty, HOLE)
    partial = int((HOLE & (np.arange(80) >= 25)).sum())
    assert len(warnings) == 1 and f"{partial} pixels" in warnings[0] and "in some bands only (in band 2)" in warnings[0]


@pytest.mark.parametrize(("nodata", "advised"), [(0, True), (None, False)])
def test_nodata_in_some_bands_is_reported_with_advice_where_a_value_is_the_reason(nodata, advised, make_scene, card):
    values = blobs(60, 80).astype(np.float32)
    values[4:, HOLE] = np.nan if nodata is None else nodata
    empty, (warnings, _) = nodata_of(make_scene(values=values, nodata=nodata), card)
    assert np.array_equal(empty, HOLE)
    assert len(warnings) == 1 and "567 pixels (11.8%)" in warnings[0] and "(in bands 5, 6)" in warnings[0]
    assert ("-unsetnodata" in warnings[0]) == advised


def test_gaps_of_a_mosaic_are_nodata_although_a_vrt_holds_0_there(make_scene, card, tmp_path):
    values = blobs(60, 80)
    values[4, :5] = 0  # data: the tiles cover it
    make_scene(values=values[..., :40], name="left.tif")
    make_scene(values=values[..., 44:], name="right.tif")
    numbers = range(1, 7)
    path = vrt(tmp_path, [("left.tif", numbers, 0, 40), ("right.tif", numbers, 44, 36)])
    gap = np.zeros_like(HOLE)
    gap[FAR] = True
    empty, lines = nodata_of(path, card)
    assert np.array_equal(empty, gap) and lines == ([], [])


FILL = {
    "-9999": (-9999, np.int16, 1, {}),
    "-32768": (-32768, np.int16, 1, {}),
    "-9999 in uint16": (55537, np.uint16, 1, {}),
    "65535": (65535, np.uint16, 1, {}),
    "lowest float": (np.finfo(np.float32).min, np.float32, 1e-4, {}),
    "netCDF's": (9.96921e36, np.float32, 1e-4, {}),
    "0 far below 0": (0, np.uint16, 1, {"scale": 1e-4, "offset": -0.05}),
}


@pytest.mark.parametrize("bands", [slice(None), slice(2, 3)], ids=["every band", "one band"])
@pytest.mark.parametrize("fill", FILL)
def test_fill_that_cannot_be_reflectance_is_nodata_and_reported(fill, bands, make_scene, card):
    value, dtype, scale, scaling = FILL[fill]
    values = (blobs(60, 80).astype(np.float64) * scale + (1000 if scaling else 0)).astype(dtype)
    values[bands, HOLE] = value
    empty, (warnings, notes) = nodata_of(make_scene(values=values), card, **scaling)
    assert np.array_equal(empty, HOLE)
    assert len(warnings) == 1 and "567 pixels (11.8%)" in warnings[0] and not notes
    assert f"({float(value):g}, which cannot be reflectance)" in warnings[0]


@pytest.mark.parametrize(
    ("value", "dtype", "scale"), [(0, np.uint16, 1), (0, np.float32, 1e-4), (-0.1, np.float32, 1e-4)]
)
def test_a_usual_fill_value_in_every_band_is_nodata_and_reported(value, dtype, scale, make_scene, card):
    values = (blobs(60, 80) * scale).astype(dtype)
    values[:, HOLE] = value
    values[4, 40:] = 0  # in one band it is data
    empty, (warnings, _) = nodata_of(make_scene(values=values), card)
    assert np.array_equal(empty, HOLE)
    assert len(warnings) == 1 and f"({value:g} in every used band)" in warnings[0] and "If they are data" in warnings[0]


def test_black_in_every_band_is_data_where_the_file_declares_another_nodata_value(make_scene, card):
    values = blobs(60, 80).astype(np.int16)
    values[:, HOLE] = 0
    empty, (warnings, _) = nodata_of(make_scene(values=values, nodata=-9999), card)
    assert not empty.any()
    assert len(warnings) == 1 and "567 pixels" in warnings[0] and "count as data" in warnings[0]


def test_a_nodata_value_that_the_type_cannot_hold_declares_nothing(make_scene, card):
    values = blobs(60, 80)
    values[:, HOLE] = 0
    path = make_scene(values=values)
    (path.parent / f"{path.name}.aux.xml").write_text(
        "<PAMDataset>"
        + "".join(f'<PAMRasterBand band="{n}"><NoDataValue>-9999</NoDataValue></PAMRasterBand>' for n in range(1, 7))
        + "</PAMDataset>"
    )
    assert np.array_equal(nodata_of(path, card)[0], HOLE)


def test_fill_does_not_decide_the_scaling(make_scene, card):
    values = blobs(300, 300).astype(np.int16)
    values[:, 20:] = -9999
    scene = opened(make_scene(values=values), card)
    try:
        assert "DN x 0.0001" in scene.scaling.text
        assert any("hold fill that the file does not declare" in note for note in scene.notes)
    finally:
        scene.close()


def test_one_value_in_every_band_that_may_be_fill_is_reported(make_scene, card):
    values = blobs(60, 80)
    values[:, HOLE] = 1234
    scene = opened(make_scene(values=values), card)
    try:
        assert any("of the sampled pixels" in w and "hold 1234 in every used band" in w for w in scene.warnings)
        assert not read(scene)[1].any()
    finally:
        scene.close()


@pytest.mark.parametrize("dtype", [np.uint16, np.int16, np.float32])
@pytest.mark.parametrize("nodata", [None, 0])
def test_a_plain_scene_says_nothing_of_its_nodata(dtype, nodata, make_scene, card):
    values = blobs(60, 80).astype(dtype)
    values[:, HOLE] = 0 if nodata == 0 else values[:, HOLE]
    scene = opened(make_scene(values=values, nodata=nodata), card)
    try:
        assert np.array_equal(read(scene)[1], HOLE & (nodata == 0))
        assert scene.validity_lines() == ([], []) and not [w for w in scene.warnings if "pixels" in w]
    finally:
        scene.close()


@pytest.mark.usefixtures("row_by_row")
@pytest.mark.parametrize("fields", [{}, {"memory_mb": 1}, {"stride": 11}])
def test_pixels_are_counted_once_where_strips_and_blocks_overlap(fields, make_scene, segment):
    values = blobs(257, 1200).astype(np.int16)
    random = np.random.default_rng(2)
    partial, fill = random.random((257, 1200)) < 0.3, random.random((257, 1200)) < 0.1
    values[3][partial] = 0
    values[:, fill & ~partial] = -9999
    source = make_scene(values=values, nodata=0)
    expected = [f"{int(mask.sum()):,} pixels" for mask in (fill & ~partial, partial)]
    whole = segment(source, **fields)[1].validity_lines()[0]
    assert [line.partition(" (")[0] for line in whole] == expected
    for index in range(3):
        segment(source, **fields, block=(index, 3))
    assert segment(source, **fields, join=3)[1].validity_lines()[0] == whole


def test_nodata_is_counted_in_pixels_of_the_grid_where_a_scene_is_warped(make_scene, card):
    values = blobs(60, 80).astype(np.int16)
    values[2, HOLE] = -9999
    source = opened(make_scene(values=values), card)
    finer = Grid(160, 120, source.full_grid.crs, UTM @ Affine.scale(0.5))
    warped = WarpedSource(source, finer, Window(0, 0, 160, 120), "bilinear")
    warped.prepare(card, (), None, None)
    try:
        assert np.array_equal(read(warped)[1], np.kron(HOLE, np.ones((2, 2), bool)))
        assert f"{4 * HOLE.sum():,} pixels (11.8%)" in warped.validity_lines()[0][0]
    finally:
        warped.close()


def test_each_date_reports_its_own_fill(make_scene, card, tmp_path):
    names = []
    for number, value in enumerate((-9999, 0)):
        values = blobs(60, 80, seed=number).astype(np.int16)
        values[:, HOLE] = value
        names.append(make_scene(values=values, name=f"{number}.tif"))
    two = dataclasses.replace(card, frames=2)
    scene = open_source(request_for(names[0], names[1:], tmp_path, dates=("2023-01-01", "2023-02-01")), two)
    try:
        assert np.array_equal(read(scene)[1], HOLE)
        first, second = scene.validity_lines()[0]
        assert "of 0.tif hold" in first and "-9999" in first and "of 1.tif hold" in second and "0 in every" in second
    finally:
        scene.close()
