"""``prithvi:downloadmodel`` through ``qgis_process``, with the real engine's hub client and a hub on this machine."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest

from prithvi_qgis.core.system import paths
from support.hub import REVISION, Hub

DEMO = Path(__file__).resolve().parents[2] / "resources" / "models" / "demo-water"
FILES = {name: (DEMO / name).read_bytes() for name in ("config.json", "model.safetensors")}


@pytest.fixture
def variables(tmp_path):
    """A data folder with the installed engine, and a catalogue of the user's with one model."""
    home = tmp_path / "home"
    model = home / "models" / "tiny"
    model.mkdir(parents=True)
    (home / "engine").symlink_to(paths.home() / "engine")
    source = {"repo": "owner/name", "files": list(FILES)}
    card = {**json.loads((DEMO / "model.json").read_text()), "id": "tiny", "sha256": "", "source": source}
    (model / "model.json").write_text(json.dumps(card))
    (home / "models" / "revisions.ini").write_text(f"[revisions]\ntiny = {REVISION}\n")
    return {"PRITHVI_QGIS_HOME": str(home), "HF_HOME": str(tmp_path / "hub")}


def test_a_model_is_downloaded_and_then_no_longer_asked_for(qgis, variables, good_scene, tmp_path):
    mask = tmp_path / "mask.tif"
    refused = qgis.segment(good_scene, mask, "--MODEL=tiny", **variables)
    assert refused.code == 1
    (line,) = refused.error_lines
    assert "tiny is not on this machine yet" in line
    assert "qgis_process run prithvi:downloadmodel --MODEL=tiny" in line

    with Hub(FILES) as hub:
        done = qgis.run("--json", "run", "prithvi:downloadmodel", "--MODEL=tiny", HF_ENDPOINT=hub.url, **variables)
    assert done.code == 0, done.stderr
    model = Path(variables["PRITHVI_QGIS_HOME"]) / "models" / "tiny"
    assert done.results["MODEL"] == str(model)
    assert done.results["REVISION"] == REVISION
    assert (model / "model.safetensors").read_bytes() == FILES["model.safetensors"]


def test_a_failure_is_one_line_and_exit_code_1(qgis, variables):
    with Hub(FILES, refuse=(403, "GatedRepo")) as hub:
        done = qgis.run("run", "prithvi:downloadmodel", "--MODEL=tiny", HF_ENDPOINT=hub.url, **variables)
    assert done.code == 1
    (line,) = done.error_lines
    assert "accepted its terms" in line and "HF_TOKEN" in line


def test_cancel_ends_the_download_and_keeps_what_came(variables, tmp_path, monkeypatch):
    from prithvi_qgis.client.install.network_policy import Network
    from prithvi_qgis.client.models.download_model import download_model
    from prithvi_qgis.core.errors import ErrorCode, PrithviError
    from prithvi_qgis.core.models.model_card import find_model

    said = []
    with Hub(FILES, pause_s=0.1) as hub:
        for name, value in {**variables, "HF_ENDPOINT": hub.url}.items():
            monkeypatch.setenv(name, value)
        card = find_model("tiny", paths.model_folders())
        with pytest.raises(PrithviError) as e:
            download_model(card, "", lambda percent, text: said.append(text), lambda: len(said) > 3, Network())
        asked = len(hub.seen)
        time.sleep(1.5)
        assert len(hub.seen) == asked  # nobody is left who downloads
    assert e.value.code is ErrorCode.CANCELLED
    assert "MB (model.safetensors)" in said[-1]
    (part,) = (tmp_path / "hub" / "hub").glob("*/blobs/*.incomplete")
    assert part.stat().st_size > 0


def test_offline_mode_asks_nobody(qgis, variables):
    with Hub(FILES) as hub:
        variables |= {"HF_ENDPOINT": hub.url, "PRITHVI_QGIS_OFFLINE": "1"}
        done = qgis.run("run", "prithvi:downloadmodel", "--MODEL=tiny", **variables)
        assert done.code == 1
        assert "Offline mode is on" in done.error_lines[0]
        assert not hub.seen
