"""Fixtures of several files."""

from __future__ import annotations

import os
import shutil
import signal

import pytest

from prithvi_qgis.client.engine import process
from prithvi_qgis.core.system import paths
from support.client_home import ClientHome


@pytest.fixture()
def client_home(tmp_path, monkeypatch):
    """A client with a data folder of its own, in which the scripted engine is installed."""
    monkeypatch.setenv("PRITHVI_QGIS_HOME", str(tmp_path))
    client_home = ClientHome(tmp_path)
    yield client_home
    for pid in client_home.pids() if (tmp_path / "starts").exists() else []:
        if process._is_our_engine(pid):
            os.kill(pid, signal.SIGKILL)
            assert process.wait_gone(pid, 10)
    shutil.rmtree(paths.run_folder())
