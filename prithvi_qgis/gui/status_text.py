"""The engine's state as text for the options panel."""

from __future__ import annotations

from ..algorithms.base import tr
from ..algorithms.folder_runs.status import run_line, worker_line
from ..client.engine.status import EngineState
from ..core.protocol.messages import StatusReport
from .setup.variant_choice import describe, size
from .widgets.message_line import Severity

_MOST_WORKERS = 8  # shown per run


def headline(state: EngineState) -> tuple[Severity, str]:
    """Return the engine's current activity."""
    if state.trouble:
        return Severity.ERROR, state.trouble
    report = state.report
    if report is None:
        return {
            "stopped": (Severity.PLAIN, tr("Stopped. The next run starts it.")),
            "outdated": (Severity.WARNING, tr("Installed for another version of the plugin. Install it again.")),
        }.get(state.state, (Severity.WARNING, tr("Not installed yet.")))
    if report.state == "starting":
        return Severity.PLAIN, tr("Starting…")
    if report.state == "loading":
        return Severity.SUCCESS, tr("Loading a model.")
    if report.state == "busy":
        waiting = " " + tr("{} more waiting.").format(report.waiting) if report.waiting else ""
        return Severity.SUCCESS, tr("Segmenting with {}.").format(report.model) + waiting
    left = max(0.0, report.keep_warm_min - report.idle_s / 60)
    return Severity.SUCCESS, tr("Ready. It ends after {:.0f} more idle minutes.").format(left)


def installed(state: EngineState) -> str:
    """Return variants and versions, one line each."""
    lines = []
    for variant, versions in state.versions.items():
        held = ", ".join(f"{name} {version}" for name, version in versions.items())
        lines.append(f"{variant.upper()}: {held}")
    return "\n".join(lines) or tr("nothing")


def runs_on(state: EngineState) -> str:
    """Return device and model of the running engine."""
    report = state.report
    if report is None:
        return tr("not running")
    device = f"{report.variant.upper()}, {report.device_name}" if report.device_name else report.variant.upper()
    model = tr("Model {} is loaded.").format(report.model) if report.model else tr("No model yet.")
    lines = [device, model]
    if report.scenes:
        lines.append(tr("Segmenting {} scenes, {} of them done.").format(report.scenes, report.done))
    elif report.scene:
        lines.append(tr("Segmenting {}: {} of {} tiles.").format(report.scene, report.done, report.total))
    return "\n".join(lines)


def graphics_card(state: EngineState) -> str:
    """Return the machine's GPUs, and whether they are usable."""
    lines = [f"{describe(g)}" + (f"\n{tr('Not usable')}: {g.unfit}" if g.unfit else "") for g in state.gpus]
    return "\n".join(lines) or tr("None: {}.").format(state.no_gpu)


def runs(state: EngineState) -> str:
    """Return the folder runs, with one line per worker."""
    lines = []
    for run in state.runs:
        lines.append(run_line(run))
        lines += [f"  {worker_line(worker)}" for worker in run.workers[:_MOST_WORKERS]]
        if len(run.workers) > _MOST_WORKERS:
            lines.append("  " + tr("and {} more").format(len(run.workers) - _MOST_WORKERS))
    return "\n".join(lines) or "–"


def memory(state: EngineState) -> str:
    """Return the memory of the engine and of the GPU, if there is one."""
    parts = []
    if state.report is not None and state.report.memory_mb:
        parts.append(tr("Engine {}").format(size(state.report.memory_mb)))
    parts += _gpu_memory(state.report, state)
    return "\n".join(parts) or "–"


def _gpu_memory(report: StatusReport | None, state: EngineState) -> list[str]:
    if report is not None and report.gpu_total_mb:
        used, total, own = report.gpu_total_mb - report.gpu_free_mb, report.gpu_total_mb, report.gpu_used_by_engine_mb
        # Inside a container NVML does not report the owner of memory.
        mine = " " + tr("({} by the engine)").format(size(own)) if own else ""
        lines = [tr("GPU {} in use, {} free").format(size(used), size(total - used)) + mine]
        if report.gpu_temperature_c:
            lines.append(tr("GPU {} °C, {} % busy").format(report.gpu_temperature_c, report.gpu_busy_percent))
        return lines
    return [
        tr("GPU {} in use, {} free").format(size(g.memory_mb - g.free_mb), size(g.free_mb))
        for g in state.gpus[:1]
        if g.memory_mb and g.free_mb
    ]
