"""Exporting a bundle of the tiny engine, in a process of its own."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from support.tiny_engine import ROOT, TinyEngine, outcome

PYTHON = f"{sys.version_info[0]}.{sys.version_info[1]}"  # this machine's, so that the engine can be installed from it
_DRIVER = """
import json, os, signal, sys
from pathlib import Path
from prithvi_qgis.client.bundle.export import BundleRequest, export_bundle
from prithvi_qgis.client.install.network_policy import Network
from prithvi_qgis.core.errors import PrithviError
stop = []
signal.signal(signal.SIGUSR1, lambda *a: stop.append(1))
order = json.loads(sys.argv[1])
network = Network(bool(os.environ.get("TINY_OFFLINE")), json.loads(os.environ.get("TINY_OFFERED", "{}")))
def report(percent, text):
    print(json.dumps([percent, text]), flush=True)
try:
    order["folder"] = Path(order["folder"])
    done = export_bundle(BundleRequest(**order), report, lambda: bool(stop), network)
    print(json.dumps({**vars(done), "folder": str(done.folder)}))
except PrithviError as e:
    print(json.dumps({"code": e.code.value, "line": e.line}))
"""


def start(
    tiny: TinyEngine, folder: Path, wrap: tuple[str, ...] = (), order: dict | None = None, **variables: str
) -> subprocess.Popen:
    """Begin an export."""
    import platform

    whole = {"variant": "cpu", "python": PYTHON, "machine": platform.machine(), **(order or {})}
    return subprocess.Popen(
        [*wrap, sys.executable, "-c", _DRIVER, json.dumps({"folder": str(folder), **whole})],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env=tiny.environment(**variables),
        cwd=tiny.plugins,
    )


def export(
    tiny: TinyEngine, folder: Path, wrap: tuple[str, ...] = (), order: dict | None = None, **variables: str
) -> dict:
    """Export to the end; the outcome or the error, with the lines before as ``progress``."""
    return outcome(start(tiny, folder, wrap, order, **variables))


def add_model(tiny: TinyEngine, model_id: str = "lake") -> Path:
    """A copy of the demonstration model among the user's; its weights lie elsewhere, as in the hub's cache."""
    demo = ROOT / "resources" / "models" / "demo-water"
    folder = tiny.home / "models" / model_id
    folder.mkdir(parents=True)
    card = json.loads((demo / "model.json").read_text())
    (folder / "model.json").write_text(json.dumps({**card, "id": model_id, "title": "Lakes"}))
    (folder / "config.json").write_bytes((demo / "config.json").read_bytes())
    blob = tiny.home / "hub" / f"blob-{model_id}"
    blob.parent.mkdir(exist_ok=True)
    blob.write_bytes((demo / "model.safetensors").read_bytes())
    (folder / "model.safetensors").symlink_to(blob)
    return folder
