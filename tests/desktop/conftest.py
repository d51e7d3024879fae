"""A screen for all tests, a fresh QGIS for each, and one warm engine."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from support import ROOT
from support.desktop.qgis_session import QgisSession, screen


@pytest.fixture(scope="session")
def display() -> Iterator[str]:
    """A screen, where there is a QGIS to show on it."""
    for program in ("qgis", "Xvfb"):
        if not shutil.which(program, path="/usr/local/bin:/usr/bin:/bin"):
            pytest.skip(f"no {program} on this machine: the desktop suite needs QGIS's window and a screen")
    with screen() as name:
        yield name


@pytest.fixture(scope="session")
def engine(display) -> Iterator[None]:
    """One warm engine for all windows."""
    from prithvi_qgis.client.engine import engine_client

    engine_client.start("cpu", 10, lambda message: None, lambda: False)
    yield
    engine_client.stop()


@pytest.fixture(scope="session")
def scene() -> Path:
    """The demo scene."""
    place = ROOT / "build" / "demo" / "scene.tif"
    if not place.is_file():
        maker = ROOT / "tools" / "demo_model" / "make_demo_scene.py"
        place.parent.mkdir(parents=True, exist_ok=True)
        subprocess.run(["/usr/bin/python3", str(maker), str(place)], check=True, timeout=300)
    return place


@pytest.fixture()
def qgis_session(display, scene, tmp_path) -> QgisSession:
    """A place to start QGIS at."""
    return QgisSession(display, tmp_path, scene)
