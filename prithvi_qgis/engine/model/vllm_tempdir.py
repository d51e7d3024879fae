"""Per-process temporary directory for the file that vLLM leaves behind for each loaded model."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from ...core.system.paths import run_folder

_PREFIX = "vllm-"


@contextlib.contextmanager
def redirect_tempfiles() -> Iterator[None]:
    """Redirect temporary files to this process's directory, and remove those of processes that were killed."""
    for folder in run_folder().glob(f"{_PREFIX}*"):
        if not Path("/proc", folder.name[len(_PREFIX) :]).exists():
            shutil.rmtree(folder, ignore_errors=True)
    _tempdir().mkdir(mode=0o700, exist_ok=True)
    before, tempfile.tempdir = tempfile.tempdir, str(_tempdir())
    try:
        yield
    finally:
        tempfile.tempdir = before


def remove_tempdir() -> None:
    """Remove this process's directory, after its model was unloaded."""
    shutil.rmtree(_tempdir(), ignore_errors=True)


def _tempdir() -> Path:
    return run_folder() / f"{_PREFIX}{os.getpid()}"
