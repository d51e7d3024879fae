"""Several dates: in which order, on which grid, and what is refused."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
import rasterio
import torch
from rasterio.enums import Resampling
from rasterio.transform import Affine
from rasterio.vrt import WarpedVRT
from rasterio.warp import transform as transform_points

from prithvi_qgis.core.errors import ErrorCode, PrithviError
from prithvi_qgis.core.protocol.stated_metadata import StatedMetadata
from prithvi_qgis.engine.inference import streaming
from prithvi_qgis.engine.inference.segment_scene import run_segment
from prithvi_qgis.engine.prepared_scene import PreparedScene
from prithvi_qgis.engine.reading.open_source import open_source
from support.sources import HLS, NoLoader, read, request_for
from support.stand_in import StandIn
from support.synthetic_scenes import NAMES, UTM, blobs, punch


class ThreeDates(StandIn):
    """Sees (n, bands, dates, h, w)."""

    def forward(self, tiles, coords, dates=None):
        self.dates, self.cubes = dates, [*getattr(self, "cubes", []), tiles.clone()]
        return super().forward(tiles.mean(2), coords)


@pytest.fixture
def card3(card):
    """The demo model's card as that of a model of three dates."""
    return dataclasses.replace(card, frames=3, tile=64, stride=48, margin=4, temporal_coords=True)


@pytest.fixture
def three(make_scene):
    """Three dates on one grid, as HLS names them, the first one not the earliest: INPUT, FRAMES."""
    paths = [
        make_scene(90, 130, HLS.format(day), values=blobs(90, 130, seed=n) + np.uint16(300 * n))
        for n, day in enumerate(("2023140", "2023073", "2023182"))
    ]
    return paths[0], tuple(map(str, paths[1:]))


def stack_of(source, frames, card, tmp_path, **fields):
    stack = open_source(request_for(source, frames, tmp_path, **fields), card)
    try:
        return stack, *read(stack)
    finally:
        stack.close()


def test_dates_reach_the_model_in_the_order_of_time_with_their_days(three, card3, tmp_path):
    request = request_for(*three, tmp_path)
    stack, model = open_source(request, card3), ThreeDates()
    try:
        streaming.stream(PreparedScene(request, card3, stack), model, lambda m: None)
    finally:
        stack.close()
    days = [[2023, 72], [2023, 139], [2023, 181]]  # the first of January is 0
    assert model.dates.tolist() == [days] * len(model.dates)
    cube = torch.cat(model.cubes)
    assert cube.shape[1:] == (6, 3, 64, 64)
    order = [1, 0, 2]  # as written by the fixture
    with rasterio.open(three[0]) as src:
        first = src.read()
    mean, std = (np.array(v, np.float32)[:, None, None] for v in (card3.mean, card3.std))
    expected = (first[:, :60, :60] * 1e-4 - mean) / std
    assert np.allclose(cube[0, :, order.index(0), 4:, 4:], expected, atol=1e-4)
    assert stack.notes[0] == "The dates go to the model in the order of time; they were given in another one."
    with rasterio.open(tmp_path / "mask.tif") as src:
        assert src.tags()["PRITHVI_DATES"] == "2023-03-14,2023-05-20,2023-07-01"
        assert src.tags()["PRITHVI_FRAMES"].startswith(f"1: {three[1][0]}, 2023-03-14 (its name): ")
        assert (src.height, src.width, src.transform) == (90, 130, UTM)


def test_given_dates_win_and_gaps_are_found(three, card3, tmp_path):
    stack, *_ = stack_of(*three, card3, tmp_path, dates=("", "2023-12-24", ""))
    assert [line.split(":")[0] for line in stack.frame_lines] == [
        "2023-05-20 (its name)",
        "2023-07-01 (its name)",
        "2023-12-24 (DATES)",
    ]


def test_without_a_date_the_given_order_stays_and_the_model_is_told_none(three, make_scene, card3, tmp_path):
    odd = make_scene(90, 130, "unknown.tif")
    stack, *_ = stack_of(three[0], (three[1][0], odd), card3, tmp_path)
    assert [line.split(": ")[1].split(",")[0] for line in stack.frame_lines] == [
        three[0].name,
        three[1][0].rsplit("/")[-1],
        "unknown.tif",
    ]
    assert stack.temporal is None
    assert sum("unknown.tif" in w for w in stack.warnings) == 2  # the order, and the coordinates


def test_two_scenes_of_a_day_and_a_date_that_the_name_denies_are_warned_of(three, make_scene, card3, tmp_path):
    late = make_scene(90, 130, HLS.format("2023182").replace("S30", "L30"), tags={"SENSING_TIME": "2023-07-03"})
    stack, *_ = stack_of(three[0], (three[1][1], late), card3, tmp_path, dates=("", "", "2023-07-01"))
    assert any("are both of 2023-07-01" in w for w in stack.warnings)
    stack, *_ = stack_of(three[0], (three[1][1], late), card3, tmp_path)
    assert any("2023-07-03 (SENSING_TIME), but its name tells 2023-07-01" in w for w in stack.warnings)


def test_nodata_on_any_date_is_nodata(three, make_scene, card3, tmp_path):
    values = blobs(90, 130, seed=5)
    values[2, 20:30, 40:60] = 0  # in one band only
    holed = make_scene(90, 130, HLS.format("2023200"), values=values, nodata=0)
    _, _, empty = stack_of(three[0], (three[1][0], holed), card3, tmp_path)
    expected = np.zeros((90, 130), bool)
    expected[20:30, 40:60] = True
    assert np.array_equal(empty, expected)


def test_each_date_has_its_own_bands_and_scaling(three, make_scene, card3, tmp_path):
    shuffled = [3, 0, 5, 1, 4, 2]
    values = blobs(90, 130, seed=6)
    reflectance = (values[shuffled] * np.float32(1e-4)).astype(np.float32)
    other = make_scene(90, 130, HLS.format("2023200"), values=reflectance, names=[NAMES[i] for i in shuffled])
    stack, pixels, _ = stack_of(three[0], (three[1][0], other), card3, tmp_path)
    gain, bias = stack.normalisation
    mean, std = (np.array(v, np.float32)[:, None, None] for v in (card3.mean, card3.std))
    assert np.allclose((pixels * gain + bias)[12:], (values * 1e-4 - mean) / std, atol=1e-4)


def test_band_numbers_are_for_dates_that_do_not_name_their_bands(make_scene, card3, tmp_path):
    turned = [make_scene(40, 50, f"{n}_2023010{n}.tif", values=blobs(40, 50, seed=n)[::-1], names=()) for n in (1, 2)]
    named = make_scene(40, 50, "3_20230103.tif")
    stack, *_ = stack_of(turned[0], (turned[1], named), card3, tmp_path, bands=(6, 5, 4, 3, 2, 1))
    assert [line.split("bands ")[1][:16] for line in stack.frame_lines] == [
        "6, 5, 4, 3, 2, 1",
        "6, 5, 4, 3, 2, 1",
        "1, 2, 3, 4, 5, 6",
    ]


def test_a_date_moved_by_whole_pixels_is_not_interpolated(three, make_scene, card3, tmp_path):
    values = blobs(100, 150, seed=8)
    larger = make_scene(100, 150, HLS.format("2023200"), values=values, transform=UTM @ Affine.translation(-7, -4))
    stack, pixels, empty = stack_of(three[0], (three[1][0], larger), card3, tmp_path)
    assert not empty.any()
    assert np.array_equal(pixels[12:], values[:, 4:94, 7:137])
    smaller = make_scene(
        60, 60, HLS.format("2023201"), values=values[:, :60, :60], transform=UTM @ Affine.translation(9, 5)
    )
    stack, pixels, empty = stack_of(three[0], (three[1][0], smaller), card3, tmp_path)
    assert not empty[5:65, 9:69].any() and empty.sum() == 90 * 130 - 3600
    assert np.array_equal(pixels[12:, 5:65, 9:69], values[:, :60, :60])
    assert any("covers about 31% of what is segmented" in w for w in stack.warnings)


@pytest.mark.parametrize("resampling", ["bilinear", "nearest", "cubic"])
@pytest.mark.parametrize("place", ["another zone", "half a pixel", "coarser"])
def test_a_date_on_another_grid_is_warped_as_gdal_does(place, resampling, three, make_scene, card3, tmp_path):
    (x,), (y,) = transform_points("EPSG:32630", "EPSG:32631", [500_650], [4_599_550])
    transform, crs = {
        "another zone": (Affine(20, 0, x - 2000, 0, -20, y + 2000), "EPSG:32631"),
        "half a pixel": (Affine(10, 0, 499_995, 0, -10, 4_600_005), "EPSG:32630"),
        "coarser": (Affine(30, 0, 499_900, 0, -30, 4_600_100), "EPSG:32630"),
    }[place]
    other = make_scene(200, 200, HLS.format("2023200"), values=blobs(200, 200, seed=9), transform=transform, crs=crs)
    stack, pixels, empty = stack_of(three[0], (three[1][0], other), card3, tmp_path, resampling=resampling)
    with (
        rasterio.open(other) as src,
        WarpedVRT(
            src, crs="EPSG:32630", transform=UTM, width=130, height=90, resampling=Resampling[resampling], nodata=0
        ) as vrt,
    ):
        expected = vrt.read()
    valid = ~empty
    assert valid.mean() > 0.4
    assert (valid == (expected > 0).all(0)).mean() > 0.99
    # GDAL's file of whole numbers rounds, and cannot hold what cubic shoots below 0.
    assert np.abs(pixels[12:, valid].clip(0) - expected[:, valid]).max() <= 1.0
    assert f"resampled to the first scene's grid ({resampling})" in stack.frame_lines[-1]


@pytest.mark.parametrize("kind", ["value", "value in one band", "nan", "mask", "alpha"])
def test_nodata_of_every_kind_stays_nodata_when_warped(kind, three, make_scene, card3, tmp_path):
    values, hole = blobs(60, 80, seed=4), np.zeros((60, 80), bool)
    hole[20:30, 30:45] = True
    values, more = punch(kind, values, hole)
    path = make_scene(name=HLS.format("2023200"), values=values, transform=UTM @ Affine.scale(20 / 10), **more)
    if kind == "alpha":
        with rasterio.open(path, "r+") as out:
            out.colorinterp = [*out.colorinterp[:-1], rasterio.enums.ColorInterp.alpha]
    _, pixels, empty = stack_of(three[0], (three[1][0], path), card3, tmp_path)
    assert np.array_equal(empty, np.kron(hole, np.ones((2, 2), bool))[:90, :130])
    # What lies beside the hole must not be darkened by it.
    assert pixels[12:, ~empty].min() >= 1 and pixels[16, 38:40, 62:88].min() > 1


def test_pieces_of_a_warped_date_meet_without_a_seam(three, make_scene, card3, tmp_path, monkeypatch):
    from prithvi_qgis.engine.reading import warped_source

    other = make_scene(300, 400, HLS.format("2023200"), transform=Affine(5, 0, 499_000, 0, -5, 4_600_500))
    _, whole, empty = stack_of(three[0], (three[1][0], other), card3, tmp_path)
    monkeypatch.setattr(warped_source, "_WARP_BYTES", 20_000)
    _, parts, also = stack_of(three[0], (three[1][0], other), card3, tmp_path)
    assert np.array_equal(whole, parts) and np.array_equal(empty, also)


def test_a_part_of_the_scene_takes_the_same_part_of_every_date(three, make_scene, card3, tmp_path):
    other = make_scene(200, 200, HLS.format("2023200"), transform=Affine(9, 0, 499_950, 0, -9, 4_600_050))
    _, whole, _ = stack_of(three[0], (three[1][0], other), card3, tmp_path)
    stack, part, _ = stack_of(
        three[0], (three[1][0], other), card3, tmp_path, extent=(500_200, 4_599_500, 500_700, 4_599_800)
    )
    assert stack.grid.transform == UTM @ Affine.translation(20, 20)
    assert np.allclose(part, whole[:, 20:50, 20:70], atol=0.01)


@pytest.mark.parametrize(
    ("case", "code", "says"),
    [
        ("too few", ErrorCode.PARAMETER_INVALID, "looks at 3 dates: INPUT and 2 in FRAMES, which names 1"),
        ("too many", ErrorCode.PARAMETER_INVALID, "FRAMES, which names 3"),
        ("twice", ErrorCode.PARAMETER_INVALID, "is named twice among INPUT and FRAMES"),
        ("no raster", ErrorCode.SOURCE_UNREADABLE, "odd.tif cannot be read as a raster"),
        ("missing", ErrorCode.SOURCE_UNREADABLE, "gone.tif cannot be read"),
        ("other bands", ErrorCode.BANDS_MISSING, "odd.tif has 2 bands"),
        ("a picture", ErrorCode.SCALING_UNKNOWN, "odd.tif holds 8-bit numbers"),
        ("elsewhere", ErrorCode.EXTENT_OUTSIDE, "odd.tif does not touch"),
        ("other side of the world", ErrorCode.EXTENT_OUTSIDE, "odd.tif does not touch"),
        ("no georeference", ErrorCode.SOURCE_UNSUPPORTED, "odd.tif (40 x 50 pixels)"),
        ("bad date", ErrorCode.PARAMETER_INVALID, '"2023-13-01" in DATES'),
        ("dates short", ErrorCode.PARAMETER_INVALID, "DATES names 2 dates"),
        ("resampling", ErrorCode.PARAMETER_INVALID, 'resampling "lanczos"'),
        ("output is a date", ErrorCode.OUTPUT_IS_INPUT, "is an input scene itself"),
        ("stock", ErrorCode.PARAMETER_INVALID, "the stock path takes one date"),
    ],
)
def test_dates_that_cannot_be_used_are_told_in_one_line(
    case, code, says, three, make_scene, card3, tmp_path, monkeypatch
):
    odd, more, frames = str(tmp_path / "odd.tif"), {}, None
    if case == "too few":
        frames = three[1][:1]
    elif case == "too many":
        frames = (*three[1], odd)
    elif case == "twice":
        frames = (three[1][0], str(three[0]))
    elif case == "no raster":
        (tmp_path / "odd.tif").write_text("hello")
    elif case == "missing":
        frames = (three[1][0], str(tmp_path / "gone.tif"))
    elif case == "other bands":
        make_scene(90, 130, "odd.tif", names=("B02", "B03"))
    elif case == "a picture":
        make_scene(90, 130, "odd.tif", values=(blobs(90, 130) // 20).clip(0, 255).astype(np.uint8))
    elif case == "elsewhere":
        make_scene(90, 130, "odd.tif", transform=UTM @ Affine.translation(5000, 0))
    elif case == "other side of the world":
        make_scene(90, 130, "odd.tif", transform=Affine(0.001, 0, 170, 0, -0.001, -40), crs="EPSG:4326")
    elif case == "no georeference":
        make_scene(50, 40, "odd.tif", transform=None)
    elif case == "bad date":
        more = {"dates": ("", "2023-13-01", "")}
    elif case == "dates short":
        more = {"dates": ("2023-01-01", "2023-02-01")}
    elif case == "resampling":
        more = {"resampling": "lanczos"}
    elif case == "output is a date":
        more = {"output": three[1][0]}
    elif case == "stock":
        more = {"pipeline": "stock"}
    if frames is None:
        frames = (three[1][0], odd if (tmp_path / "odd.tif").exists() else three[1][1])
    monkeypatch.setattr("prithvi_qgis.engine.inference.segment_scene.read_card", lambda folder: card3)
    request = dataclasses.replace(request_for(three[0], frames, tmp_path), **more)
    with pytest.raises(PrithviError) as e:
        run_segment(request, NoLoader(), lambda m: None)
    assert e.value.code is code
    assert says in e.value.line and "\n" not in e.value.line and len(e.value.line) < 400
    assert not (tmp_path / "mask.tif").exists()


def test_dates_without_a_place_are_laid_over_each_other_when_they_fit(make_scene, card3, tmp_path):
    paths = [make_scene(40, 50, f"{n}_2023010{n}.tif", transform=None) for n in (1, 2, 3)]
    _, pixels, empty = stack_of(paths[0], paths[1:], card3, tmp_path)
    assert pixels.shape == (18, 40, 50) and not empty.any()


@pytest.mark.parametrize(
    ("name", "tags", "day_text"),
    [
        ("scene.tif", {}, "2023-07-19 (its STAC item)"),
        ("scene.tif", {"TIFFTAG_DATETIME": "2024:01:01 00:00:00"}, "2023-07-19 (its STAC item)"),  # when it was written
        ("scene.tif", {"SENSING_TIME": "2023-05-20"}, "2023-05-20 (SENSING_TIME)"),
        (HLS.format("2023140"), {}, "2023-05-20 (its name)"),
    ],
)
def test_a_stac_item_tells_the_day_where_the_scene_does_not(name, tags, day_text, make_scene, card, tmp_path):
    dated = dataclasses.replace(card, temporal_coords=True)
    source = open_source(
        request_for(
            make_scene(name=name, tags=tags),
            (),
            tmp_path,
            stated=StatedMetadata("its STAC item", False, date="2023-07-19"),
        ),
        dated,
    )
    source.close()
    assert f"{name} was taken on {day_text}." in source.notes
    assert source.records["PRITHVI_DATES"] == day_text[:10]
    assert source.temporal.tolist() == [[2023, 199 if "07-19" in day_text else 139]]
