"""``download-model`` against a server that speaks the hub's protocol to the hub's real client."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from prithvi_qgis.core.models.catalogue import ModelState, state
from prithvi_qgis.core.models.model_card import read_card
from support import ROOT
from support.hub import REVISION, Hub, sha256

DEMO = ROOT / "resources" / "models" / "demo-water"
FILES = {
    "config.json": (DEMO / "config.json").read_bytes(),
    "model.safetensors": (DEMO / "model.safetensors").read_bytes(),
}
SIZE = sum(map(len, FILES.values()))


@pytest.fixture
def home(tmp_path):
    """A data folder whose catalogue has one model to download, with its own cache for the hub's client."""
    card = json.loads((DEMO / "model.json").read_text())
    source = {"repo": "owner/name", "files": list(FILES), "size_bytes": SIZE}
    folder = tmp_path / "home" / "models" / "tiny"
    folder.mkdir(parents=True)
    (folder / "model.json").write_text(json.dumps({**card, "id": "tiny", "sha256": "", "source": source}))
    (folder.parent / "revisions.ini").write_text(f"[revisions]\ntiny = {REVISION}\n")
    return tmp_path / "home"


def command(home, url, *arguments, **variables):
    environment = {
        **{k: v for k, v in os.environ.items() if not k.startswith(("HF_", "HTTP", "http"))},
        "PYTHONPATH": str(ROOT),
        "PRITHVI_QGIS_HOME": str(home),
        "HF_HOME": str(home / "hub"),
        "HF_ENDPOINT": url,
        **variables,
    }
    line = [sys.executable, "-m", "prithvi_qgis.engine", "download-model", "tiny", "--json", *arguments]
    return {"args": line, "env": environment, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}


def download(home, url, *arguments, **variables):
    """(exit code, the JSON lines); what the client itself says goes elsewhere."""
    done = subprocess.run(**command(home, url, *arguments, **variables), timeout=120, check=False)
    assert "Traceback" not in done.stderr, done.stderr
    return done.returncode, [json.loads(line) for line in done.stdout.splitlines()]


def refusal(home, url, *arguments, **variables):
    code, lines = download(home, url, *arguments, **variables)
    assert code == 1
    error = lines[-1]
    assert error["type"] == "Failed"
    assert "\n" not in error["text"] and error["hint"]
    assert state(read_card(home / "models" / "tiny")) is ModelState.TO_DOWNLOAD
    return error


def test_a_model_comes_with_progress_in_bytes_and_is_ready(home):
    with Hub(FILES, pause_s=0.01) as hub:
        code, lines = download(home, hub.url)
        assert code == 0, lines
        steps = [line for line in lines if "done" in line]
        assert [s["done"] for s in steps] == sorted(s["done"] for s in steps)
        assert steps[-1]["done"] == steps[-1]["total"] == SIZE
        card = read_card(home / "models" / "tiny")
        assert state(card) is ModelState.READY
        assert (card.revision, card.sha256) == (REVISION, sha256(FILES["model.safetensors"]))
        assert (card.folder / card.weights).read_bytes() == FILES["model.safetensors"]
        assert not (home / "downloads").exists()

        del hub.seen[:]
        code, lines = download(home, hub.url)
        assert lines[-1]["fresh"] is False
        assert not hub.seen  # a model that is there needs no network


def test_clearing_the_hubs_cache_leaves_the_model(home):
    import shutil

    with Hub(FILES) as hub:
        assert download(home, hub.url)[0] == 0
    shutil.rmtree(home / "hub")
    card = read_card(home / "models" / "tiny")
    assert (card.folder / card.weights).read_bytes() == FILES["model.safetensors"]


def test_a_connection_that_drops_is_resumed_where_it_stopped(home):
    with Hub(FILES, drop_after=5 << 20) as hub:
        code, lines = download(home, hub.url)
        assert code == 0, lines
        assert hub.ranges() == ["", f"bytes={5 << 20}-", f"bytes={10 << 20}-"]


def test_a_download_that_was_killed_goes_on_where_it_stopped(home):
    with Hub(FILES, pause_s=0.05) as hub:
        first = subprocess.Popen(**command(home, hub.url), start_new_session=True)
        parts = []
        deadline = time.monotonic() + 60
        while not parts and time.monotonic() < deadline:
            time.sleep(0.1)
            parts = [p for p in home.glob("hub/hub/*/blobs/*.prithvi.incomplete") if p.stat().st_size > 1 << 20]
        os.killpg(first.pid, signal.SIGKILL)
        first.communicate()
        held = parts[0].stat().st_size
        hub.pause_s = 0
        code, lines = download(home, hub.url)
        assert code == 0, lines
        assert hub.ranges()[-1] == f"bytes={held}-"
        assert not list(home.glob("hub/hub/*/blobs/*incomplete"))


@pytest.mark.parametrize(
    ("refuse", "says"),
    [
        ((404, "RepoNotFound"), "has no repository owner/name"),
        ((401, "RepoNotFound"), "or it is private (401)"),
        ((403, "GatedRepo"), "accepted its terms (403"),
        ((403, ""), "refuses owner/name (403)"),
        ((404, "RevisionNotFound"), f"no revision {REVISION}"),
        ((500, ""), "answers 500"),
    ],
)
def test_a_server_that_refuses_is_told_in_one_line(home, refuse, says):
    with Hub(FILES, refuse=refuse) as hub:
        error = refusal(home, hub.url)
    assert error["code"] == "download_failed"
    assert says in error["text"]


def test_no_network_is_told_in_one_line(home):
    error = refusal(home, "http://127.0.0.1:9")
    assert "127.0.0.1:9 cannot be reached" in error["text"]
    assert "proxy" in error["hint"]


def test_the_proxy_is_used(home):
    with Hub(FILES) as hub:  # the proxy; the name behind it exists nowhere
        code, lines = download(home, "http://hub.invalid", HTTP_PROXY=hub.url, NO_PROXY="")
        assert code == 0, lines
        assert hub.seen


def test_the_token_goes_to_the_hub_alone(home):
    with Hub(FILES) as hub:
        assert download(home, hub.url, HF_TOKEN="hf_made_up")[0] == 0
        sent = {path: token for path, token in hub.tokens.items() if token}
    assert f"/api/models/owner/name/revision/{REVISION}" in sent
    assert not any(path.startswith("/storage/") for path in sent)


def test_damaged_weights_are_refused_and_not_kept(home):
    with Hub(FILES, damage=True) as hub:
        error = refusal(home, hub.url)
        assert "came damaged" in error["text"]
        hub.damage = False
        assert download(home, hub.url)[0] == 0


def test_weights_other_than_the_cards_are_refused_before_they_come(home):
    card = home / "models" / "tiny" / "model.json"
    body = json.loads(card.read_text())
    body["source"]["checksums"] = {"model.safetensors": "ab " * 32}
    card.write_text(json.dumps(body))
    with Hub(FILES) as hub:
        assert "not the file that the card names" in refusal(home, hub.url)["text"]
        assert not hub.ranges()


def test_a_model_larger_than_the_disk_is_refused_before_it_comes(home):
    with Hub(FILES, claimed={"model.safetensors": 1 << 50}) as hub:
        error = refusal(home, hub.url)
        assert error["code"] == "disk_full"
        assert "are free" in error["text"]
        assert not hub.ranges()


def test_a_disk_that_fills_up_is_told_and_what_came_is_kept(home):
    cache = home / "hub"
    cache.mkdir()
    if (
        os.getuid()
        or subprocess.run(["mount", "-t", "tmpfs", "-o", "size=310m", "none", cache], check=False).returncode
    ):
        pytest.skip("only root may mount a small disk")
    try:
        with Hub(FILES) as hub:
            error = refusal(home, hub.url)
            assert error["code"] == "disk_full"
            assert str(cache) in error["text"]
    finally:
        subprocess.run(["umount", "-l", cache], check=True)


@pytest.mark.parametrize("name", ["HF_HUB_OFFLINE", "PRITHVI_QGIS_OFFLINE"])
def test_offline_mode_asks_the_server_nothing(home, name):
    with Hub(FILES) as hub:
        assert "Offline mode is on" in refusal(home, hub.url, **{name: "1"})["text"]
        assert not hub.seen


@pytest.mark.parametrize("revision", ["main", "v1.0", REVISION[:12], REVISION.upper() + "0"])
def test_a_revision_that_may_move_is_refused(home, revision):
    assert f'"{revision}" is no commit' in refusal(home, "http://127.0.0.1:9", "--revision", revision)["text"]


def test_without_a_pinned_revision_one_is_asked_for(home):
    (home / "models" / "revisions.ini").unlink()
    error = refusal(home, "http://127.0.0.1:9")
    assert "No revision of owner/name is pinned" in error["text"]
    assert "REVISION" in error["hint"]
    with Hub(FILES) as hub:
        assert download(home, hub.url, "--revision", REVISION)[0] == 0


def test_a_configuration_that_may_run_foreign_code_is_refused(home):
    hostile = FILES["config.json"].replace(b"EncoderDecoderFactory", b"os.system")
    assert hostile != FILES["config.json"]
    with Hub({**FILES, "config.json": hostile}) as hub:
        error = refusal(home, hub.url)
    assert error["code"] == "model_forbidden"
    assert "os.system" in error["text"]


def test_a_terratorch_configuration_is_left_for_the_import(home):
    card = home / "models" / "tiny" / "model.json"
    body = json.loads(card.read_text())
    body["source"] |= {"files": ["config.yaml", "model.safetensors"], "config": "config.yaml"}
    card.write_text(json.dumps(body))
    with Hub({"config.yaml": b"model: {}\n", "model.safetensors": FILES["model.safetensors"]}) as hub:
        code, lines = download(home, hub.url)
    assert code == 0
    result = lines[-1]
    assert result["model"] == ""
    assert Path(result["config"]).name == "config.yaml" and Path(result["checkpoint"]).is_file()
