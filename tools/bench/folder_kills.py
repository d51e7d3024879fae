"""Compare a folder run with broken scenes, done without interruption, with one that is killed at random moments.

Run with QGIS's Python after `make engine`: python3 -m tools.bench folder_kills --work FOLDER [--scenes 500]
[--broken 25] [--kills 20]. Kills hit qgis_process, the engine, or both, with SIGKILL.
"""

from __future__ import annotations

import argparse
import csv
import os
import random
import re
import signal
import subprocess
import time
from pathlib import Path

from prithvi_qgis.client.engine import process

from .folder_of_scenes import contents, make_folder


def main() -> int:
    """Print one line per kill, then the verdict; the exit code is 1 where outputs or records differ."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--scenes", type=int, default=500)
    parser.add_argument("--broken", type=int, default=25)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    scenes, whole, killed = (options.work / name for name in ("scenes", "whole", "killed"))
    scenes.mkdir(parents=True)
    make_folder(scenes, options.scenes - options.broken, options.broken)
    began = time.monotonic()
    code, last = _finish(_start(scenes, whole))
    seconds = time.monotonic() - began
    print(f"uninterrupted: exit code {code}, {seconds:.0f} s, {last}", flush=True)
    rng = random.Random(options.seed)  # nosec B311: when to kill is not a secret
    kills = 0
    while kills < options.kills:
        front = _start(scenes, killed)
        # Spread over the run's whole length, the start of the engine included.
        time.sleep(rng.uniform(0.5, 1.5 * seconds / options.kills + 8))
        if front.poll() is not None:
            break
        victim = rng.choice(("front end", "engine", "both"))
        pid = process.engine_pid() if victim != "front end" else None
        if pid:
            os.killpg(pid, signal.SIGKILL)
        if victim != "engine":
            front.kill()
        else:
            time.sleep(rng.uniform(0, 3))  # the front end notices and begins to start another
            front.kill()
        front.wait()
        kills += 1
        print(f"kill {kills}: {victim}, {len(_rows(killed))} records", flush=True)
    code, last = _finish(_start(scenes, killed))
    print(f"after {kills} kills: exit code {code}, {last}", flush=True)
    return _verdict(whole, killed, options.broken)


def _verdict(whole: Path, killed: Path, broken: int) -> int:
    a, b = contents(whole), contents(killed)
    rows, again = _rows(whole), _rows(killed)
    texts = {re.sub(r"\S*broken\d+-\w+\.\w+", "NAME", r["error"]) for r in rows if r["success"] == "false"}
    compared = (
        "input",
        "success",
        "error_code",
        "error",
        "valid_pixels",
        "model",
        "device",
        "area_m2_Land",
        "area_m2_Water",
    )
    one, other = (sorted(tuple(r.get(k) for k in compared) for r in found) for found in (rows, again))
    failed = sum(r["success"] == "false" for r in rows)
    good = a == b and one == other and failed == broken and len(texts) == min(10, broken)
    print(f"masks {len(a)} and {len(b)}, equal: {a == b}; records {len(rows)} and {len(again)}, equal: {one == other}")
    print(f"failed {failed}, distinct texts {len(texts)}; {'good' if good else 'BAD'}")
    return 0 if good else 1


def _start(scenes: Path, out: Path) -> subprocess.Popen:
    command = ["qgis_process", "run", "prithvi:segmentfolder", f"--INPUT={scenes}", f"--OUTPUT={out}"]
    log = open(out.with_suffix(".log"), "ab")  # noqa: SIM115  (the process's)
    return subprocess.Popen([*command, "--RECURSIVE=true"], stdout=log, stderr=log)


def _finish(front: subprocess.Popen) -> tuple[int, str]:
    code = front.wait()
    out = Path(next(a for a in front.args if a.startswith("--OUTPUT=")).partition("=")[2])  # type: ignore[union-attr]
    lines = out.with_suffix(".log").read_text(errors="replace").strip().splitlines()
    return code, lines[-1] if lines else ""


def _rows(out: Path) -> list[dict[str, str]]:
    try:
        with open(out / "results.csv", newline="", encoding="utf-8") as f:
            return list(csv.DictReader(f))
    except OSError:
        return []
