"""``qgis_process`` with the staged plugin and a profile of its own."""

from __future__ import annotations

import json
import os
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

from support import ROOT

# Warnings of Python about QGIS's own code, with the line of it that they show.
_QGIS_WARNS = re.compile(r"^/\S*/(?:qgis|processing)/\S*: \w+Warning: .*\n(?: .*\n)?", re.MULTILINE)
_WE_WARN = re.compile(r"^\S*/prithvi_qgis/\S*: \w*DeprecationWarning: .*", re.MULTILINE)


@dataclass(frozen=True)
class Done:
    """One finished ``qgis_process``: exit code, both outputs."""

    code: int
    stdout: str
    stderr: str

    @property
    def results(self) -> dict:
        """The results of a run with ``--json``."""
        return json.loads(self.stdout)["results"]

    @property
    def log(self) -> dict:
        """The log of a run with ``--json``."""
        return json.loads(self.stdout)["log"]

    @property
    def error_lines(self) -> list[str]:
        """What was said to be wrong, without QGIS's own headings; QGIS repeats an error up to three times."""
        ours = []
        for line in _QGIS_WARNS.sub("", self.stderr).splitlines():
            text = re.sub(r"^ERROR:\t", "", line).strip()
            if not text or text.startswith(("QStandardPaths", "An error was encountered while checking")):
                continue
            if text not in ours:
                ours.append(text)
        return ours


class Qgis:
    """Runs ``qgis_process`` the way users do."""

    def __init__(self, profile: Path):
        dropped = ("PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV")
        self.environment = {
            **{k: v for k, v in os.environ.items() if k not in dropped},
            "PATH": "/usr/local/bin:/usr/bin:/bin",
            "QGIS_PLUGINPATH": os.environ.get("QGIS_PLUGINPATH", str(ROOT / "build" / "plugins")),
            "QGIS_CUSTOM_CONFIG_PATH": str(profile),
            "QT_QPA_PLATFORM": "offscreen",
        }
        self.run("plugins", "enable", "prithvi_qgis")

    def run(self, *arguments: str, **variables: str) -> Done:
        """Run to the end."""
        command = ["qgis_process", *arguments]
        environment = {**self.environment, **variables}
        done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False, timeout=600)
        assert not _WE_WARN.findall(done.stderr)
        return Done(done.returncode, done.stdout, done.stderr)

    def start(self, *arguments: str) -> subprocess.Popen:
        """Start and return at once."""
        return subprocess.Popen(
            ["qgis_process", *arguments],
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def segment(self, source: str, output: Path | str, *arguments: str, **variables: str) -> Done:
        """``qgis_process --json run prithvi:segment``."""
        return self.run(
            "--json", "run", "prithvi:segment", f"--INPUT={source}", f"--OUTPUT={output}", *arguments, **variables
        )
