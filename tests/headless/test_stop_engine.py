"""``prithvi:stopengine``; the last file that uses the engine of the session."""

from __future__ import annotations

from prithvi_qgis.client.engine import process
from prithvi_qgis.core.system.processes import is_alive


def test_stop_ends_the_engine_and_says_so(qgis, good_scene, tmp_path):
    assert qgis.segment(good_scene, tmp_path / "mask.tif").code == 0
    pid = process.engine_pid()
    done = qgis.run("--json", "run", "prithvi:stopengine")
    assert done.results == {"STOPPED": True}
    assert not is_alive(pid)
    assert qgis.run("--json", "run", "prithvi:enginestatus").results["STATE"] == "stopped"
    assert "No engine was running." in qgis.run("--json", "run", "prithvi:stopengine").log["info"]
