"""Starts a real QGIS with a fresh profile, has a story played in it, and tells how it ended."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from osgeo import gdal

from support import ROOT

HERE = Path(__file__).resolve().parent
TIMEOUT_S = 120
SETTINGS = """\
[PythonPlugins]
prithvi_qgis=true

[app]
plugin_installer\\checkOnStart=false
allowVersionCheck=false
askToSaveMemoryLayers=false

[locale]
overrideFlag=true
userLocale=en_US

[fonts]
downloadMissingFonts=false

[qgis]
checkVersion=false
"""


@dataclass(frozen=True)
class Ended:
    """A QGIS window that was closed.

    Attributes:
        code: QGIS's exit code; seen: what the story reported; said: QGIS's log, ``[tag, level, text]``.
        left: processes that outlived QGIS; files: what is left of its temporary files.
    """

    code: int
    seen: dict[str, Any]
    said: list[list[str]]
    left: list[str]
    files: list[str]

    @property
    def clean(self) -> bool:
        """It ended well, said nothing odd, and left nothing behind."""
        assert (self.code, self.left, self.files, self.warnings) == (0, [], [], []), self
        return True

    @property
    def warnings(self) -> list[str]:
        """Warnings and errors of the plugin or of Python."""
        return [
            text
            for tag, level, text in self.said
            if tag in ("Prithvi", "Python warning", "Plugins") and level in ("warning", "critical")
        ]


class QgisSession:
    """Starts QGIS and has a story played in it."""

    def __init__(self, display: str, folder: Path, scene: Path):
        self.folder, self._display, self._scene = folder, display, scene

    def play(self, story: str, **variables: str) -> Ended:
        """Start QGIS, play ``stories/<story>.py``, and wait for QGIS to end."""
        profile = self.folder / "profile"
        ini = profile / "profiles" / "default" / "QGIS" / "QGIS3.ini"
        ini.parent.mkdir(parents=True)
        ini.write_text(SETTINGS)
        large_and_poor(self._scene, self.folder)
        temporary = self.folder / "tmp"
        temporary.mkdir()
        environment = {
            **self._environment(),
            "TMPDIR": str(temporary),
            "DESKTOP_STORY": story,
            "DESKTOP_TESTS": str(HERE.parents[1]),
            "DESKTOP_FOLDER": str(self.folder),
            "DESKTOP_SCENE": str(self._scene),
            **variables,
        }
        command = ["qgis", "--nologo", "--noversioncheck", "--code", str(HERE / "inside.py")]
        with (self.folder / "output.txt").open("w") as output:
            qgis = subprocess.Popen(
                command, env=environment, stdout=output, stderr=subprocess.STDOUT, start_new_session=True
            )
            try:
                code = qgis.wait(TIMEOUT_S)
            finally:
                left = session(qgis.pid)
                for pid in left:
                    os.kill(int(pid.split()[0]), 9)
        written = self.folder / "report.json"
        assert written.is_file(), f"no report, exit code {code}: {(self.folder / 'output.txt').read_text()[-3000:]}"
        report = json.loads(written.read_text())
        assert not report["trouble"], f"{report['trouble']}\n(screen: {self.folder / 'trouble.png'})\n{report['seen']}"
        files = sorted(str(p.relative_to(temporary)) for p in temporary.rglob("*") if p.is_file())
        return Ended(code, report["seen"], report["said"], left, files)

    def shell(self, command: str) -> subprocess.CompletedProcess[str]:
        """Run a command in a terminal, with the profile of the window that was closed."""
        return subprocess.run(
            ["bash", "-c", command], env=self._environment(), capture_output=True, text=True, timeout=TIMEOUT_S
        )

    def _environment(self) -> dict[str, str]:
        dropped = ("PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV", "WAYLAND_DISPLAY", "XAUTHORITY")
        return {
            **{k: v for k, v in os.environ.items() if k not in dropped},
            "PATH": "/usr/local/bin:/usr/bin:/bin",
            "DISPLAY": self._display,
            "QT_QPA_PLATFORM": "xcb",
            "QGIS_PLUGINPATH": os.environ.get("QGIS_PLUGINPATH", str(ROOT / "build" / "plugins")),
            "QGIS_CUSTOM_CONFIG_PATH": str(self.folder / "profile"),
        }


def large_and_poor(scene: Path, folder: Path) -> None:
    """Two views of the scene: ``large.vrt`` takes a minute to segment, ``four.vrt`` lacks bands."""
    gdal.UseExceptions()
    gdal.Translate(str(folder / "large.vrt"), str(scene), format="VRT", width=1400 * 5, height=1180 * 5)
    gdal.Translate(str(folder / "four.vrt"), str(scene), format="VRT", bandList=[1, 2, 3, 6])


def session(leader: int) -> list[str]:
    """The processes, with their names, of the session that ``leader`` began."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            pid, _, rest = stat.read_text().partition(" (")
        except OSError:
            continue
        name, _, fields = rest.rpartition(") ")
        if fields.split()[3] == str(leader) and fields.split()[0] != "Z":
            found.append(f"{pid} {name}")
    return found


@contextmanager
def screen(size: str = "1280x800") -> Iterator[str]:
    """A screen that nobody sees; gives the name of its display."""
    reading, writing = os.pipe()
    command = ["Xvfb", "-displayfd", str(writing), "-screen", "0", f"{size}x24", "-nolisten", "tcp"]
    server = subprocess.Popen(command, pass_fds=[writing], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    os.close(writing)
    try:
        with os.fdopen(reading) as number:
            yield f":{number.readline().strip()}"
    finally:
        server.terminate()
        server.wait(10)
