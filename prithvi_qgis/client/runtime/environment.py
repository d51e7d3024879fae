"""The environment of the engine's process: the user's, without the variables of QGIS's Python and libraries."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Optional

from ...core.system import paths
from ...core.system.network_options import network_options

# Debian's qgis_process wrapper exports LD_LIBRARY_PATH, QGIS on other systems PYTHONHOME and the GDAL and PROJ folders.
# Each of them makes another Python load the wrong library or the wrong data.
_DROPPED = {
    "GDAL_DATA",
    "GDAL_DRIVER_PATH",
    "LD_LIBRARY_PATH",
    "LD_PRELOAD",
    "PROJ_DATA",
    "PROJ_LIB",
    "PYTHONEXECUTABLE",
    "PYTHONHOME",
    "PYTHONPATH",
    "PYTHONSTARTUP",
    "VIRTUAL_ENV",
    "__PYVENV_LAUNCHER__",
}
_DROPPED_PREFIXES = ("QT_",)
_config_option: Callable[[str], Optional[str]] = os.environ.get


def use_config_option(lookup: Callable[[str], Optional[str]]) -> None:
    """Set where this process looks up GDAL options from now on: QGIS's GDAL has more than the environment."""
    global _config_option  # noqa: PLW0603  (a preference of the process, as the data folder is)
    _config_option = lookup


def caller_options() -> dict[str, str]:
    """Return the options by which this process reaches servers, for the runs that it starts."""
    return network_options(_config_option)


def scrubbed(environment: Optional[Mapping[str, str]] = None) -> dict[str, str]:
    """Return ``environment`` (default: this process's) without the variables of QGIS's Python, Qt, GDAL and PROJ."""
    source = os.environ if environment is None else environment
    return {k: v for k, v in source.items() if k not in _DROPPED and not k.startswith(_DROPPED_PREFIXES)}


def engine_environment(code: Path) -> dict[str, str]:
    """Return the engine's environment: scrubbed, with this package on the path from the folder ``code`` alone.

    It has the caller's :func:`caller_options`; the warm engine drops them, since each of its runs brings its own.
    """
    # QGIS's plugins folder must not be on the path: vLLM probes many optional modules and would import such plugins.
    return {
        **scrubbed(),
        **caller_options(),
        "PYTHONPATH": str(code),
        "PYTHONSAFEPATH": "1",
        "PYTHONUNBUFFERED": "1",
        "PRITHVI_QGIS_HOME": str(paths.home()),
    }
