"""How far an installation is: from what uv says, what it has written, and what lies in its place."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from pathlib import Path

from ..translation import tr

# Shares of the whole, measured on 2 cores with a fast line: 5 % preparation, then download, linking, check.
_START, _DOWNLOADED, _LINKED = 5.0, 75.0, 85.0
_UNITS = {"KiB": 1 / 1024, "MiB": 1.0, "GiB": 1024.0}


class InstallProgress:
    """Turns uv's work into percent.

    Args:
        packages: how many there will be; download_mb: what a machine that has none of them downloads;
            installed_mb: what they are unpacked.
        find_placed: looks for something that there is one of for each package in its place.
        report: called with percent and a few words; percent never falls.
    """

    def __init__(
        self,
        packages: int,
        download_mb: float,
        installed_mb: float,
        find_placed: Callable[[], Iterable[object]],
        report: Callable[[int, str], None],
    ):
        self._packages = packages
        self._total_mb = download_mb
        self._packed = download_mb / max(installed_mb, 1.0)
        self._find_placed = find_placed
        self._report = report
        self._sizes: dict[str, float] = {}
        self._done_mb = 0.0
        self._prepared = False
        self._shown = (0, "")
        self._uv = 0

    def follow(self, pid: int) -> None:
        """Look at what this process writes from now on."""
        self._uv = pid

    def line(self, text: str) -> None:
        """Take one line of uv's output."""
        starting = re.match(r"\s*Downloading (\S+) \(([\d.]+)([KMG]iB)\)", text)
        finished = re.match(r"\s*Downloaded (\S+)", text)
        if starting:
            self._sizes[starting[1]] = float(starting[2]) * _UNITS[starting[3]]
            self._show_download()
        elif finished:
            self._done_mb += self._sizes.pop(finished[1], 0.0)
            self._show_download()
        elif re.match(r"\s*Prepared \d+ package", text):
            self._prepared = True
            self.show(_DOWNLOADED, tr("Putting the packages in place"))
        elif re.match(r"\s*Resolved \d+ package", text):
            self.show(_START, tr("Looking for packages"))

    def wait(self) -> None:
        """Look at uv and at what is in its place while it says nothing."""
        if self._sizes and not self._prepared:
            self._show_download()
        if self._prepared or not self._sizes:
            done = sum(1 for _ in self._find_placed())
            if done:
                share = min(1.0, done / self._packages)
                text = tr("{} of {} packages in place").format(done, self._packages)
                self.show(_DOWNLOADED + (_LINKED - _DOWNLOADED) * share, text)

    def show(self, percent: float, text: str) -> None:
        """Report, unless nothing changed."""
        now = (max(self._shown[0], int(percent)), text)
        if now != self._shown:
            self._shown = now
            self._report(*now)

    def _show_download(self) -> None:
        total = max(self._total_mb, self._done_mb + sum(self._sizes.values()))
        done = self._downloaded_mb()
        percent = _START + (_DOWNLOADED - _START) * done / total
        waiting = sorted(self._sizes, key=lambda name: -self._sizes[name])
        names = ", ".join(f"{n} ({self._sizes[n]:.0f} MB)" for n in waiting[:2])
        text = tr("{:.0f} of about {:.0f} MB").format(done, total)
        self.show(percent, tr("{}; under way: {}").format(text, names) if names else text)

    def _downloaded_mb(self) -> float:
        """Finished downloads, and a share of those under way.

        uv tells the beginning and the end of a download only, and one wheel alone may have a gigabyte. It unpacks as it
        downloads, so what it has written tells how far it is; what it told before bounds that.
        """
        written = _written_mb(self._uv) * self._packed
        return max(self._done_mb, min(written, self._done_mb + sum(self._sizes.values())))


def _written_mb(pid: int) -> float:
    """What a process has written to files so far; 0 where the system does not tell."""
    try:
        found = re.search(r"^wchar: (\d+)", Path(f"/proc/{pid}/io").read_text(), re.MULTILINE)
    except OSError:
        return 0.0
    return int(found[1]) / 2**20 if found else 0.0
