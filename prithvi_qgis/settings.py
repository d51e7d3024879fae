"""The user's settings: kept by QGIS under ``plugins/prithvi_qgis/``, overridden by environment variables on servers.

QGIS's editor of advanced settings lists them with their descriptions. Values are checked here and not by QGIS's
settings tree, which turns "abc" into 0.
"""

from __future__ import annotations

import math
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Optional, Union

from osgeo import gdal
from qgis.core import (
    Qgis,
    QgsMessageLog,
    QgsSettingsEntryBool,
    QgsSettingsEntryDouble,
    QgsSettingsEntryInteger,
    QgsSettingsEntryString,
    QgsSettingsEntryStringList,
    QgsSettingsTree,
)

from .client.engine import launch
from .client.runtime import environment
from .core.errors import ErrorCode, PrithviError
from .core.system import paths

_NODE = "prithvi_qgis"
_HIGHEST = 1e9

VARIANTS = ("auto", "cuda", "cpu")

Value = Union[str, float, int, bool, tuple[str, ...]]


@dataclass(frozen=True)
class Setting:
    """One setting."""

    key: str
    """Its name below the plugin's node."""
    variable: str
    """The environment variable that overrides it; empty for what only the desktop uses."""
    default: Value
    """Also determines its type."""
    description: str
    """One line for QGIS's editor of advanced settings."""
    low: float = 0.0
    high: float = _HIGHEST
    choices: tuple[str, ...] = ()
    """Allowed texts, empty for any."""

    @property
    def overridden(self) -> bool:
        """Whether an environment variable overrides it."""
        return bool(os.environ.get(self.variable))

    def read(self) -> Any:
        """Return the value in force.

        Raises:
            PrithviError: ``parameter_invalid`` for a value that cannot be used, naming its source.
        """
        value = os.environ.get(self.variable) or _entry(self).valueAsVariant()
        if isinstance(self.default, bool):
            return self._as_bool(value)
        if isinstance(self.default, str):
            return self._as_text(value)
        if isinstance(self.default, tuple):
            return _as_texts(value)
        return self._as_number(value)

    def write(self, value: Value) -> None:
        """Save ``value``; the default is not saved, so that later versions may improve it."""
        if value == self.default:
            _entry(self).remove()
        else:
            _entry(self).setValue(list(value) if isinstance(value, tuple) else value)

    def _as_bool(self, value: object) -> bool:
        word = str(value).strip().lower()
        if word in ("1", "true", "yes", "on"):
            return True
        if word in ("0", "false", "no", "off", ""):
            return False
        raise self._wrong(value, "is neither true nor false", "false")

    def _as_text(self, value: object) -> str:
        text = str(value).strip()
        if self.choices and text not in self.choices:
            raise self._wrong(value, f"is none of {', '.join(self.choices)}", str(self.default))
        return text

    def _as_number(self, value: Any) -> float:
        try:
            number = float(value)
        except (TypeError, ValueError):
            number = math.nan
        if not self.low <= number <= self.high:
            span = f"from {self.low:g} up" if self.high == _HIGHEST else f"from {self.low:g} to {self.high:g}"
            raise self._wrong(value, f"is no number {span}", f"{self.default:g}")
        return number if isinstance(self.default, float) else int(number)

    def _wrong(self, value: object, what: str, usual: str) -> PrithviError:
        source = self.variable if self.overridden else f"the setting plugins/{_NODE}/{self.key}"
        return PrithviError(
            ErrorCode.PARAMETER_INVALID, f'"{value}" in {source} {what}.', f"Correct it; the usual value is {usual}."
        )


def _as_texts(value: Any) -> tuple[str, ...]:
    # Settings files keep a list of one text as that text.
    texts = [value] if isinstance(value, str) else list(value or ())
    return tuple(str(text) for text in texts if text)


HOME = Setting("home", "PRITHVI_QGIS_HOME", "", "Folder of engine, models and log; empty: the usual one")
VARIANT = Setting(
    "variant", "PRITHVI_QGIS_VARIANT", "auto", "What runs the models: auto, cuda or cpu", choices=VARIANTS
)
KEEP_WARM_MIN = Setting("keep_warm_min", "PRITHVI_QGIS_KEEP_WARM", 10.0, "Idle minutes before the engine ends")
GPU_MEMORY = Setting(
    "gpu_memory", "PRITHVI_QGIS_GPU_MEMORY", 0.0, "Share of the GPU's memory, 0 to 1; 0: automatic", high=1.0
)
BATCH_SIZE = Setting("batch_size", "PRITHVI_QGIS_BATCH_SIZE", 0, "Tiles at once; 0: automatic", high=1024)
OFFLINE = Setting("offline", "PRITHVI_QGIS_OFFLINE", False, "Never use the network")
FETCH_PYTHON = Setting(
    "fetch_python", "PRITHVI_QGIS_FETCH_PYTHON", False, "Have uv fetch a Python for the engine where none fits"
)
MODEL = Setting("model", "PRITHVI_QGIS_MODEL", "demo-water", "Model that the form starts with: an id or a folder")
LOG_LEVEL = Setting(
    "log_level", "PRITHVI_QGIS_LOG_LEVEL", "info", "How much the engine logs", choices=launch.LOG_LEVELS
)
MEMORY_MB = Setting(
    "memory_mb", "PRITHVI_QGIS_MEMORY_MB", 512, "Budget for pixels in the engine's memory, MB", low=64.0
)
METRICS = Setting(
    "metrics", "PRITHVI_QGIS_METRICS", "", "File for figures of folder runs in Prometheus' text format; empty: none"
)
HINT_SHOWN = Setting("hint_shown", "PRITHVI_QGIS_NO_HINT", False, "The line that offers to set up was shown")
RECENT_MODELS = Setting(
    "recent_models", "", (), "Models that the layer menu offers, the last used first: ids or folders"
)
ALL = (
    *(HOME, VARIANT, KEEP_WARM_MIN, GPU_MEMORY, BATCH_SIZE, OFFLINE, FETCH_PYTHON, MODEL, LOG_LEVEL),
    *(MEMORY_MB, METRICS, HINT_SHOWN, RECENT_MODELS),
)


def default_model() -> str:
    """Model that the segment form starts with."""
    return MODEL.read() or str(MODEL.default)


def variant() -> str:
    """The device of runs and installations that leave it open: ``auto``, ``cuda`` or ``cpu``."""
    return VARIANT.read()


def keep_warm_min() -> float:
    """Idle minutes before the engine exits."""
    return KEEP_WARM_MIN.read()


def gpu_memory() -> float:
    """Share of the GPU's memory for runs that leave it open, 0 to 1; 0 lets the engine choose."""
    return GPU_MEMORY.read()


def batch_size() -> int:
    """Tiles at once for runs that leave it open; 0 lets the engine choose."""
    return BATCH_SIZE.read()


def memory_mb() -> int:
    """Budget for pixels in the engine's memory, in MB."""
    return MEMORY_MB.read()


def metrics() -> str:
    """File for the figures of folder runs, or empty."""
    return METRICS.read()


def offline() -> bool:
    """Whether nothing may use the network."""
    return OFFLINE.read()


def fetch_python() -> bool:
    """Whether uv may fetch a Python for the engine where no installed one fits."""
    return FETCH_PYTHON.read()


def register() -> None:
    """Register the settings with QGIS and apply them; values of older versions are moved."""
    for setting in ALL:
        _entry(setting).copyValueFromKey(f"{_NODE}/{setting.key}", True)
    try:
        apply()
    except PrithviError as e:
        # The plugin has to load so that its options page can correct this.
        QgsMessageLog.logMessage(e.line, "Prithvi", Qgis.MessageLevel.Warning)


def apply() -> None:
    """Apply what this process keeps: the data folder, the log level of new engines, and where GDAL's options are.

    Raises:
        PrithviError: ``parameter_invalid``.
    """
    # With the variable set, core.system.paths reads it by itself.
    folder = "" if HOME.overridden else HOME.read()
    paths.use_home(Path(folder) if folder else None)
    launch.use_log_level(LOG_LEVEL.read())
    environment.use_config_option(gdal.GetConfigOption)


def unregister() -> None:
    """Remove the settings from QGIS's tree; the values stay."""
    _entries.clear()
    QgsSettingsTree.unregisterPluginTreeNode(_NODE)
    paths.use_home(None)


_entries: dict[str, Any] = {}
_CLASSES: dict[type, Any] = {
    str: QgsSettingsEntryString,
    bool: QgsSettingsEntryBool,
    float: QgsSettingsEntryDouble,
    int: QgsSettingsEntryInteger,
    tuple: QgsSettingsEntryStringList,
}


def _entry(setting: Setting) -> Any:
    """Return the setting's entry in QGIS's tree."""
    if not _entries:
        # A reload of the plugin starts with a fresh module while the tree may hold the entries of the old one.
        QgsSettingsTree.unregisterPluginTreeNode(_NODE)
        node = QgsSettingsTree.createPluginTreeNode(_NODE)
        for each in ALL:
            default = list(each.default) if isinstance(each.default, tuple) else each.default
            _entries[each.key] = _CLASSES[type(each.default)](each.key, node, default, each.description)
    return _entries[setting.key]


def problem(*wanted: Setting) -> Optional[PrithviError]:
    """Return the error of the first of these settings that is invalid, if there is one."""
    for setting in wanted:
        try:
            setting.read()
        except PrithviError as e:
            return e
    return None
