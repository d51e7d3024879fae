"""The form and the relay of "Prithvi segment folder"; real runs are in the headless suite."""

from __future__ import annotations

from pathlib import Path

import pytest
from qgis.core import QgsProcessingContext, QgsProcessingException, QgsProcessingFeedback, QgsProject

from prithvi_qgis.algorithms.folder_runs import read_parameters, run_folder
from prithvi_qgis.client.install import optional_packages
from prithvi_qgis.client.runtime.readiness import Readiness
from prithvi_qgis.core.errors import ErrorCode, PrithviError
from prithvi_qgis.core.folder_runs.folder_run import FolderRunResult
from prithvi_qgis.core.protocol.messages import Progress, SceneFailed, SceneStarted, WorkerState
from support import granules


@pytest.fixture
def folder(provider):
    return provider.algorithm("segmentfolder").create()


@pytest.fixture
def scenes(tmp_path):
    for n in range(3):
        (tmp_path / f"s{n}.tif").write_bytes(b"II*")
    return tmp_path


def test_what_holds_for_every_scene_is_asked_for_as_in_segment(folder, segment):
    own_of_a_scene = {"INPUT", "FRAMES", "DATES"} | {
        p.name() for p in segment.parameterDefinitions() if p.isDestination()
    }
    shared = [p for p in segment.parameterDefinitions() if p.name() not in own_of_a_scene]
    names = [p.name() for p in folder.parameterDefinitions()]
    assert [n for n in names if n in {p.name() for p in shared}] == [p.name() for p in shared]
    for parameter in shared:
        twin = folder.parameterDefinition(parameter.name())
        assert (twin.type(), twin.defaultValue()) == (parameter.type(), parameter.defaultValue())
    assert names[:3] == ["INPUT", "PATTERN", "RECURSIVE"]
    assert names[-8:] == [
        "WORKERS",
        "CLUSTER",
        "OUTPUT",
        "PROBABILITY",
        "POLYGONS",
        "MOSAIC",
        "OVERWRITE",
        "ALLOW_FAILURES",
    ]


def test_each_parameter_has_help(folder):
    assert all(p.help().endswith(".") for p in folder.parameterDefinitions())


class Feedback(QgsProcessingFeedback):
    def __init__(self):
        super().__init__()
        self.texts = []

    def pushInfo(self, info):
        self.texts.append(info)

    def pushWarning(self, warning):
        self.texts.append(warning)


def run(folder, scenes, monkeypatch, drive, **parameters):
    """The algorithm with ``drive`` in place of the engine."""
    monkeypatch.setattr(read_parameters, "choose_variant", lambda device: "cpu")
    monkeypatch.setattr(run_folder, "run_requests", lambda todo, prepared, reporter, feedback: drive(todo, reporter))
    context, feedback = QgsProcessingContext(), Feedback()
    context.setProject(QgsProject.instance())
    parameters = {"INPUT": str(scenes), "OUTPUT": str(scenes / "out"), **parameters}
    assert folder.checkParameterValues(parameters, context) == (True, "")
    assert folder.prepare(parameters, context, feedback)
    return folder.runPrepared(parameters, context, feedback), feedback, context


def fail_all(todo, reporter):
    for number in range(len(todo)):
        reporter(SceneStarted(number))
        reporter(SceneFailed(number, "source_unreadable", f"{todo[number].source_name} is broken."))
        reporter(Progress(number + 1, len(todo), "segmenting", 1.0))


def test_failures_end_the_run_in_one_line_unless_they_are_allowed(folder, scenes, monkeypatch):
    with pytest.raises(QgsProcessingException, match="3 scenes: 0 segmented, 0 already done, 3 failed"):
        run(folder, scenes, monkeypatch, fail_all)
    results, feedback, _ = run(folder, scenes, monkeypatch, fail_all, ALLOW_FAILURES=True)
    assert (results["SCENES"], results["FAILED"]) == (3, 3)
    assert "s1.tif: failed. s1.tif is broken." in feedback.texts
    assert feedback.texts[-1].startswith("3 scenes")
    assert feedback.progress() == 100
    assert all(Path(results[name]).is_file() for name in ("RESULTS", "SUMMARY", "OVERVIEW"))


def test_a_cancel_leaves_records_and_lets_the_folder_go(folder, scenes, monkeypatch):
    def cancel(todo, reporter):
        reporter(SceneFailed(0, "source_unreadable", "Broken."))
        raise PrithviError(ErrorCode.CANCELLED, "Cancelled.")

    for _ in range(2):
        with pytest.raises(QgsProcessingException, match="Cancelled"):
            run(folder, scenes, monkeypatch, cancel)
        assert (scenes / "out" / "results.csv").read_text().count("Broken.") == 1
        assert '"complete": false' in (scenes / "out" / "summary.json").read_text()


def test_the_parameters_of_segment_reach_every_scene(folder, scenes, monkeypatch):
    seen = []
    run(
        *(folder, scenes, monkeypatch, lambda todo, reporter: seen.extend(todo)),
        STRIDE=100,
        BANDS="1,2,3,4,5,6",
        POLYGONS=True,
        EXTENT="0,1,2,3 [EPSG:4326]",
        BATCH_SIZE=3,
    )
    assert [s.source_name for s in seen] == ["s0.tif", "s1.tif", "s2.tif"]
    for request in seen:
        assert (request.stride, request.bands, request.batch_size) == (100, (1, 2, 3, 4, 5, 6), 3)
        assert (request.extent, request.extent_crs) == ((0.0, 2.0, 1.0, 3.0), "EPSG:4326")
        assert request.polygons.endswith("_polygons.gpkg") and request.probability == ""


def test_a_temporary_folder_is_a_real_one(folder, scenes, monkeypatch):
    results, _, _ = run(folder, scenes, monkeypatch, fail_all, OUTPUT="TEMPORARY_OUTPUT", ALLOW_FAILURES=True)
    made = Path(results["OUTPUT"])
    assert made.is_dir() and made != Path.cwd() and "TEMPORARY" not in made.name


def test_the_mosaic_is_loaded_and_nothing_else():
    context = QgsProcessingContext()
    context.setProject(QgsProject.instance())
    outcome = FolderRunResult(2, 2, 0, 0, (Path("/x/mosaic.vrt"), Path("/x/mosaic.tif")))
    run_folder.load_mosaics(outcome, context)
    assert list(context.layersToLoadOnCompletion()) == ["/x/mosaic.vrt"]


@pytest.mark.parametrize(
    ("parameters", "expected"),
    [
        ({"CLUSTER": "somewhere"}, "no address of a Ray cluster"),
        ({"INPUT": "/nowhere"}, "does not exist"),
        ({"MODEL": "none"}, "There is no model"),
        ({"BANDS": "1,x"}, '"x"'),
    ],
)
def test_what_is_wrong_is_told_before_anything_runs(folder, scenes, monkeypatch, parameters, expected):
    monkeypatch.setattr(read_parameters, "choose_variant", lambda device: "cpu")
    given = {"INPUT": str(scenes), "OUTPUT": str(scenes / "out"), **parameters}
    good, text = folder.checkParameterValues(given, QgsProcessingContext())
    assert not good and expected in text and "\n" not in text


def test_a_product_in_the_home_folder_is_found_though_no_file_is_called_so(folder, tmp_path, monkeypatch):
    monkeypatch.setattr(read_parameters, "choose_variant", lambda device: "cpu")
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "downloads").mkdir()
    (tmp_path / "downloads" / f"{granules.S30}.B02.tif").write_bytes(b"II*")
    given = {"INPUT": f"~/downloads/{granules.S30}", "OUTPUT": str(tmp_path / "out")}
    assert folder.checkParameterValues(given, QgsProcessingContext()) == (True, "")
    good, text = folder.checkParameterValues({**given, "INPUT": "~/downloads/none"}, QgsProcessingContext())
    assert not good and "~/downloads/none does not exist" in text


def test_more_than_the_one_engine_is_done_by_workers_whose_figures_are_told(folder, scenes, monkeypatch):
    asked = []

    def by_workers(todo, workers, variant, reporter, feedback):
        asked.append((len(todo), workers.count, workers.cluster, variant, workers.network is not None))
        reporter._clock = lambda: 1e9
        reporter.take_workers([WorkerState("worker-1", "north", "H200", "working", "s0.tif", 12.5, 3, 1, 900, 1000)])
        reporter.take_workers([WorkerState("worker-1", state="lost")])
        fail_all(todo, reporter)

    monkeypatch.setattr(run_folder, "segment_by_workers", by_workers)
    for number, given in enumerate(({"WORKERS": 2}, {"CLUSTER": "north:6379", "WORKERS": 0})):
        with monkeypatch.context() as patch:
            patch.setattr(read_parameters, "choose_variant", lambda device: "cpu")
            context, feedback = QgsProcessingContext(), Feedback()
            parameters = {"INPUT": str(scenes), "OUTPUT": str(scenes / f"out{number}"), "ALLOW_FAILURES": True, **given}
            assert folder.prepare(parameters, context, feedback)
            folder.runPrepared(parameters, context, feedback)
    assert asked == [(3, 2, "", "cpu", True), (3, 0, "north:6379", "cpu", True)]
    line = "worker-1 (north, H200): s0.tif, 12.5 tiles/s, GPU memory 900 of 1000 MB, 3 scenes ended, 1 failed"
    assert feedback.texts.count(line) == 1
    assert not any("was lost" in text for text in feedback.texts)  # a minute has not passed


def test_where_ray_cannot_be_had_one_line_says_what_goes_without(folder, scenes, monkeypatch, tmp_path):
    (tmp_path / "home" / "engine").mkdir(parents=True)
    monkeypatch.setenv("PRITHVI_QGIS_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("PRITHVI_QGIS_OFFLINE", "1")
    monkeypatch.setattr(read_parameters, "choose_variant", lambda device: "cpu")
    monkeypatch.setattr(optional_packages, "readiness", lambda variant: Readiness(True, variant, ""))
    context, feedback = QgsProcessingContext(), Feedback()
    parameters = {"INPUT": str(scenes), "OUTPUT": str(scenes / "out"), "WORKERS": 2}
    assert folder.prepare(parameters, context, feedback)
    with pytest.raises(QgsProcessingException, match="Offline mode is on.*WHEELHOUSE.*With WORKERS 1") as e:
        folder.runPrepared(parameters, context, feedback)
    assert "\n" not in str(e.value)
    assert not (tmp_path / "home" / "engine" / "cpu-ray").exists()
