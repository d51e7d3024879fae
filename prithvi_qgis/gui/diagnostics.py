"""Diagnostics for a bug report, as anonymized text: versions, machine, settings and the end of the log."""

from __future__ import annotations

import os
import platform
import sys
from typing import Any

from osgeo import gdal
from qgis.core import Qgis
from qgis.PyQt.QtCore import QT_VERSION_STR

from .. import __version__, settings
from ..client import anonymize
from ..client.engine.status import EngineState, engine_status, log_tail
from ..core.errors import PrithviError
from ..core.system import paths

_LOG_LINES = 40


def diagnostics() -> str:
    """Return the text for a bug report, in English. Queries engine and driver for seconds: not on the main thread."""
    state = engine_status()
    lines = ["Prithvi diagnostics", *_software(), *_machine(state), *_engine(state), *_settings(), *_log()]
    return anonymize.anonymous("\n".join(lines), [paths.home().parent]) + "\n"


def _software() -> list[str]:
    return [
        "",
        "## Software",
        f"Plugin: {__version__}",
        f"QGIS: {Qgis.version()} ({Qgis.devVersion()})",
        f"Qt: {QT_VERSION_STR}",
        f"Python: {sys.version.split()[0]}",
        f"GDAL: {gdal.__version__}",
    ]


def _machine(state: EngineState) -> list[str]:
    lines = ["", "## Machine", f"System: {_system()}", f"Processor: {platform.machine()}, {os.cpu_count()} threads"]
    for gpu in state.gpus:
        fit = gpu.unfit or "fits"
        lines.append(
            f"GPU: {gpu.name}, {gpu.memory_mb} MB ({gpu.free_mb} MB free), driver {gpu.driver},"
            f" compute capability {gpu.capability:g}: {fit}"
        )
    return lines if state.gpus else [*lines, f"GPU: none; {state.no_gpu}"]


def _system() -> str:
    kernel = f"{platform.system()} {platform.release()}"
    try:
        return f"{platform.freedesktop_os_release()['PRETTY_NAME']}, {kernel}"
    except (AttributeError, OSError, KeyError):  # before Python 3.10, or no such system
        return kernel


def _engine(state: EngineState) -> list[str]:
    lines = ["", "## Engine", f"State: {state.state}", f"Folder: {paths.home()}"]
    for variant, versions in state.versions.items():
        lines.append(f"Installed ({variant}): " + ", ".join(f"{name} {version}" for name, version in versions.items()))
    lines += [f"Not usable ({r.variant}): {r.reason}" for r in state.variants if not r.ready]
    if state.trouble:
        lines.append(f"Trouble: {state.trouble}")
    if state.report is not None:
        r = state.report
        lines += [
            f"Running: {r.variant} on {r.device_name or 'unknown'}, model {r.model or 'none'}, {r.waiting} waiting",
            f"Memory: {r.memory_mb} MB; GPU: {r.gpu_used_by_engine_mb} MB of its own, {r.gpu_free_mb} MB free",
        ]
    return lines


def _settings() -> list[str]:
    lines = ["", "## Settings"]
    for setting in settings.ALL:
        try:
            value: Any = setting.read()
        except PrithviError as e:
            value = e.text
        lines.append(f"{setting.key}: {value}" + (f" ({setting.variable})" if setting.overridden else ""))
    lines += [f"{v}: {os.environ[v]}" for v in ("CUDA_VISIBLE_DEVICES", "VLLM_LOGGING_LEVEL") if v in os.environ]
    return lines


def _log() -> list[str]:
    return ["", f"## Log, last {_LOG_LINES} lines", *(log_tail(_LOG_LINES) or ["(empty)"])]
