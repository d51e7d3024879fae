"""Have uv fetch a Python for the engine, where no installed one fits and the user agreed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from ...core.errors import ErrorCode, PrithviError
from ..runtime.subprocess_lines import last_error_line
from .find_python import Python, fetched_folder, find_python
from .uv import uv_environment

FETCHED_VERSION = "3.12"
FETCHED_MB = 35  # download; about 110 MB on the disk

RunCommand = Callable[[list[str], dict[str, str]], int]


def fetch_python(uv: Path, offered: Mapping[str, str], run: RunCommand, lines: list[str]) -> Python:
    """Fetch a Python into the data folder and return it; uv compares its checksum.

    uv's own settings hold: ``UV_PYTHON_INSTALL_MIRROR``, and ``UV_PYTHON_DOWNLOADS=never``, which refuses.

    Args:
        uv: the program.
        offered: proxy and certificates of the front end.
        run: runs a command in an environment, with progress and cancellation, and returns its exit code.
        lines: receives the output of ``run``.
    Raises:
        PrithviError: ``install_failed`` with uv's error; ``cancelled``.
    """
    # Variables, since older versions of uv lack the options. BIN: nothing is put on the user's PATH.
    folder = {"UV_PYTHON_INSTALL_DIR": str(fetched_folder()), "UV_PYTHON_INSTALL_BIN": "0"}
    if run([str(uv), "python", "install", FETCHED_VERSION], {**uv_environment(offered), **folder}) != 0:
        raise PrithviError(
            ErrorCode.INSTALL_FAILED,
            f"uv could not fetch Python {FETCHED_VERSION} for the engine: {last_error_line(lines)}.",
            "Check the network and the proxy (HTTPS_PROXY), or name a mirror in UV_PYTHON_INSTALL_MIRROR; or install"
            " one beside the system's and name it in PRITHVI_QGIS_PYTHON.",
        )
    return find_python()
