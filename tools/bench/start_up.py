"""Time that the plugin adds to QGIS's start: importing it, classFactory, initGui.

Run with QGIS's Python:
    xvfb-run -a build/venv/bin/python -m tools.bench start_up [--runs 5] [--limit-ms 50] [--modules 12]

Each run has a fresh process, in which QGIS and Processing are loaded already, as they are when QGIS loads plugins. The
first run is listed separately: it reads from the disk and may compile. The exit code is 1 when the median is over the
limit.
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

STEPS = ("import", "classFactory", "initGui", "unload")
ROOT = Path(__file__).resolve().parents[2]


class Window:
    """Stand-in for ``QgisInterface`` with what loading needs."""

    def __init__(self):
        from qgis.gui import QgsMessageBar
        from qgis.PyQt.QtWidgets import QMainWindow

        self._window = QMainWindow()
        self._bar = QgsMessageBar(self._window)

    def mainWindow(self):
        """Return the main window."""
        return self._window

    def messageBar(self):
        """Return its message bar."""
        return self._bar

    def __getattr__(self, name):
        """Accept any other call: registering menus and pages costs QGIS nothing worth measuring."""
        return lambda *arguments: None


def measure_once() -> dict:
    """Load the plugin in this process; return milliseconds by step and by imported module."""
    from qgis.core import QgsApplication

    application = QgsApplication([], True)
    application.initQgis()
    sys.path.append(str(Path(QgsApplication.pkgDataPath()) / "python" / "plugins"))
    import processing.core.Processing
    import processing.gui.AlgorithmDialog  # noqa: F401

    window = Window()
    # Python's full collection, due for QGIS's own objects, would otherwise be charged to some module.
    gc.collect()
    modules = _time_imports()
    cpu_s = time.process_time()
    marks = [time.perf_counter()]
    import prithvi_qgis

    marks.append(time.perf_counter())
    plugin = prithvi_qgis.classFactory(window)
    marks.append(time.perf_counter())
    plugin.initGui()
    marks.append(time.perf_counter())
    cpu_s = time.process_time() - cpu_s
    plugin.unload()
    marks.append(time.perf_counter())
    steps = {name: 1000 * (b - a) for name, a, b in zip(STEPS, marks, marks[1:])}
    return {"steps": steps, "modules": modules, "cpu_ms": 1000 * cpu_s}


def _time_imports() -> dict[str, float]:
    """Return a dict that fills with each import's milliseconds, without the imports inside it."""
    import builtins

    taken: dict[str, float] = {}
    inner = [0.0]
    plain = builtins.__import__

    def timed(name, globals=None, locals=None, fromlist=(), level=0):  # noqa: A002  (as Python calls them)
        before = len(sys.modules)
        inner.append(0.0)
        start = time.perf_counter()
        try:
            return plain(name, globals, locals, fromlist, level)
        finally:
            whole = time.perf_counter() - start
            own = whole - inner.pop()
            inner[-1] += whole
            if len(sys.modules) > before:
                taken[name] = taken.get(name, 0.0) + 1000 * own

    builtins.__import__ = timed
    return taken


def main() -> int:
    """Run the measurement several times and print a table; returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--limit-ms", type=float, default=50.0)
    parser.add_argument("--modules", type=int, default=12, help="how many of the slowest imports to list")
    parser.add_argument("--once", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.once:
        print("measured " + json.dumps(measure_once()), flush=True)
        os._exit(0)  # QGIS's end is not measured
    results = [_in_a_process() for _ in range(options.runs + 1)]
    first, rest = results[0], results[1:]
    print(f"{'ms':14}{'first':>8}{'median':>8}{'worst':>8}")
    for step in STEPS:
        values = [r["steps"][step] for r in rest]
        print(f"{step:14}{first['steps'][step]:8.1f}{statistics.median(values):8.1f}{max(values):8.1f}")
    totals = [sum(r["steps"][s] for s in STEPS[:3]) for r in results]
    median = statistics.median(totals[1:])
    print(f"{'start':14}{totals[0]:8.1f}{median:8.1f}{max(totals[1:]):8.1f}   (limit {options.limit_ms:.0f})")
    cpu = [r["cpu_ms"] for r in results]  # without waiting for a busy machine
    print(f"{'of that, CPU':14}{cpu[0]:8.1f}{statistics.median(cpu[1:]):8.1f}{max(cpu[1:]):8.1f}")
    slowest = sorted(rest[-1]["modules"].items(), key=lambda item: -item[1])[: options.modules]
    print("\n".join(["", "slowest imports, ms without what they import:"] + [f"{t:8.1f}  {m}" for m, t in slowest]))
    return 0 if median <= options.limit_ms else 1


def _in_a_process() -> dict:
    done = subprocess.run(
        [sys.executable, "-m", "tools.bench", "start_up", "--once"],
        capture_output=True,
        text=True,
        cwd=ROOT,
        check=False,
    )
    lines = [line for line in done.stdout.splitlines() if line.startswith("measured ")]
    if not lines:
        sys.exit(f"the plugin did not load:\n{done.stdout}{done.stderr}")
    return json.loads(lines[-1].partition(" ")[2])
