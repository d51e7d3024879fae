"""Largest gaps of QGIS's event loop while an engine starts, runs, and is checked.

Starts a real QGIS (under xvfb-run without a display) with its own profile and engine, loads the plugin, and
records every gap with a 5 ms timer. Run it from the repository after ``make stage``:

    python3 -m tools.bench event_loop build/demo/scene.tif [--install]

With ``--install`` the engine is installed first, from the network or uv's cache, into a folder that is removed
afterwards.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

TICK_MS = 5
LIMIT_MS = 100


class Gaps:
    """Gaps of the event loop, by phase."""

    def __init__(self):
        from qgis.PyQt.QtCore import Qt, QTimer

        self.phase = "idle"
        self.by_phase: dict[str, list[float]] = {}
        self._last = time.perf_counter()
        self._timer = QTimer()
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._tick)
        self._timer.start(TICK_MS)

    def _tick(self) -> None:
        now = time.perf_counter()
        self.by_phase.setdefault(self.phase, []).append(1000 * (now - self._last) - TICK_MS)
        self._last = now

    def table(self) -> list[dict]:
        """Return one row per phase."""
        return [
            {
                "phase": phase,
                "seconds": round(sum(gaps) / 1000 + TICK_MS * len(gaps) / 1000, 1),
                "largest_ms": round(max(gaps), 1),
                "p99_ms": round(sorted(gaps)[int(0.99 * len(gaps))], 1),
                "over_limit": sum(gap > LIMIT_MS for gap in gaps),
            }
            for phase, gaps in self.by_phase.items()
        ]


def inside_qgis() -> None:
    """Click, wait and record; QGIS runs this."""
    from qgis.core import (
        QgsApplication,
        QgsProcessingAlgRunnerTask,
        QgsProcessingContext,
        QgsProcessingFeedback,
        QgsProject,
        QgsRasterLayer,
    )
    from qgis.PyQt.QtCore import QCoreApplication, QEventLoop
    from qgis.utils import iface, loadPlugin, plugins, startPlugin

    def wait(condition, timeout_s: float = 300) -> None:
        end = time.monotonic() + timeout_s
        while not condition() and time.monotonic() < end:
            QCoreApplication.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents)

    def pause(seconds: float) -> None:
        end = time.monotonic() + seconds
        wait(lambda: time.monotonic() > end)

    def algorithm(name: str) -> None:
        done = []
        run = QgsApplication.processingRegistry().createAlgorithmById(name)
        context, feedback = QgsProcessingContext(), QgsProcessingFeedback()
        task = QgsProcessingAlgRunnerTask(run, {}, context, feedback)
        task.executed.connect(lambda *_: done.append(1))
        QgsApplication.taskManager().addTask(task)
        wait(lambda: done)

    loadPlugin("prithvi_qgis")
    startPlugin("prithvi_qgis")
    menu = next(part for part in plugins["prithvi_qgis"].parts if type(part).__name__ == "LayerMenu")
    scene = os.environ["EVENT_LOOP_SCENE"]
    layers = [QgsRasterLayer(scene, f"scene {n}") for n in range(3)]
    QgsProject.instance().addMapLayers(layers)
    iface.mapCanvas().setExtent(layers[0].extent())
    pause(8)  # for what QGIS does after its start
    gaps = Gaps()
    pause(5)

    def segment(phase: str, chosen: list) -> None:
        ended = []
        finished = menu._finished

        def note(task) -> None:
            finished(task)
            ended.append(task)

        menu._finished = note
        iface.layerTreeView().setCurrentLayer(chosen[0])
        tree = iface.layerTreeView()
        selection = tree.selectionModel()
        for layer in chosen:
            node = QgsProject.instance().layerTreeRoot().findLayer(layer.id())
            selection.select(tree.node2index(node), selection.SelectionFlag.Select)
        gaps.phase = f"{phase}: click"
        menu.segment_now("demo-water")
        pause(0.5)
        gaps.phase = phase
        loaded = []
        from prithvi_qgis.gui.segment_task import LayerRun

        load = LayerRun.load

        def timed(run) -> None:
            began, before = time.perf_counter(), gaps.phase
            load(run)
            loaded.append(1000 * (time.perf_counter() - began))
            gaps.phase = before

        LayerRun.load = timed
        wait(lambda: ended)
        LayerRun.load = load
        menu._finished = finished
        steps[phase] = round(max(loaded), 1) if loaded else None
        gaps.phase = f"{phase}: drawing the result"
        pause(3)
        gaps.phase = "idle"
        iface.messageBar().clearWidgets()
        picture = os.environ.get("EVENT_LOOP_PICTURE")
        if picture:
            iface.mainWindow().grab().save(picture)

    if os.environ.get("EVENT_LOOP_INSTALL"):
        from prithvi_qgis.gui.setup import install_task, setup_offer

        gaps.phase = "setup dialog"
        dialog = setup_offer.show_setup(iface.mainWindow())
        pause(4)
        gaps.phase = "installation"
        dialog._install.click()
        wait(lambda: install_task.running() is None, 1500)
        pause(1)
        dialog.close()

    steps: dict[str, float | None] = {}
    segment("engine's cold start and run", layers[:1])
    segment("warm run", layers[:1])
    segment("three layers", layers)
    gaps.phase = "check of the installation"
    algorithm("prithvi:installengine")
    gaps.phase = "status"
    algorithm("prithvi:enginestatus")
    Path(os.environ["EVENT_LOOP_RESULT"]).write_text(json.dumps({"gaps": gaps.table(), "loading_ms": steps}))
    algorithm("prithvi:stopengine")
    QgsProject.instance().setDirty(False)
    os._exit(0)  # QGIS's end is not measured


def main() -> None:
    """Start QGIS, wait, print the table."""
    root = Path(__file__).resolve().parents[2]
    scene = str(Path(sys.argv[1]).resolve())
    home = Path(tempfile.mkdtemp(prefix="prithvi-loop-"))
    result = home / "result.json"
    engine = Path(os.environ.get("PRITHVI_QGIS_ENGINE", Path.home() / ".local/share/prithvi_qgis/engine"))
    install = "--install" in sys.argv
    if not install:
        (home / "engine").symlink_to(engine)
    environment = {
        **os.environ,
        **({"EVENT_LOOP_INSTALL": "1"} if install else {}),
        "PATH": "/usr/local/bin:/usr/bin:/bin",
        "PRITHVI_QGIS_HOME": str(home),
        "QGIS_PLUGINPATH": str(root / "build" / "plugins"),
        "QGIS_CUSTOM_CONFIG_PATH": str(home / "profile"),
        "EVENT_LOOP_SCENE": scene,
        "EVENT_LOOP_RESULT": str(result),
        "QT_QPA_PLATFORM": "xcb",
    }
    screen = [] if os.environ.get("DISPLAY") else ["xvfb-run", "-a", "-s", "-screen 0 1400x900x24"]
    command = [*screen, "qgis", "--nologo", "--noversioncheck", "--code", __file__]
    try:
        subprocess.run(command, env=environment, timeout=2400 if install else 900, check=False)
        measured = json.loads(result.read_text())
    finally:
        shutil.rmtree(home, ignore_errors=True)
    print(f"{'phase':55}{'seconds':>9}{'largest ms':>12}{'p99 ms':>9}{'over 100 ms':>13}")
    for row in measured["gaps"]:
        print(
            f"{row['phase']:55}{row['seconds']:9}{row['largest_ms']:12}{row['p99_ms']:9}{row['over_limit']:13}",
            flush=True,
        )
    print("longest loading of one layer's results, ms:", measured["loading_ms"])


if "iface" in globals() or os.environ.get("EVENT_LOOP_RESULT"):
    inside_qgis()
