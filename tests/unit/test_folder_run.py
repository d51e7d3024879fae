"""The records of a folder run: what is done is known after any end, and nothing stands twice."""

from __future__ import annotations

import csv
import dataclasses
import errno
import json
import os
import re

import pytest

from prithvi_qgis.core.errors import ErrorCode, PrithviError
from prithvi_qgis.core.folder_runs.fingerprint import FINGERPRINT_TAG, OUTCOME_TAG, fingerprint
from prithvi_qgis.core.folder_runs.folder_run import FolderRun, FolderRunOptions
from prithvi_qgis.core.folder_runs.records import unwritable
from prithvi_qgis.core.folder_runs.scene_discovery import SceneSource
from prithvi_qgis.core.models.model_card import read_card
from prithvi_qgis.core.protocol.messages import (
    ClassArea,
    Progress,
    Result,
    SceneDone,
    SceneFailed,
    SceneStarted,
    Segment,
    WorkerState,
)
from prithvi_qgis.core.system.paths import resources
from prithvi_qgis.core.system.timeouts import TIMEOUTS
from prithvi_qgis.engine.html_renderer import render

CARD = read_card(resources() / "models" / "demo-water")
TEMPLATE = Segment("", str(CARD.folder), "")


class Rasters:
    """Tags of masks, kept in the files themselves."""

    def tags(self, path):
        return json.loads(path.read_text())

    def grid(self, path):
        return None


@pytest.fixture
def scenes(tmp_path):
    out = []
    for n in range(4):
        path = tmp_path / f"s{n}.tif"
        path.write_text("pixels")
        out.append(SceneSource(str(path), path.name, str(path), f"s{n}"))
    return out


def start(tmp_path, scenes, template=TEMPLATE, timeouts=TIMEOUTS, **wanted):
    return FolderRun(tmp_path / "out", scenes, template, CARD, FolderRunOptions(**wanted), Rasters(), render, timeouts)


def mask(request):
    """What the engine leaves before anybody records it."""
    areas = {"Land": 12.5, "Water": None}
    outcome = {"seconds": 1.0, "tiles_per_s": 2.0, "valid_pixels": 7, "started": "now", "areas_m2": areas}
    tags = {FINGERPRINT_TAG: fingerprint(request, CARD), OUTCOME_TAG: json.dumps(outcome), "PRITHVI_DEVICE": "cpu (x)"}
    with open(request.output, "w") as f:
        json.dump(tags, f)


def done(run, number):
    request = run.todo[number]
    mask(request)
    classes = (ClassArea(0, "Land", "#000000", 4, 12.5), ClassArea(1, "Water", "#0000ff", 3, None))
    result = Result(request.output, CARD.id, "cpu", "x", "e", 2, 1.0, {"segment": 1.0}, 4, 2, 1, classes, (1,), "s")
    run.take(SceneStarted(number))
    run.take(SceneDone(number, result, "now"))


def rows(tmp_path):
    with open(tmp_path / "out" / "results.csv", newline="") as f:
        return list(csv.DictReader(f))


def test_a_record_has_the_fixed_columns(tmp_path, scenes):
    run = start(tmp_path, scenes)
    done(run, 0)
    run.take(SceneFailed(1, "bands_missing", 'It has "4" bands,\nreally.', "Stack them."))
    run.close()
    good, bad = rows(tmp_path)
    assert list(good) == [
        *("input", "output", "success", "error_code", "error", "seconds", "tiles_per_s", "valid_pixels", "started"),
        *("model", "device", "area_m2_Land", "area_m2_Water"),
    ]
    assert (good["success"], good["valid_pixels"], good["tiles_per_s"]) == ("true", "7", "2.00")
    assert (good["area_m2_Land"], good["area_m2_Water"]) == ("12.50", "")
    assert (bad["success"], bad["error_code"], bad["output"]) == ("false", "bands_missing", "")
    assert bad["error"].endswith("Stack them.")


def test_masks_of_remote_scenes_that_are_kept_are_said_to_be_unchecked(tmp_path, scenes):
    remote = "/vsizip//vsicurl/https://host/a.zip/a.tif"
    scenes = [scenes[0], SceneSource(remote, "a.tif", remote, "a")]
    for overwrite, notes in [(False, 0), (False, 1), (True, 0)]:
        run = start(tmp_path, scenes, overwrite=overwrite)
        for n in range(len(run.todo)):
            done(run, n)
        found = [note for note in run.finish().notes if "Masks of scenes on servers were kept (1)" in note]
        assert len(found) == notes
        run.close()


def test_a_second_run_keeps_what_is_done_and_tries_again_what_failed(tmp_path, scenes):
    run = start(tmp_path, scenes)
    done(run, 0)
    run.take(SceneFailed(1, "source_unreadable", "Broken."))
    run.finish()
    run.close()
    run = start(tmp_path, scenes)
    assert [r.source_name for r in run.todo] == ["s1.tif", "s2.tif", "s3.tif"]
    for n in range(3):
        done(run, n)
    outcome = run.finish()
    run.close()
    assert (outcome.scenes, outcome.done, outcome.skipped, outcome.failed) == (4, 3, 1, 0)
    assert sorted(r["input"] for r in rows(tmp_path)) == [s.key for s in scenes]
    assert all(r["success"] == "true" for r in rows(tmp_path))
    assert start(tmp_path, scenes).todo == []


def test_scenes_that_took_the_engine_down_are_tried_again_after_all_others(tmp_path, scenes):
    run = start(tmp_path, scenes)
    for number in (0, 2):
        run.take(SceneFailed(number, ErrorCode.ENGINE_DIED.value, "It died.", ""))
    run.take(SceneFailed(1, "source_unreadable", "No raster.", ""))
    run.finish(complete=False)
    run.close()
    again = start(tmp_path, scenes)
    assert [r.source_name for r in again.todo] == ["s1.tif", "s3.tif", "s0.tif", "s2.tif"]
    done(again, 3)
    assert [row["input"] for row in rows(tmp_path) if row["success"] == "true"] == [scenes[2].key]
    again.close()


RESAVED = {
    "Excel, CSV UTF-8": {"encoding": "utf-8-sig"},
    "Excel, a comma as the decimal sign": {"encoding": "utf-8-sig", "delimiter": ";"},
    "semicolons": {"delimiter": ";"},
    "tabs": {"delimiter": "\t"},
    "every cell quoted": {"quoting": csv.QUOTE_ALL},
    "line ends of Windows": {"lineterminator": "\r\n"},
}


def save_again(path, encoding="utf-8", delimiter=",", **more):
    """Write a table as a spreadsheet does."""
    with open(path, newline="", encoding="utf-8") as f:
        table = list(csv.reader(f))
    with open(path, "w", newline="", encoding=encoding) as f:
        csv.writer(f, delimiter=delimiter, **more).writerows(table)


@pytest.mark.parametrize("how", RESAVED)
def test_records_that_a_spreadsheet_has_saved_are_read_and_kept(tmp_path, scenes, how):
    run = start(tmp_path, scenes)
    done(run, 0)
    done(run, 1)
    run.close()
    whole = rows(tmp_path)
    save_again(tmp_path / "out" / "results.csv", **RESAVED[how])
    run = start(tmp_path, scenes)
    run.close()
    assert [r.source_name for r in run.todo] == ["s2.tif", "s3.tif"]
    assert rows(tmp_path) == whole
    assert [p.name for p in (tmp_path / "out").glob("results*")] == ["results.csv"]


@pytest.mark.parametrize("cut", [1, 20, 80])
def test_a_torn_record_is_written_again_from_the_mask(tmp_path, scenes, cut):
    run = start(tmp_path, scenes)
    done(run, 0)
    done(run, 1)
    run.close()
    whole = rows(tmp_path)
    path = tmp_path / "out" / "results.csv"
    path.write_bytes(path.read_bytes()[:-cut])
    run = start(tmp_path, scenes)
    run.close()
    assert [r.source_name for r in run.todo] == ["s2.tif", "s3.tif"]
    assert rows(tmp_path) == whole


def test_a_mask_whose_record_was_lost_gets_it_back(tmp_path, scenes):
    run = start(tmp_path, scenes)
    mask(run.todo[2])
    run.close()
    run = start(tmp_path, scenes)
    run.close()
    assert [r.source_name for r in run.todo] == ["s0.tif", "s1.tif", "s3.tif"]
    (row,) = rows(tmp_path)
    assert (row["input"], row["success"], row["device"], row["area_m2_Land"]) == (scenes[2].key, "true", "cpu", "12.50")


@pytest.mark.parametrize(
    "change",
    [
        lambda s, t: (s, dataclasses.replace(t, bands=(1, 2, 3, 4, 5, 6))),
        lambda s, t: (s, dataclasses.replace(t, scale=2.0)),
        lambda s, t: (s, dataclasses.replace(t, stride=100)),
        lambda s, t: (os.utime(s[0].source, (1, 1)), (s, t))[1],
        lambda s, t: (open(s[0].source, "a").write("more"), (s, t))[1],
    ],
    ids=["bands", "scale", "stride", "time", "size"],
)
def test_what_changes_a_mask_has_it_made_again(tmp_path, scenes, change):
    run = start(tmp_path, scenes[:1])
    done(run, 0)
    run.close()
    changed, template = change(scenes[:1], TEMPLATE)
    run = start(tmp_path, changed, template)
    run.close()
    assert len(run.todo) == 1
    assert rows(tmp_path) == []


def test_where_it_runs_does_not_matter_and_overwrite_does_it_again(tmp_path, scenes):
    run = start(tmp_path, scenes[:1])
    done(run, 0)
    run.close()
    elsewhere = dataclasses.replace(TEMPLATE, device="cuda", batch_size=7, gpu_memory=0.5, memory_mb=900)
    with_device = start(tmp_path, scenes[:1], elsewhere)
    with_device.close()
    assert with_device.todo == []
    again = start(tmp_path, scenes[:1], overwrite=True)
    again.close()
    assert len(again.todo) == 1


def test_every_field_of_a_request_but_the_indifferent_counts():
    """A field that is added to Segment must change the fingerprint by itself."""
    base = Segment("s", str(CARD.folder), "o")
    same = {"model", "output", "report", "device", "batch_size", "gpu_memory", "keep_warm_min", "source_name"}
    same |= {"memory_mb", "frame_names", "block", "join"}
    other = {str: "other", int: 17, float: 0.25, tuple: (1, 2), type(None): 0.5, bool: True, dict: {"0": 0.5}}
    other_of = {"frames": ("f.tif",)}
    for field in dataclasses.fields(Segment):
        value = getattr(base, field.name)
        changed = dataclasses.replace(base, **{field.name: other_of.get(field.name, other[type(value)])})
        assert (fingerprint(changed, CARD) == fingerprint(base, CARD)) == (field.name in same), field.name


def test_two_runs_never_write_into_one_folder(tmp_path, scenes):
    run = start(tmp_path, scenes)
    with pytest.raises(PrithviError) as e:
        start(tmp_path, scenes)
    assert e.value.code is ErrorCode.ENGINE_BUSY
    run.close()
    start(tmp_path, scenes).close()


def test_records_of_a_model_with_other_classes_are_kept_aside(tmp_path, scenes):
    run = start(tmp_path, scenes)
    done(run, 0)
    run.close()
    path = tmp_path / "out" / "results.csv"
    path.write_text(path.read_text().replace("area_m2_Land", "area_m2_Burnt"))
    start(tmp_path, scenes).close()
    assert "area_m2_Land" in path.read_text()
    (aside,) = (tmp_path / "out").glob("results-until-*.csv")
    assert "area_m2_Burnt" in aside.read_text()


def test_the_summary_counts_and_the_overview_shows_failures_first(tmp_path, scenes):
    run = start(tmp_path, scenes)
    done(run, 0)
    run.take(SceneFailed(1, "source_unreadable", "Broken <b>."))
    running = json.loads((tmp_path / "out" / "summary.json").read_text())
    assert running["complete"] is False
    run.finish()
    run.close()
    summary = json.loads((tmp_path / "out" / "summary.json").read_text())
    counts = [summary[key] for key in ("complete", "scenes", "done", "failed", "left")]
    assert counts == [True, 4, 1, 1, 2]
    assert summary["area_m2"]["Land"] == 12.5
    assert summary["errors"] == {"source_unreadable": 1}
    page = (tmp_path / "out" / "overview.html").read_text()
    assert page.index("Broken &lt;b&gt;") < page.index(">s0.tif<")


def test_the_one_engine_is_shown_as_a_worker_with_the_memory_of_its_gpu(tmp_path, scenes):
    file = tmp_path / "prithvi.prom"
    run = start(tmp_path, scenes, timeouts=dataclasses.replace(TIMEOUTS, run_state_s=0.0), metrics=str(file))
    run.take(SceneStarted(1))
    run.take(Progress(0, 4, "segmenting", 2.5, gpu_used_mb=9000, gpu_total_mb=143771))
    metrics = file.read_text()
    run.close()
    assert 'scene="s1.tif"} 1\n' in metrics
    assert re.search(r'tiles_per_second\{.*worker="engine".*\} 2.5$', metrics, re.MULTILINE)
    assert re.search(r"gpu_memory_used_bytes\{.*\} 9437184000$", metrics, re.MULTILINE)


def test_figures_that_stay_after_a_run_say_that_nobody_works_any_more(tmp_path, scenes):
    file = tmp_path / "prithvi.prom"
    run = start(tmp_path, scenes, metrics=str(file))
    run.take_workers(
        [
            WorkerState("worker-1", "north", "x", "working", "s0.tif", 3.5, 2, 1, 9000, 143771),
            WorkerState("worker-2", "south", "x", "lost"),
        ]
    )
    assert 'worker="worker-1",host="north",device="x",scene="s0.tif"} 1\n' in file.read_text()
    run.close()
    metrics = dict(line.rsplit(" ", 1) for line in file.read_text().splitlines() if line[0] != "#")
    after = {name.partition("{")[0]: value for name, value in metrics.items() if 'worker="worker-1"' in name}
    assert after == {
        "prithvi_worker_up": "0",
        "prithvi_worker_tiles_per_second": "0",
        "prithvi_worker_scenes_total": "2",
        "prithvi_worker_errors_total": "1",
    }


@pytest.mark.parametrize(
    ("number", "code"),
    [
        (errno.ENOSPC, ErrorCode.DISK_FULL),
        (errno.EDQUOT, ErrorCode.DISK_FULL),
        (errno.EACCES, ErrorCode.OUTPUT_UNWRITABLE),
    ],
)
def test_a_record_that_finds_no_room_tells_so_whether_disk_or_quota_is_used_up(number, code, tmp_path):
    assert unwritable(tmp_path / "results.csv", OSError(number, os.strerror(number))).code is code


def test_parts_that_a_killed_run_of_several_workers_left_are_removed_and_masks_are_not(tmp_path, scenes):
    out = tmp_path / "out"
    out.mkdir()
    (out / "s0_mask.tif").write_text("{}")
    (out / ".s1_mask.prithvi-block-2of3.tif").write_text("a part")
    (out / "..s1_mask.prithvi-block-3of3.prithvi-17-abcdef-0.tif").write_text("half a part")
    start(tmp_path, scenes).close()
    assert [p.name for p in out.iterdir() if "_mask" in p.name] == ["s0_mask.tif"]


def test_a_page_that_cannot_be_made_is_a_note_and_fails_no_run(tmp_path, scenes):
    def render(template, **values):
        raise PrithviError(ErrorCode.INTERNAL, "Pages cannot be written.", "Install it.")

    run = FolderRun(tmp_path / "out", scenes, TEMPLATE, CARD, FolderRunOptions(), Rasters(), render)
    done(run, 0)
    result = run.finish()
    run.close()
    assert result.notes == ("Pages cannot be written. Install it.",)
    assert (tmp_path / "out" / "results.csv").is_file()
