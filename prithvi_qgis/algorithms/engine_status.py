"""``prithvi:enginestatus``: reports whether the engine is installed and running, and what to do next."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any, Optional

from qgis.core import (
    QgsProcessingContext,
    QgsProcessingFeedback,
    QgsProcessingOutputBoolean,
    QgsProcessingOutputNumber,
    QgsProcessingOutputString,
    QgsProcessingOutputVariant,
)

from .. import settings
from ..client.runtime.hardware import find_gpus
from ..client.runtime.readiness import VARIANTS, readiness
from ..core.errors import PrithviError
from .base import Parameters, PrithviAlgorithm, Results, search_words, tr
from .engine_selection import choose_variant
from .folder_runs.status import run_line, worker_line

if TYPE_CHECKING:
    from ..core.folder_runs.run_state import RunState


class EngineStatus(PrithviAlgorithm):
    """Reports readiness and the next step. Never starts the engine."""

    def name(self) -> str:
        return "enginestatus"

    def displayName(self) -> str:
        return tr("Engine status")

    def shortDescription(self) -> str:
        return tr("Tells whether the engine is installed and running, and what to do next.")

    def shortHelpString(self) -> str:
        return tr(
            "Tells whether the segmentation engine is installed, whether it runs, on which device, and what to do "
            "next. It starts nothing.\n\nREADY is true when a scene can be segmented. STATE is one of: not installed, "
            "stopped, starting, loading, idle, busy, not answering.\n\nRUNS are the runs of Prithvi segment "
            "folder that go on now, with what each of their workers does."
        )

    def tags(self) -> list[str]:
        return search_words(tr("prithvi,engine,status,gpu,memory,ready,vllm"))

    def initAlgorithm(self, configuration: Optional[Parameters] = None) -> None:
        self.addOutput(QgsProcessingOutputBoolean("READY", tr("Ready to segment")))
        self.addOutput(QgsProcessingOutputString("STATE", tr("State")))
        self.addOutput(QgsProcessingOutputString("VARIANT", tr("Variant")))
        self.addOutput(QgsProcessingOutputString("DEVICE_NAME", tr("Device")))
        self.addOutput(QgsProcessingOutputNumber("GPU_FREE_MB", tr("Free GPU memory, MB")))
        self.addOutput(QgsProcessingOutputNumber("GPU_TOTAL_MB", tr("GPU memory, MB")))
        self.addOutput(QgsProcessingOutputNumber("GPU_USED_MB", tr("GPU memory in use, MB")))
        self.addOutput(QgsProcessingOutputNumber("GPU_TEMPERATURE_C", tr("GPU temperature, degrees Celsius")))
        self.addOutput(QgsProcessingOutputNumber("GPU_BUSY_PERCENT", tr("GPU busy, percent")))
        self.addOutput(QgsProcessingOutputString("SCENE", tr("Scene that is being segmented")))
        self.addOutput(QgsProcessingOutputNumber("TILES_DONE", tr("Tiles of it that are done")))
        self.addOutput(QgsProcessingOutputNumber("TILES", tr("Tiles")))
        self.addOutput(QgsProcessingOutputVariant("RUNS", tr("Runs of many scenes")))
        self.addOutput(QgsProcessingOutputString("ACTION", tr("What to do next")))

    def execute(self, values: Parameters, context: QgsProcessingContext, feedback: QgsProcessingFeedback) -> Results:
        from ..core.folder_runs import live_status

        status, runs = _status(), live_status.running()
        for name, value in status.items():
            feedback.pushInfo(f"{name}: {value}")
        for run in runs:
            feedback.pushInfo(run_line(run))
            for worker in run.workers:
                feedback.pushInfo(f"  {worker_line(worker)}")
        return {**status, "RUNS": [_as_results(run) for run in runs]}


def _as_results(run: RunState) -> dict[str, Any]:
    """Return the run as QGIS can pass it on: with lists instead of tuples."""
    return {**dataclasses.asdict(run), "workers": [dataclasses.asdict(worker) for worker in run.workers]}


def _problem() -> str:
    """Return why the engine that the settings request cannot segment; empty when it can."""
    try:
        choose_variant(settings.variant())
    except PrithviError as e:
        return e.line
    return ""


def _gpu_without_engine() -> dict[str, Any]:
    """Return the driver's report on the machine's GPU while no engine runs."""
    gpus, _ = find_gpus()
    if not gpus:
        return {}
    gpu = gpus[0]
    return {
        "GPU_FREE_MB": gpu.free_mb,
        "GPU_TOTAL_MB": gpu.memory_mb,
        "GPU_USED_MB": gpu.memory_mb - gpu.free_mb,
        "GPU_TEMPERATURE_C": gpu.temperature_c,
        "GPU_BUSY_PERCENT": gpu.busy_percent,
    }


def _status() -> dict[str, Any]:
    installed = [v for v in VARIANTS if readiness(v).ready]
    problem = _problem()
    values: dict[str, Any] = {
        "READY": not problem,
        "STATE": "stopped" if installed else "not installed",
        "VARIANT": ", ".join(installed),
        "DEVICE_NAME": "",
        "GPU_FREE_MB": 0,
        "GPU_TOTAL_MB": 0,
        "GPU_USED_MB": 0,
        "GPU_TEMPERATURE_C": 0,
        "GPU_BUSY_PERCENT": 0,
        "SCENE": "",
        "TILES_DONE": 0,
        "TILES": 0,
        "ACTION": problem or tr("Run prithvi:segment; it starts the engine."),
    }
    try:
        from ..client.engine import engine_client

        report = engine_client.status()
    except PrithviError as e:
        return {**values, "READY": False, "STATE": "not answering", "ACTION": e.line}
    if report is None:
        return {**values, **_gpu_without_engine()}
    idle = report.state == "idle"
    next_step = tr("Run prithvi:segment.") if idle else tr("Run prithvi:segment; it waits for its turn.")
    return {
        **values,
        "STATE": report.state,
        "VARIANT": report.variant,
        "DEVICE_NAME": report.device_name,
        "GPU_FREE_MB": report.gpu_free_mb,
        "GPU_TOTAL_MB": report.gpu_total_mb,
        "GPU_USED_MB": report.gpu_total_mb - report.gpu_free_mb,
        "GPU_TEMPERATURE_C": report.gpu_temperature_c,
        "GPU_BUSY_PERCENT": report.gpu_busy_percent,
        "SCENE": report.scene,
        "TILES_DONE": report.done,
        "TILES": report.total,
        "ACTION": problem or next_step,
    }
