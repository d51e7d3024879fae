"""A GPU that cannot be had: the CPU takes over only where nobody asked for the GPU, and never silently."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from qgis.core import QgsProcessingFeedback

from prithvi_qgis.algorithms import engine_selection
from prithvi_qgis.algorithms.folder_runs import run_folder
from prithvi_qgis.algorithms.folder_runs.workers import Workers
from prithvi_qgis.algorithms.segmentation import run_segment
from prithvi_qgis.client.engine import engine_client, scene_batches
from prithvi_qgis.client.runtime.readiness import Readiness
from prithvi_qgis.core.errors import ErrorCode, PrithviError
from prithvi_qgis.core.protocol.messages import SceneDone, SceneFailed

GONE = PrithviError(ErrorCode.DEVICE_MISSING, "The driver does not answer.", "Restart.")
TOLD = "The driver does not answer. Continuing on the CPU."


class Feedback(QgsProcessingFeedback):
    def __init__(self):
        super().__init__()
        self.warnings = []

    def pushWarning(self, warning):
        self.warnings.append(warning)


@pytest.fixture
def feedback():
    return Feedback()


@pytest.fixture
def cpu_engine(monkeypatch):
    """Installed, unless it is told otherwise."""
    found = {"ready": True}
    monkeypatch.setattr(engine_selection, "readiness", lambda variant: Readiness(found["ready"], variant, ""))
    return found


def failing(tried, error=GONE):
    """Work that the CUDA engine cannot do."""

    def work(variant):
        tried.append(variant)
        if variant == "cuda":
            raise error
        return f"by the {variant}"

    return work


def test_the_cpu_takes_over_and_says_so(cpu_engine, feedback):
    tried = []
    assert engine_selection.with_cpu_fallback(failing(tried), "cuda", "auto", feedback) == "by the cpu"
    assert (tried, feedback.warnings) == (["cuda", "cpu"], [TOLD])


@pytest.mark.parametrize(
    ("device", "ready", "error"),
    [
        ("cuda", True, GONE),
        ("auto", False, GONE),
        ("auto", True, PrithviError(ErrorCode.OUT_OF_MEMORY, "Full.", "Wait.")),
    ],
)
def test_it_does_not_where_the_gpu_was_asked_for_or_would_not_help(cpu_engine, feedback, device, ready, error):
    cpu_engine["ready"] = ready
    tried = []
    with pytest.raises(PrithviError) as e:
        engine_selection.with_cpu_fallback(failing(tried, error), "cuda", device, feedback)
    assert (e.value, tried, feedback.warnings) == (error, ["cuda"], [])


def test_one_scene_and_a_folder_of_them_take_the_same_way(cpu_engine, feedback, monkeypatch):
    tried = []
    work = failing(tried)
    monkeypatch.setattr(engine_client, "segment", lambda request, variant, *rest: work(variant))
    monkeypatch.setattr(scene_batches, "segment_many", lambda todo, variant, *rest: work(variant))
    request = SimpleNamespace(device="auto", keep_warm_min=1.0)
    run_segment.segment_in_engine(request, "cuda", None, feedback)
    folder = SimpleNamespace(variant="cuda", workers=Workers(1), template=request)
    run_folder.run_requests([request], folder, None, feedback)
    assert (tried, feedback.warnings) == (["cuda", "cpu"] * 2, [TOLD] * 2)


def test_scenes_that_ended_before_the_gpu_was_lost_are_not_done_again(cpu_engine, feedback, monkeypatch):
    left_out = []

    def segment_many(todo, variant, on_message, is_cancelled, keep_warm_min, but):
        left_out.append(set(but))
        if variant == "cuda":
            on_message(SceneDone(2, None, ""))
            on_message(SceneFailed(0, "source_unreadable", "No raster.", ""))
            raise GONE

    monkeypatch.setattr(scene_batches, "segment_many", segment_many)
    request = SimpleNamespace(device="auto", keep_warm_min=1.0)
    folder = SimpleNamespace(variant="cuda", workers=Workers(1), template=request)
    heard = []
    run_folder.run_requests([request] * 4, folder, heard.append, feedback)
    assert left_out == [set(), {0, 2}]
    assert [m.number for m in heard] == [2, 0]
