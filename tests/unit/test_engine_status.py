"""What is known of the engine, told whatever is wrong."""

from __future__ import annotations

from prithvi_qgis.client.engine import status
from prithvi_qgis.core.system import paths


def test_a_run_folder_that_is_not_private_is_told_and_hides_nothing_else(tmp_path, monkeypatch):
    monkeypatch.setenv("PRITHVI_QGIS_HOME", str(tmp_path / "home"))
    folder = paths.run_folder()
    folder.chmod(0o755)
    try:
        state = status.engine_status(([], "No GPU was found."))
    finally:
        folder.rmdir()
    assert f"{folder} is not a private folder of yours" in state.trouble
    assert (state.runs, state.report, state.no_gpu) == ([], None, "No GPU was found.")
    assert [r.variant for r in state.variants]
