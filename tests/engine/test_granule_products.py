"""HLS granules and Landsat products, one file a band, opened as one scene."""

from __future__ import annotations

import csv
import dataclasses
import re
import subprocess
import tarfile

import numpy as np
import pytest
import rasterio

from prithvi_qgis.core.errors import ErrorCode, PrithviError
from prithvi_qgis.core.protocol.messages import Segment
from prithvi_qgis.core.scenes.stack_names import stack_name
from prithvi_qgis.engine.inference.segment_scene import run_segment
from prithvi_qgis.engine.reading.open_source import open_source
from prithvi_qgis.engine.reading.rasterio_source import RasterioSource
from prithvi_qgis.engine.reading.whole_scene import read_reflectance
from support import granules
from support.granules import L30, LANDSAT, S30
from support.sources import pixels

DAYS = {S30: "2023-07-19", L30: "2023-07-24", LANDSAT: "2023-07-21"}
SIX = (1, 2, 3, 4, 5, 6)


def prepared(source, card, bands=()):
    scene = RasterioSource(str(source))
    scene.prepare(card, bands, None, None)
    return scene


def refused(source, card, bands=()):
    with pytest.raises(PrithviError) as e:
        prepared(source, card, bands)
    assert "\n" not in e.value.line
    return e.value


@pytest.mark.parametrize(
    ("name", "scaled", "says"),
    [
        (S30, True, "the file's own scale 0.0001 offset 0"),
        (S30, False, "DN x 0.0001 + 0 (HLS S30, as its name says)"),
        (L30, False, "DN x 0.0001 + 0 (HLS L30, as its name says)"),
        (LANDSAT, True, "DN x 2.75e-05 - 0.2 (Landsat 8/9 Collection 2 Level 2, as its name says)"),
    ],
)
def test_a_product_is_one_scene_with_its_sensors_bands_scaling_nodata_and_day(name, scaled, says, card, tmp_path):
    scene = prepared(granules.write_granule(tmp_path / "any", name, scaled=scaled), card)
    reflectance, empty = read_reflectance(scene)
    numbers = np.stack([granules.pixels(name, band) for band in granules.SIX[name]])
    assert np.array_equal(empty, numbers[0] == granules.nodata(name)) and empty.sum() == 300
    scale, offset = (2.75e-5, -0.2) if name == LANDSAT else (1e-4, 0)
    assert np.allclose(reflectance, np.where(empty, 0, numbers * scale + offset), atol=1e-6)
    assert (scene.bands, scene.name, scene.dtype) == (SIX, name, str(numbers.dtype))
    assert scene.block_shape == (64, 64)  # as the files are stored, or each block would be decoded several times
    assert says in scene.scaling.text
    assert (scene.date("").day.isoformat(), scene.date("").where) == (DAYS[name], "its name")
    assert scene.grid.crs.to_epsg() == 32610
    assert scene.grid.transform == rasterio.Affine(30, 0, granules.LEFT, 0, -30, granules.TOP)
    assert f"{name}, one file a band: {' '.join((*granules.SIX[name], *granules.FURTHER[name]))}." in scene.notes[0]
    assert not scene.warnings
    scene.close()


@pytest.mark.parametrize("name", [S30, L30, LANDSAT])
def test_a_folders_mask_is_that_of_the_same_bands_in_one_geotiff(name, segment, tmp_path):
    folder = granules.write_granule(tmp_path / name, name)
    segment(granules.write_whole(tmp_path / "whole.tif", name))
    whole = pixels(tmp_path / "mask.tif")
    segment(folder)
    assert np.array_equal(pixels(tmp_path / "mask.tif"), whole)
    assert len(np.unique(whole)) == 3  # both classes, and nodata
    with rasterio.open(tmp_path / "mask.tif") as mask:
        assert mask.tags()["PRITHVI_SOURCE"] == str(folder)
        assert f"{name}, one file a band" in mask.tags()["PRITHVI_SENSOR"]


def test_every_name_of_a_product_leads_to_the_same_scene(tmp_path):
    folder = granules.write_granule(tmp_path / LANDSAT, LANDSAT)
    granules.write_granule(folder, S30)
    (folder / f"{LANDSAT}_MTL.txt").write_text("GROUP = LANDSAT_METADATA_FILE\n")
    (folder / f"{S30}.cmr.xml").write_text("<Granule/>\n")
    for source in (folder, folder / f"{LANDSAT}_MTL.txt"):
        assert RasterioSource(str(source)).name == LANDSAT
    for source in (folder / S30, folder / f"{S30}.cmr.xml"):
        assert RasterioSource(str(source)).name == S30
    assert refused(folder / f"{LANDSAT}.txt", None).code is ErrorCode.SOURCE_UNREADABLE


def test_missing_bands_are_named_with_their_files(card, tmp_path):
    error = refused(granules.write_granule(tmp_path / S30, S30, without=("B11", "B12")), card)
    assert error.code is ErrorCode.BANDS_MISSING
    assert f"{S30} has B02 B03 B04 B8A" in error.text
    assert "and SWIR 1 (B11), SWIR 2 (B12) are missing." in error.text
    error = refused(granules.write_granule(tmp_path / LANDSAT, LANDSAT, without=("SR_B5",)), card)
    assert "and narrow NIR (B5) is missing." in error.text


def test_a_folder_of_several_products_is_refused_naming_them_and_each_opens_by_its_name(card, tmp_path):
    for name in (S30, L30):
        granules.write_granule(tmp_path, name)
    error = refused(tmp_path, card)
    assert error.code is ErrorCode.SOURCE_UNSUPPORTED
    assert f"holds 2 products: {L30}, {S30}." in error.text
    assert str(tmp_path / L30) in error.hint
    for name in (S30, L30):
        assert prepared(tmp_path / name, card).name == name


def test_one_band_alone_is_refused_with_the_whole_product_as_next_step(card, tmp_path):
    folder = granules.write_granule(tmp_path / "one", S30)
    error = refused(granules.file_of(folder, S30, "B02"), card)
    assert error.code is ErrorCode.BANDS_MISSING
    assert error.hint == f"This is one file of {S30}: give all of it, as {folder}."
    granules.write_granule(folder, L30)
    assert str(folder / S30) in refused(granules.file_of(folder, S30, "B02"), card).hint


def test_a_model_of_one_band_may_be_given_one_band(card, tmp_path):
    one = dataclasses.replace(card, bands=("BLUE",), mean=card.mean[:1], std=card.std[:1])
    folder = granules.write_granule(tmp_path, S30)
    assert prepared(granules.file_of(folder, S30, "B03"), one, bands=(1,)).bands == (1,)


def test_what_is_no_surface_reflectance_of_landsat_8_or_9_is_one_line(card, tmp_path):
    raw, old = LANDSAT.replace("L2SP", "L1TP"), LANDSAT.replace("LC08", "LE07")
    (tmp_path / "raw").mkdir()
    granules.file_of(tmp_path / "raw", LANDSAT, "B2", raw).write_bytes(b"II*")
    granules.write_granule(tmp_path / "old", LANDSAT, as_name=old)
    assert f"{raw} is of level 1, without surface reflectance." in refused(tmp_path / "raw", card).text
    assert f"{old} is not of Landsat 8 or 9" in refused(tmp_path / "old", card).text


def test_a_packed_product_has_to_be_unpacked(card, tmp_path):
    packed = tmp_path / "my downloads" / f"{LANDSAT}.tar"
    packed.parent.mkdir()
    with tarfile.open(packed, "w") as archive:
        for file in granules.write_granule(tmp_path / "any", LANDSAT).iterdir():
            archive.add(file, file.name)
    error = refused(packed, card)
    assert f"{packed.name} is a packed product" in error.text
    unpack = re.search(r"\((mkdir .*)\)", error.hint)[1]
    subprocess.run(["sh", "-c", unpack], cwd=tmp_path, check=True)  # wherever the person's shell stands
    assert prepared(packed.with_suffix(""), card).name == LANDSAT


@pytest.mark.parametrize("fault", ["only quality", "another tile", "no raster"])
def test_a_broken_product_names_its_file(fault, card, tmp_path):
    bands = (*granules.SIX[S30], *granules.FURTHER[S30])
    folder = granules.write_granule(tmp_path / S30, S30, without=bands if fault == "only quality" else ())
    path = granules.file_of(folder, S30, "B11")
    if fault == "another tile":
        with rasterio.open(path, "r+") as out:
            out.transform = rasterio.Affine(30, 0, 0, 0, -30, 0)
    elif fault == "no raster":
        path.write_text("Please log in.")
    expected = {
        "only quality": f"holds none of the bands of {S30}",
        "another tile": f"The band B11 ({path}) has another extent or CRS",
        "no raster": f"The band B11 cannot be read from {path}",
    }
    error = refused(folder, card)
    assert error.code is ErrorCode.SOURCE_UNREADABLE
    assert expected[fault] in error.text


def test_a_mask_never_replaces_a_band_of_its_scene(card, tmp_path):
    folder = granules.write_granule(tmp_path, S30)
    band = granules.file_of(folder, S30, "B02")
    before = band.read_bytes()
    with pytest.raises(PrithviError) as e:
        run_segment(Segment(str(folder), str(card.folder), str(band)), None, lambda m: None)
    assert e.value.code is ErrorCode.OUTPUT_IS_INPUT
    assert band.read_bytes() == before


def test_granules_of_one_folder_are_the_dates_of_a_model(card, tmp_path):
    days = {S30.replace("2023200", day): seed for seed, day in enumerate(("2023200", "2023140", "2023230"))}
    for name, seed in days.items():
        granules.write_granule(tmp_path, S30, as_name=name, seed=seed)
    first, *further = (str(tmp_path / name) for name in days)
    card3 = dataclasses.replace(card, frames=3, temporal_coords=True)
    stack = open_source(Segment(first, "", str(tmp_path / "m.tif"), frames=tuple(further)), card3)
    lines = stack.frame_lines
    stack.close()
    assert [line.split(":")[0] for line in lines] == [f"2023-{d} (its name)" for d in ("05-20", "07-19", "08-18")]
    assert stack.temporal.tolist() == [[2023, 139], [2023, 199], [2023, 229]]
    assert all(line.endswith(("on the first scene's pixels", "its own grid")) for line in lines)


def rows(out):
    with open(out / "results.csv", newline="", encoding="utf-8") as f:
        return {row["input"]: row for row in csv.DictReader(f)}


def test_a_flat_folder_of_many_granules_is_a_scene_a_granule_and_resumes(command, tmp_path):
    flat, out = tmp_path / "downloads", tmp_path / "out"
    granules.write_granule(flat, S30)
    granules.write_granule(flat, L30)
    granules.write_granule(flat / LANDSAT, LANDSAT)
    third = S30.replace("2023200", "2023210")
    granules.write_granule(flat, S30, as_name=third, without=("B8A", "B08"))
    code, lines = command(flat, out)
    assert code == 1
    assert lines[-1] == "4 scenes: 3 segmented, 0 already done, 1 failed"
    assert set(rows(out)) == {str(flat / n) for n in (S30, L30, LANDSAT, third)}
    assert "narrow NIR (B8A) is missing" in rows(out)[str(flat / third)]["error"]
    for name in (S30, L30, LANDSAT):
        code, _ = command(granules.write_whole(tmp_path / "whole.tif", name), tmp_path / "whole_mask.tif")
        assert code == 0
        assert np.array_equal(pixels(out / f"{name}_mask.tif"), pixels(tmp_path / "whole_mask.tif"))
    granules.file_of(flat, L30, "Fmask").write_bytes(b"II*")  # of no use, so nothing changes
    granules.write_raster(
        granules.file_of(flat, S30, "B8A"), granules.pixels(S30, "B8A", 5)[None], nodata=-9999, scale=1e-4
    )
    code, lines = command(flat, out)
    assert lines[-1] == "4 scenes: 1 segmented, 2 already done, 1 failed"


def test_one_folder_and_one_mask_whatever_else_lies_in_it(command, tmp_path):
    folder = granules.write_granule(tmp_path / "mine", S30)
    for _ in range(2):  # the second time the first one's mask lies there
        code, lines = command(folder, folder / "mask.tif")
        assert code == 0, lines
    code, lines = command(folder, tmp_path / "out")
    assert lines[-1] == "2 scenes: 1 segmented, 0 already done, 1 failed"  # the mask is no scene
    assert (tmp_path / "out" / f"{S30}_mask.tif").exists()


def test_bands_of_a_stac_item_are_scaled_as_their_files_names_say(card, tmp_path):
    """Landsat's files carry no scale, and its numbers times the model's would pass for reflectance."""
    folder = granules.write_granule(tmp_path, LANDSAT)
    bands = [(b, str(granules.file_of(folder, LANDSAT, b))) for b in granules.SIX[LANDSAT]]
    scene = prepared(stack_name(list(zip(card.bands, (file for _, file in bands)))), card)
    assert "(Landsat 8/9 Collection 2 Level 2, as its name says)" in scene.scaling.text
    assert (scene.bands, scene.date("").text) == (SIX, "2023-07-21 (its name)")
    scene.close()
