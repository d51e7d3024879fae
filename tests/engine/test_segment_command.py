"""``segment`` of the engine's command line, with a stand-in for the model."""

from __future__ import annotations

import base64
import csv
import io
import json
import os
import pty
import types

import numpy as np
import pytest
import rasterio

from prithvi_qgis.core.folder_runs.mosaic import COG, write_mosaic
from prithvi_qgis.core.protocol.messages import Progress, Segment
from prithvi_qgis.engine.commands import segment
from prithvi_qgis.engine.commands.progress_bar import ProgressBar
from prithvi_qgis.engine.inference.segment_scene import run_segment
from prithvi_qgis.engine.many.rasterio_tool import RasterioTool
from support import VARIANT
from support.sources import pixels
from support.stand_in import StandInLoader
from support.synthetic_scenes import blobs


def expected(card, source, tmp_path):
    request = Segment(str(source), str(card.folder), str(tmp_path / "expected.tif"))
    run_segment(request, StandInLoader(VARIANT), lambda m: None)
    return pixels(request.output)


@pytest.mark.parametrize("encoded", [False, True], ids=["bytes", "base64"])
def test_standard_input_is_a_scene(command, card, make_scene, tmp_path, monkeypatch, encoded):
    path = make_scene()
    data = path.read_bytes()
    stream = types.SimpleNamespace(buffer=io.BytesIO(base64.encodebytes(data) if encoded else data))
    monkeypatch.setattr("sys.stdin", stream)
    code, lines = command("-", tmp_path / "mask.tif")
    assert code == 0
    assert lines[0].startswith(f"-: {tmp_path / 'mask.tif'}")
    assert np.array_equal(pixels(tmp_path / "mask.tif"), expected(card, path, tmp_path))


def test_a_folder_a_scene_beside_it_and_a_broken_one(command, card, make_scene, tmp_path):
    folder = tmp_path / "scenes"
    (folder / "deeper").mkdir(parents=True)
    made = [make_scene(60 + n, 70, f"scenes/{n}.tif", values=blobs(60 + n, 70, seed=n)) for n in range(3)]
    (folder / "deeper" / "0.tif").write_text("This is no picture.")
    single = make_scene(50, 40, "single.tif")
    out = tmp_path / "out"
    code, lines = command(folder, single, out, "--json", "--recursive", "--mosaic", "vrt", "--polygons")
    assert code == 1
    printed = [json.loads(line) for line in lines]
    assert next(t for t in printed if "error" in t)["error"] == "source_unreadable"
    assert printed[-1] == {
        "scenes": 5,
        "done": 4,
        "skipped": 0,
        "failed": 1,
        "results": str(out / "results.csv"),
        "mosaics": [str(out / "mosaic.vrt")],
    }
    for path in (*made, single):
        assert np.array_equal(pixels(out / f"{path.stem}_mask.tif"), expected(card, path, tmp_path))
        assert (out / f"{path.stem}_polygons.gpkg").exists()
    assert pixels(out / "mosaic.vrt").shape == (1, 62, 70)
    code, lines = command(folder, single, out, "--recursive", "--polygons")
    assert code == 1
    assert lines[-1] == "5 scenes: 0 segmented, 4 already done, 1 failed"
    with open(out / "results.csv") as f:
        assert len(list(csv.DictReader(f))) == 5


def test_bands_in_files_of_their_own_are_the_scene_that_they_make(command, card, make_scene, tmp_path):
    whole = make_scene(80, 90, "whole.tif")
    values = pixels(whole)
    names = ("B02", "B03", "B04", "B8A", "B11", "B12")
    for name, band in zip(names, values):
        make_scene(values=band[None], name=f"{name}.tif", names=("",))
    item = {"type": "Feature", "id": "item", "assets": {n: {"href": f"{n}.tif", "type": "image/tiff"} for n in names}}
    (tmp_path / "items.json").write_text(json.dumps({"type": "FeatureCollection", "features": [item]}))
    code, lines = command(tmp_path / "items.json", tmp_path / "out")
    assert code == 0, lines
    mask = tmp_path / "out" / "item_mask.tif"
    assert np.array_equal(pixels(mask), expected(card, whole, tmp_path))
    with rasterio.open(mask) as src:
        assert str(tmp_path / "B8A.tif") in src.tags()["PRITHVI_SOURCE"]
    (tmp_path / "B8A.tif").unlink()
    assert command(tmp_path / "items.json", tmp_path / "out")[1][0].startswith("Error: The band NIR_NARROW")


@pytest.mark.parametrize(
    ("arguments", "phrase"),
    [
        (["missing.tif", "out"], "does not exist"),
        (["a.tif", "b.tif", "out.tif"], "is one file"),
        (["a.tif", "out", "--model", "nothing"], "There is no model"),
        (["a.tif", "out", "--bands", "x"], "invalid literal"),
        (["a.tif", "b.tif", "out", "--frame", "b.tif"], "each of 2 is segmented by itself"),
        (["a.tif", "b.tif", "out", "--dates", "2023-03-14"], "each of 2 is segmented by itself"),
        (["a.tif", "out.tif", "--workers", "2"], "Give a folder as output."),
        (["a.tif", "out.tif", "--cluster", "north:6379"], "Give a folder as output."),
    ],
)
def test_wrong_arguments_are_one_line_and_exit_code_2(
    command, make_scene, tmp_path, monkeypatch, capsys, arguments, phrase
):
    make_scene(name="a.tif")
    make_scene(name="b.tif")
    monkeypatch.chdir(tmp_path)
    code, lines = command(*arguments)
    assert (code, lines) == (2, [])
    error = capsys.readouterr().err
    assert phrase in error and error.count("\n") == 1
    assert not (tmp_path / "out").exists()


def test_a_list_of_several_scenes_is_not_segmented_to_one_file(command, make_scene, tmp_path, capsys):
    scenes = [make_scene(64, 64, f"{name}.tif") for name in "ab"]
    (tmp_path / "scenes.txt").write_text("".join(f"{path}\n" for path in scenes))
    assert command(tmp_path / "scenes.txt", tmp_path / "out.tif") == (2, [])
    assert "out.tif is one file, but there are several scenes" in capsys.readouterr().err
    assert not (tmp_path / "out.tif").exists()


def test_a_product_that_is_a_folder_is_one_scene_to_one_mask(command, tmp_path, capsys):
    product = tmp_path / "S2A_MSIL1C_20230314T104021_N0509_R008_T31UFS_20230314T124021.SAFE"
    product.mkdir()
    code, lines = command(product, tmp_path / "out.tif")
    assert code == 1  # it is opened, and found incomplete
    assert "MTD_MSIL1C.xml" in lines[0]
    assert "is one file" not in capsys.readouterr().err


@pytest.mark.parametrize(("dtype", "name", "nodata"), [("float32", "Float32", -9999.0), ("uint16", "UInt16", 65535.0)])
def test_the_mosaic_reads_as_the_masks_do(tmp_path, dtype, name, nodata):
    profile = {"width": 8, "height": 8, "count": 1, "dtype": dtype, "nodata": nodata, "crs": "EPSG:32630"}
    masks = []
    for n in range(2):
        values = np.full((1, 8, 8), 300.0 + n, dtype)
        values[0, 0] = nodata
        masks.append(tmp_path / f"{n}.tif")
        origin = rasterio.transform.from_origin(80.0 * n, 80.0, 10.0, 10.0)
        with rasterio.open(masks[-1], "w", driver="GTiff", transform=origin, **profile) as out:
            out.write(values)
    grid = RasterioTool().grid(masks[0])
    assert (grid.dtype, grid.nodata) == (name, nodata)
    vrt, cog = write_mosaic(tmp_path, masks, (), RasterioTool(), COG).files
    for path in (vrt, cog):
        with rasterio.open(path) as src:
            assert (src.dtypes[0], src.nodata) == (dtype, nodata)
        assert np.array_equal(pixels(path), np.concatenate([pixels(m) for m in masks], axis=2))


def test_interrupting_keeps_what_is_complete(command, make_scene, tmp_path, monkeypatch):
    import signal

    for n in range(6):
        make_scene(300, 300, f"s{n}.tif", values=blobs(300, 300, seed=n))
    taken = segment.FolderRun.take

    def take(self, message):
        taken(self, message)
        if type(message).__name__ == "SceneDone":
            signal.raise_signal(signal.SIGTERM) if not self.__dict__.setdefault("asked", False) else None
            self.asked = True

    monkeypatch.setattr(segment.FolderRun, "take", take)
    code, _ = command(tmp_path, tmp_path / "out", "--pattern", "s*.tif")
    assert code == segment.INTERRUPTED
    done = len(list((tmp_path / "out").glob("*_mask.tif")))
    assert 1 <= done < 6
    monkeypatch.undo()
    monkeypatch.setattr(segment, "Loader", StandInLoader)
    code, lines = command(tmp_path, tmp_path / "out", "--pattern", "s*.tif")
    assert (code, lines[-1]) == (0, f"6 scenes: {6 - done} segmented, {done} already done, 0 failed")


def test_a_terminal_gets_a_bar_and_a_log_gets_lines():
    log = io.StringIO()
    for done in range(100):
        ProgressBar(log).show(Progress(done, 100, "segmenting", 7.0), "scenes")
    assert "\r" not in log.getvalue()
    quiet = io.StringIO()
    bar = ProgressBar(quiet)
    for done in range(100):
        bar.show(Progress(done, 100, "segmenting", 7.0), "scenes")
    assert quiet.getvalue() == "segmenting 0/100 scenes, 7.0 tiles/s\n"
    reader, writer = pty.openpty()
    with os.fdopen(writer, "w") as terminal:
        bar = ProgressBar(terminal)
        bar.show(Progress(50, 100, "segmenting"), "scenes")
        bar.close()
        terminal.flush()
        shown = ""
        while "....." not in shown:  # a read returns what has arrived
            shown += os.read(reader, 4096).decode()
    os.close(reader)
    assert "\r" in shown and "#####" in shown and "....." in shown


def test_items_are_segmented_as_they_state_and_a_malformed_one_fails_alone(command, card, make_scene, tmp_path):
    plain = make_scene(60, 70, "plain.tif")
    make_scene(60, 70, "coded.tif", values=blobs(60, 70) + 1000)
    stated = {"raster:scale": 1e-4, "raster:offset": -0.1}
    items = [
        {"type": "Feature", "id": "coded", "assets": {"data": {"href": "coded.tif", **stated}}},
        {"type": "Feature", "id": "odd" * 100, "assets": {"B04": {"href": None}, **{f"x{n}": 5 for n in range(99)}}},
    ]
    (tmp_path / "items.json").write_text(json.dumps({"type": "FeatureCollection", "features": items}))
    code, lines = command(tmp_path / "items.json", tmp_path / "out", "--json")
    failed, done = sorted((json.loads(line) for line in lines[:-1]), key=lambda line: "error" not in line)
    assert (code, failed["error"]) == (1, "source_unreadable") and 'asset "B04" has no href' in failed["text"]
    assert done["scaling"] == "its STAC item's scale 0.0001 offset -0.1"
    assert np.array_equal(pixels(done["output"]), expected(card, plain, tmp_path))
    assert "1 already done" in command(tmp_path / "items.json", tmp_path / "out")[1][-1]
    items[0]["assets"]["data"]["raster:offset"] = -0.09
    (tmp_path / "items.json").write_text(json.dumps(items[0]))
    code, lines = command(tmp_path / "items.json", tmp_path / "out", "--json")
    assert json.loads(lines[0])["scaling"] == "its STAC item's scale 0.0001 offset -0.09"  # segmented again
    code, lines = command(tmp_path / "items.json", tmp_path / "one.tif", "--json")
    assert json.loads(lines[0])["scaling"] == "its STAC item's scale 0.0001 offset -0.09"
