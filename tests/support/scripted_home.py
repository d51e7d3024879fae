"""A data folder with the scripted engine installed in it."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path

from prithvi_qgis.client.runtime import readiness
from prithvi_qgis.core.system import paths

SCRIPTED = Path(__file__).with_name("scripted_engine.py")


def scripted_engine(home: Path) -> Callable[..., None]:
    """Install the scripted engine into the data folder in use, ``home``; returns what sets its behaviour."""
    python = paths.venv_python("cpu")
    python.parent.mkdir(parents=True)
    python.write_text(
        f'#!/bin/sh\ncase "$2" in\n*detach.py) exec {sys.executable} "$@";;\n'
        f'*) exec {sys.executable} {SCRIPTED} "$@";;\nesac\n'
    )
    python.chmod(0o755)
    paths.ready_file("cpu").write_text(json.dumps({"lock": readiness.lock_checksum("cpu")}))

    def script(**behaviour) -> None:
        (home / "script.json").write_text(json.dumps(behaviour))

    script()
    return script
