"""Kill the engine in the middle of runs; check leftovers, the error that users read, and the next run.

Run with QGIS's Python after `make engine`: python3 -m tools.bench kills SCENE [--times 20]
"""

from __future__ import annotations

import argparse
import os
import signal
import subprocess
import tempfile
from pathlib import Path

from prithvi_qgis.client.engine import engine_client, process
from prithvi_qgis.client.runtime.readiness import installed_variant
from prithvi_qgis.core.errors import PrithviError
from prithvi_qgis.core.models.model_card import find_model
from prithvi_qgis.core.protocol import messages
from prithvi_qgis.core.system.paths import model_folders


def main() -> int:
    """Print one line per kill, then the verdict."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("scene")
    parser.add_argument("--times", type=int, default=20)
    options = parser.parse_args()
    model, variant, bad = str(find_model("demo-water", model_folders()).folder), installed_variant(), 0
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        request = messages.Segment(str(Path(options.scene).absolute()), model, str(folder / "mask.tif"))
        for number in range(options.times):
            wanted = number % 10  # tiles done before the kill; 0 kills while the model is loading
            pid = 0

            def on_message(message: messages.Message, wanted: int = wanted) -> None:
                nonlocal pid
                if isinstance(message, messages.Progress) and not pid:
                    loading = message.stage == "loading" and wanted == 0
                    if loading or (message.stage == "segmenting" and wanted and message.done >= wanted):
                        pid = process.engine_pid() or 0
                        os.killpg(pid, signal.SIGKILL)

            text = "no error"
            try:
                engine_client.segment(request, variant, on_message, lambda: False, 5.0)
            except PrithviError as e:
                text = e.line
            left = sorted(p.name for p in folder.iterdir())
            found = subprocess.run(["pgrep", "-g", str(pid)], capture_output=True, text=True, check=False)
            # What is dead but not yet reaped by init holds neither memory nor files.
            group = [p for p in found.stdout.split() if process.is_alive(int(p))]
            good = text != "no error" and "\n" not in text and not left and not group and pid > 0
            bad += not good
            print(f"{number + 1:2d} after {wanted} tiles: files {left}, processes {group}, {text}", flush=True)
        result = engine_client.segment(request, variant, lambda m: None, lambda: False, 5.0)
        print(f"next run: {result.tiles} tiles, {sorted(p.name for p in folder.iterdir())}; bad: {bad}")
    engine_client.stop()
    return 1 if bad else 0
