"""A folder of this process's own for what vLLM leaves in the folder for temporary files: one file a loaded model."""

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
def own_temporary_folder() -> Iterator[None]:
    """Temporary files made inside go to the process's own folder; those of processes that were killed are removed."""
    for folder in run_folder().glob(f"{_PREFIX}*"):
        if not Path("/proc", folder.name[len(_PREFIX) :]).exists():
            shutil.rmtree(folder, ignore_errors=True)
    _own().mkdir(mode=0o700, exist_ok=True)
    before, tempfile.tempdir = tempfile.tempdir, str(_own())
    try:
        yield
    finally:
        tempfile.tempdir = before


def remove_own() -> None:
    """Remove it: no model is loaded any more."""
    shutil.rmtree(_own(), ignore_errors=True)


def _own() -> Path:
    return run_folder() / f"{_PREFIX}{os.getpid()}"
