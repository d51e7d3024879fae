"""The user's settings: kept by QGIS under ``prithvi_qgis/``, overridden by environment variables on servers.

The data folder is no setting: ``PRITHVI_QGIS_HOME`` chooses it, see ``contract.paths``.
"""

from __future__ import annotations

import math
import os
from typing import Any

from qgis.core import QgsSettings

from .contract.errors import ErrorCode, PrithviError

_GROUP = "prithvi_qgis"
DEFAULT_MODEL = "demo-water"
DEFAULT_KEEP_WARM_MIN = 10.0
DEFAULT_MEMORY_MB = 512


def default_model() -> str:
    """Model that the segment form starts with; ``PRITHVI_QGIS_MODEL`` overrides."""
    return str(_value("model", "PRITHVI_QGIS_MODEL", DEFAULT_MODEL))


def keep_warm_min() -> float:
    """Idle minutes before the engine exits; ``PRITHVI_QGIS_KEEP_WARM`` overrides.

    Raises:
        PrithviError: ``parameter_invalid`` for a value that is no number from 0 up.
    """
    return _number("keep_warm_min", "PRITHVI_QGIS_KEEP_WARM", DEFAULT_KEEP_WARM_MIN, 0.0)


def memory_mb() -> int:
    """Budget for pixels in the engine's memory, in MB; ``PRITHVI_QGIS_MEMORY_MB`` overrides. Raises as above."""
    return int(_number("memory_mb", "PRITHVI_QGIS_MEMORY_MB", DEFAULT_MEMORY_MB, 64.0))


def _value(key: str, variable: str, default: Any) -> Any:
    chosen = os.environ.get(variable, "")
    return chosen if chosen else QgsSettings().value(f"{_GROUP}/{key}", default)


def _number(key: str, variable: str, default: float, low: float) -> float:
    value = _value(key, variable, default)
    try:
        number = float(value)
    except (TypeError, ValueError):
        number = math.nan
    if not low <= number < 1e9:
        source = variable if os.environ.get(variable) else f"the setting {_GROUP}/{key}"
        raise PrithviError(
            ErrorCode.PARAMETER_INVALID,
            f'"{value}" in {source} is no number from {low:g} up.',
            f"Correct it; the usual value is {default:g}.",
        )
    return number
