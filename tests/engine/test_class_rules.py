"""Many classes, unsure and ignored ones, small patches: in the mask and in everything that speaks of it."""

from __future__ import annotations

import dataclasses
import json
import math
import re
import time

import numpy as np
import psutil
import pyogrio
import pytest
import rasterio
import torch
from rasterio.transform import Affine
from scipy import ndimage

from prithvi_qgis.core.errors import ErrorCode, PrithviError
from prithvi_qgis.core.models.model_card import ModelClass, read_card
from prithvi_qgis.core.protocol.messages import Segment
from prithvi_qgis.core.system.heartbeat import Heartbeat
from prithvi_qgis.engine.importing.importer import ImportRequest, import_model
from prithvi_qgis.engine.inference import segment_scene, streaming
from prithvi_qgis.engine.mask.class_rules import ClassRules
from prithvi_qgis.engine.mask.pixel_area import ground_areas
from prithvi_qgis.engine.model.model_loader import Loader
from prithvi_qgis.engine.prepared_scene import PreparedScene
from prithvi_qgis.engine.reading.raster_source import Grid
from prithvi_qgis.engine.reading.rasterio_source import RasterioSource
from support import VARIANT, trainings
from support.stand_in import StandIn
from support.synthetic_scenes import blobs


@pytest.fixture
def classify(card, tmp_path):
    """Segments with a stand-in of so many classes and small tiles; returns (mask, classes, tally)."""

    def go(source, count, *, ignore=(), backend=None, cancelled=lambda: False, **fields):
        classes = tuple(ModelClass(v, f"c{v}", f"#{v % 256:02x}{v // 256:02x}ff", v in ignore) for v in range(count))
        many = dataclasses.replace(card, classes=classes, tile=64, stride=48, margin=4)
        request = Segment(str(source), str(card.folder), str(tmp_path / "mask.tif"), **fields)
        scene = RasterioSource(str(source))
        try:
            scene.prepare(many, (), None, None)
            prepared = PreparedScene(request, many, scene, Heartbeat(cancelled))
            statistics, areas = streaming.stream(prepared, backend or StandIn(count), lambda m: None)
        finally:
            scene.close()
        with rasterio.open(tmp_path / "mask.tif") as src:
            return src.read(1), areas, statistics

    return go


@pytest.fixture
def holed(make_scene):
    """A scene with nodata."""
    values = blobs(150, 500)
    hole = np.random.default_rng(3).random((150, 500)) < 0.05
    values[2, hole] = 0
    return make_scene(values=values, nodata=0), hole


def usual(count, path, card):
    """The median of what the stand-in's winning class has on a tile."""
    with rasterio.open(path) as src:
        pixels = src.read()[:, 80:144, :64] * 1e-4
    tile = (pixels - np.array(card.mean)[:, None, None]) / np.array(card.std)[:, None, None]
    logits = StandIn(count).forward(torch.from_numpy(tile[None].astype(np.float32)), None)
    return float(logits.softmax(dim=1).amax(dim=1).median())


@pytest.mark.parametrize("count", [2, 13, 254, 255, 300])
def test_every_number_of_classes_comes_through_mask_table_style_polygons_and_probabilities(
    count, holed, classify, card, tmp_path
):
    path, hole = holed
    minimum = usual(count, path, card)
    mask, areas, statistics = classify(
        path,
        count,
        memory_mb=64,
        min_probability={str(v): minimum for v in range(count)},
        probability=str(tmp_path / "p.tif"),
        polygons=str(tmp_path / "p.gpkg"),
    )
    small = count <= 254
    nodata, unsure = (255, 254) if small else (65535, 65534)
    with rasterio.open(tmp_path / "mask.tif") as src:
        assert (src.dtypes[0], src.nodata) == ("uint8" if small else "uint16", nodata)
        tags = src.tags()
        if small:
            assert src.colormap(1)[unsure] == (0x8C, 0x8C, 0x8C, 255)
            assert src.colormap(1)[count - 1][0] == (count - 1) % 256
        else:
            with pytest.raises(ValueError):
                src.colormap(1)
    assert np.array_equal(mask == nodata, hole) and statistics.nodata == hole.sum()
    assert [a.value for a in areas] == [*range(count), unsure]
    assert (areas[-1].name, areas[-1].unsure) == ("Unsure", True)
    for a in areas:
        assert a.pixels == (mask == a.value).sum()
        assert a.area_m2 == pytest.approx(100 * a.pixels, rel=2e-3)  # UTM: on the ellipsoid, not in its plane
    assert 0.02 < areas[-1].pixels / mask.size < 0.98
    assert len(np.unique(mask)) > min(count, 5)
    assert f"{count - 1}=c{count - 1}, {unsure}=Unsure" in tags["PRITHVI_CLASSES"]

    table = (tmp_path / "mask.tif.aux.xml").read_text()
    assert table.count("<Row ") == count + 1 and table.count("<Category>") == count
    assert f"<F>{unsure}</F><F>Unsure</F><F>{areas[-1].pixels}</F>" in table
    style = (tmp_path / "mask.qml").read_text()
    assert style.count("<paletteEntry") == count + 1
    assert f'value="{unsure}" color="#8c8c8c" alpha="255" label="Unsure"' in style

    frame = pyogrio.read_dataframe(tmp_path / "p.gpkg")
    assert set(frame["class"]) == set(np.unique(mask)) - {nodata}
    assert frame.groupby("class")["area_m2"].sum().to_dict() == pytest.approx(
        {a.value: a.area_m2 for a in areas if a.pixels}
    )
    with rasterio.open(tmp_path / "p.tif") as src:
        percent = src.read()
    assert percent.shape[0] == count
    most = percent.max(axis=0).astype(float)
    valid = ~hole
    assert np.all(mask[valid & (most > 100 * minimum + 0.51)] != unsure)
    assert np.all(mask[valid & (most < 100 * minimum - 0.51)] == unsure)


def test_counting_rows_of_a_geographic_scene_sums_areas_of_every_row(make_scene, classify):
    place = {"transform": Affine(1e-2, 0, -3, 0, -1e-2, 70), "crs": "EPSG:4326"}
    mask, areas, _ = classify(make_scene(300, 90, **place), 13)
    rows = np.array([(mask == 5).sum(axis=1)])
    grid = Grid(mask.shape[1], mask.shape[0], rasterio.crs.CRS.from_string(place["crs"]), place["transform"])
    assert areas[5].area_m2 == pytest.approx(
        (rows @ ground_areas(grid).window(0, 0, 1, mask.shape[0]))[0, 0], rel=1e-12
    )
    assert areas[5].pixels > 0


def test_sums_that_do_not_fit_into_the_budget_are_refused_before_anything_is_written(holed, classify, tmp_path):
    with pytest.raises(PrithviError) as e:
        classify(holed[0], 300, memory_mb=1)
    assert e.value.code is ErrorCode.OUT_OF_MEMORY
    assert "300 classes" in e.value.line and "PRITHVI_QGIS_MEMORY_MB" in e.value.line
    assert sorted(p.name for p in tmp_path.iterdir()) == ["scene.tif"]


def test_ignored_classes_become_nodata_whoever_ignores_them(holed, classify, tmp_path):
    path, hole = holed
    plain, _, _ = classify(path, 5)
    mask, areas, statistics = classify(path, 5, ignore=(0,), ignore_classes=(3,), min_probability={"0": 1.0})
    gone = hole | np.isin(plain, [0, 3])
    assert gone.sum() > hole.sum()
    assert np.array_equal(mask, np.where(gone, 255, plain))
    assert [a.value for a in areas] == [1, 2, 4, 254]
    assert statistics.nodata == gone.sum() and sum(a.pixels for a in areas) == (~gone).sum()
    with rasterio.open(tmp_path / "mask.tif") as src:
        assert src.tags()["PRITHVI_IGNORED"] == "0=c0, 3=c3"
    table = (tmp_path / "mask.tif.aux.xml").read_text()
    assert "<Category></Category><Category>c1</Category><Category>c2</Category><Category></Category>" in table


def merged_as_expected(before, after, pixels, apart):
    """Hold GDAL's answer against connected components that SciPy finds."""
    fixed = np.isin(before, apart)
    assert np.array_equal(before[fixed], after[fixed])
    label, size, value = np.zeros(before.shape, int), [0], [None]
    for v in np.unique(before[~fixed]):
        found, count = ndimage.label(before == v)
        label[found > 0] = found[found > 0] + len(size) - 1
        size += np.bincount(found.ravel(), minlength=count + 1)[1:].tolist()
        value += [v] * count
    size = np.array(size)
    touching = {}
    for a, b in ((label[1:], label[:-1]), (label[:, 1:], label[:, :-1])):
        edge = (a != b) & (a > 0) & (b > 0)
        for one, other in {*zip(a[edge].tolist(), b[edge].tolist())}:
            touching.setdefault(one, set()).add(other)
            touching.setdefault(other, set()).add(one)
    merged, patches = 0, range(1, len(size))
    became = [0, *ndimage.minimum(after, label, patches)]
    assert became[1:] == list(ndimage.maximum(after, label, patches))  # a patch moves as a whole
    for patch in patches:
        if size[patch] >= pixels:
            assert became[patch] == value[patch]
            continue
        # The largest neighbour, or that one's largest, until one is large enough or it goes round in a circle. Of
        # neighbours of one size GDAL takes either: such patches are left to the others.
        at, seen = patch, set()
        while True:
            around = touching.get(at, set())
            most = max((size[q] for q in around), default=0)
            largest = [q for q in around if size[q] == most]
            seen.add(at)
            if len(largest) != 1 or largest[0] in seen or most >= pixels:
                break
            at = largest[0]
        if len(largest) > 1:
            continue
        moves = len(largest) == 1 and most >= pixels
        assert became[patch] == (value[largest[0]] if moves else value[patch])
        merged += moves
    return merged


@pytest.mark.parametrize("count", [3, 300])
def test_patches_that_are_too_small_go_to_their_largest_neighbour_and_nothing_else_moves(
    count, make_scene, classify, card, tmp_path
):
    # The stand-in tells 300 classes apart by so little that noise would leave no patch: calm fields, and speckle.
    y, x = np.mgrid[:150, :500]
    rng = np.random.default_rng(4)
    values = np.tile(1000 + (300 if count == 3 else 20) * (np.sin(x / 40) + np.cos(y / 30)), (6, 1, 1))
    values[:, rng.random(x.shape) < 0.06] += 40
    hole = rng.random(x.shape) < 0.05
    values[2, hole] = 0
    path = make_scene(values=values.round().astype(np.uint16), nodata=0)
    min_probabilities = dict.fromkeys(map(str, range(count)), usual(count, path, card) * 0.9)
    raw, _, _ = classify(path, count, min_probability=min_probabilities)
    mask, areas, statistics = classify(
        path, count, min_probability=min_probabilities, min_area="20 px", polygons=str(tmp_path / "p.gpkg")
    )
    unsure, nodata = (254, 255) if count == 3 else (65534, 65535)
    assert (raw == unsure).sum() > 100
    assert merged_as_expected(raw, mask, 20, [unsure, nodata]) > 50
    assert (raw != mask).any()
    assert [a.pixels for a in areas] == [(mask == a.value).sum() for a in areas]
    assert statistics.nodata == hole.sum()
    frame = pyogrio.read_dataframe(tmp_path / "p.gpkg")
    assert frame["area_m2"].sum() == pytest.approx(sum(a.area_m2 for a in areas), rel=1e-6)
    counted = [
        int(n) for n in re.findall(r"</F><F>(\d+)</F><F>\d+\.\d\d</F>", (tmp_path / "mask.tif.aux.xml").read_text())
    ]
    assert counted == [a.pixels for a in areas]
    with rasterio.open(tmp_path / "mask.tif") as src:
        assert src.tags()["PRITHVI_MIN_AREA"] == "20 px"
    assert sorted(p.name for p in tmp_path.iterdir() if p.name.startswith(".")) == []


@pytest.mark.parametrize(("pixels", "same"), [(20, "20"), (20.01, "21"), (1, "1")])
@pytest.mark.parametrize("crs", ["EPSG:32630", "EPSG:3857"])
def test_an_area_on_the_ground_is_as_many_pixels_as_it_covers(pixels, same, crs, make_scene, classify):
    place = {"transform": Affine(10, 0, 400000, 0, -10, 6000000), "crs": crs}
    holed = [make_scene(150, 500, **place)]
    grid = Grid(500, 150, rasterio.crs.CRS.from_string(crs), place["transform"])
    one, _, _ = classify(holed[0], 3, min_area=f"{pixels * ground_areas(grid).mean:.4f} m2")
    other, _, _ = classify(holed[0], 3, min_area=same)
    assert np.array_equal(one, other)


def test_pixels_of_different_size_are_named_where_a_smallest_patch_is_an_area(make_scene, card):
    place = {"transform": Affine(0.02, 0, 0, 0, -0.02, 62), "crs": "EPSG:4326"}
    scene = RasterioSource(str(make_scene(250, 60, **place)))
    prepared = PreparedScene(Segment("", str(card.folder), "", min_area="50 km2"), card, scene)
    (line,) = [w for w in scene.warnings if "MIN_AREA" in w]
    low, high = (int(n.replace(",", "")) for n in re.search(r"that is ([\d,]+) to ([\d,]+) m2", line).groups())
    assert low < 50e6 < high and high / low == pytest.approx(
        math.cos(math.radians(57)) / math.cos(math.radians(62)), 0.01
    )
    assert prepared.rules.smallest_patch == pytest.approx(20, abs=2)
    scene.close()


def test_an_area_on_the_ground_needs_a_georeference(make_scene, classify):
    with pytest.raises(PrithviError, match="no georeference") as e:
        classify(make_scene(50, 60, transform=None), 3, min_area="0.2 ha")
    assert e.value.code is ErrorCode.PARAMETER_INVALID


@pytest.mark.parametrize("computes", [True, False])
def test_merging_patches_is_progress_while_it_computes_and_not_while_it_waits(computes, tmp_path, monkeypatch):
    from prithvi_qgis.engine.mask import sieve

    busy = "sum(range(10**6))" if computes else "time.sleep(0.1)"
    script = tmp_path / "script.py"
    script.write_text(f"import time\nend = time.monotonic() + 2\nwhile time.monotonic() < end: {busy}\n")
    monkeypatch.setattr(sieve, "_SCRIPT", script)
    heartbeat = Heartbeat()
    began = time.monotonic()
    files = (tmp_path / name for name in ("mask.tif", "valid.tif", "sieved"))
    sieve.sieve(*files, ClassRules("uint8", 255, 2, (), smallest_patch=20), "mask.tif", heartbeat)
    assert (heartbeat.last_progress - began > 1.5) == computes


def test_cancel_while_patches_are_merged_ends_the_process_and_leaves_no_file(holed, classify, tmp_path, monkeypatch):
    from prithvi_qgis.engine.mask import sieve

    waits = tmp_path / "wait.py"
    waits.write_text("import time; time.sleep(60)")  # GDAL would be done before anybody could cancel
    monkeypatch.setattr(sieve, "_SCRIPT", waits)

    def children():
        return [p for p in psutil.Process().children() if str(waits) in p.cmdline()]

    with pytest.raises(PrithviError) as e:
        classify(holed[0], 3, min_area="20", cancelled=lambda: bool(children()))
    assert e.value.code is ErrorCode.CANCELLED
    assert children() == []
    assert sorted(p.name for p in tmp_path.iterdir()) == ["scene.tif", "wait.py"]


def test_a_sieve_that_fails_is_one_error_and_leaves_no_file(holed, classify, tmp_path, monkeypatch):
    from prithvi_qgis.engine.mask import sieve

    (tmp_path / "bad.py").write_text("raise RuntimeError('no luck')")
    monkeypatch.setattr(sieve, "_SCRIPT", tmp_path / "bad.py")
    with pytest.raises(PrithviError, match="no luck"):
        classify(holed[0], 3, min_area="20")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["bad.py", "scene.tif"]


@pytest.mark.vllm
def test_thirteen_classes_and_their_minima_in_vllm_are_those_of_plain_terratorch(home, make_scene, tmp_path):
    config = trainings.configuration(trainings.arguments(classes=13))
    config["model"]["init_args"]["ignore_index"] = 4
    model = trainings.random_model(config)
    lines = []
    files = trainings.write(tmp_path / "training", config, model)
    folder = import_model(ImportRequest(*files, "thirteen"), VARIANT, lambda percent, text: lines.append(text))
    assert any("Class 4 (4) was ignored in training" in line for line in lines)
    assert [c.value for c in read_card(folder).classes if c.ignore] == [4]
    path = make_scene(64, 64)  # one tile: nothing is blended
    with rasterio.open(path) as src:
        reflectance = src.read().astype(np.float64) * 1e-4
    mean, std = (np.array(config["data"]["init_args"][k])[:, None, None] for k in ("means", "stds"))
    with torch.inference_mode():
        logits = (
            model(torch.from_numpy(((reflectance - mean) / std)[None].astype(np.float32))).output[0].double().numpy()
        )
    odds = np.exp(logits - logits.max(axis=0))
    probability = odds / odds.sum(axis=0)
    winner, best = probability.argmax(axis=0), probability.max(axis=0)
    low = float(np.median(best))
    min_probabilities = {str(v): low for v in range(13)} | {"2": 0.0}
    expected = np.where((best < low) & (winner != 2), 254, winner)
    expected[winner == 4] = 255
    emitted = []
    request = Segment(str(path), str(folder), str(tmp_path / "m.tif"), min_probability=min_probabilities)
    loader = Loader(VARIANT)
    try:
        result = segment_scene.run_segment(request, loader, emitted.append)
    finally:
        loader.unload()
    with rasterio.open(tmp_path / "m.tif") as src:
        mask = src.read(1)
    clear = np.abs(best - low) > 1e-4
    assert {254, 255} <= set(np.unique(mask)) and len(np.unique(mask)) > 5
    assert (mask == expected)[clear].mean() >= 0.999
    assert clear.mean() > 0.95
    texts = " ".join(getattr(m, "text", "") for m in emitted)
    assert "Ignored: Class 4 (4)" in texts and "becomes unsure (254)" in texts
    assert sum(c.pixels for c in result.classes) + result.nodata_pixels == 64 * 64


def test_an_ignore_index_that_no_channel_has_or_that_leaves_one_class_is_not_taken_over(home, tmp_path, monkeypatch):
    from prithvi_qgis.engine.importing import self_check

    monkeypatch.setattr(self_check, "check_in_vllm", lambda *checked: 1.0)
    for number, (count, index, given) in enumerate(
        [(3, -1, ""), (3, 255, ""), (3, True, ""), (2, 0, ""), (3, 1, "false")]
    ):
        config = trainings.configuration(trainings.arguments(classes=count))
        config["model"]["init_args"]["ignore_index"] = index
        files = trainings.write(tmp_path / str(number), config, trainings.random_model(config))
        own = [{"value": v, "name": f"n{v}", **({"ignore": False} if v == index else {})} for v in range(count)]
        classes = json.dumps(own) if given else ""
        folder = import_model(ImportRequest(*files, f"m{number}", classes), VARIANT, lambda percent, text: None)
        assert not any(c.ignore for c in read_card(folder).classes)
    own[2]["ignore"] = True
    folder = import_model(ImportRequest(*files, "given", json.dumps(own)), VARIANT, lambda percent, text: None)
    assert [c.ignore for c in read_card(folder).classes] == [False, False, True]
    own[2]["ignore"] = "yes"
    with pytest.raises(PrithviError, match="'yes'"):
        import_model(ImportRequest(*files, "bad", json.dumps(own)), VARIANT, lambda percent, text: None)


def test_colours_that_nobody_gave_are_all_different_for_three_hundred_classes():
    from prithvi_qgis.engine.importing.classes import color

    assert len({color(v, 300) for v in range(300)}) == 300
