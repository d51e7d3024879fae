"""What every measurement in one process begins with."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TextIO


def begin(work: Path, variant: str) -> TextIO:
    """Make ``work`` with a data folder of its own, and set what the engine relies on; call it before torch is imported.

    Returns:
        where findings go; what vLLM prints on standard output goes to standard error from now on.
    """
    work.mkdir(parents=True, exist_ok=True)
    os.environ["PRITHVI_QGIS_HOME"] = str(work / "home")
    out = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)

    from prithvi_qgis.engine.device import runtime_env

    runtime_env.prepare(variant)
    return out
