"""Progress of an installation, from uv's output, the bytes that uv has written, and the installed packages."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from pathlib import Path

from ..translation import tr

# Percent at the end of each phase, measured on 2 cores with a fast line; the smoke test takes the rest.
_RESOLVED, _DOWNLOADED, _LINKED = 5.0, 75.0, 85.0
_UNITS = {"KiB": 1 / 1024, "MiB": 1.0, "GiB": 1024.0}


class InstallProgress:
    """Converts uv's output to percent, which never falls."""

    def __init__(
        self,
        packages: int,
        download_mb: float,
        installed_mb: float,
        find_installed: Callable[[], Iterable[object]],
        report: Callable[[int, str], None],
    ):
        """Start at 0.

        Args:
            packages: number of packages to install.
            download_mb: download in MB with an empty cache.
            installed_mb: size of the unpacked packages in MB.
            find_installed: returns one item per installed package.
            report: called with percent and a short text.
        """
        self._packages = packages
        self._total_mb = download_mb
        self._compression = download_mb / max(installed_mb, 1.0)
        self._find_installed = find_installed
        self._report = report
        self._sizes: dict[str, float] = {}  # MB per running download
        self._done_mb = 0.0
        self._prepared = False
        self._reported = (0, "")
        self._pid = 0

    def watch_process(self, pid: int) -> None:
        """Follow the bytes that this process writes."""
        self._pid = pid

    def read_line(self, text: str) -> None:
        """Update from one line of uv's output."""
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
            self.show(_RESOLVED, tr("Looking for packages"))

    def poll(self) -> None:
        """Update while uv prints nothing."""
        if self._sizes and not self._prepared:
            self._show_download()
        if self._prepared or not self._sizes:
            done = sum(1 for _ in self._find_installed())
            if done:
                share = min(1.0, done / self._packages)
                text = tr("{} of {} packages in place").format(done, self._packages)
                self.show(_DOWNLOADED + (_LINKED - _DOWNLOADED) * share, text)

    def show(self, percent: float, text: str) -> None:
        """Report, unless nothing changed."""
        current = (max(self._reported[0], int(percent)), text)
        if current != self._reported:
            self._reported = current
            self._report(*current)

    def _show_download(self) -> None:
        total = max(self._total_mb, self._done_mb + sum(self._sizes.values()))
        done = self._downloaded_mb()
        percent = _RESOLVED + (_DOWNLOADED - _RESOLVED) * done / total
        largest = sorted(self._sizes, key=lambda name: -self._sizes[name])
        names = ", ".join(f"{n} ({self._sizes[n]:.0f} MB)" for n in largest[:2])
        text = tr("{:.0f} of about {:.0f} MB").format(done, total)
        self.show(percent, tr("{}; under way: {}").format(text, names) if names else text)

    def _downloaded_mb(self) -> float:
        """Return finished downloads and an estimate for running ones.

        uv prints the beginning and the end of a download only, and one wheel may have a gigabyte. It unpacks while it
        downloads, so the bytes that it has written give the estimate, bounded by the sizes that it printed.
        """
        written = _written_mb(self._pid) * self._compression
        return max(self._done_mb, min(written, self._done_mb + sum(self._sizes.values())))


def _written_mb(pid: int) -> float:
    """Return the MB that a process has written to files; 0 if the system does not count them."""
    try:
        found = re.search(r"^wchar: (\d+)", Path(f"/proc/{pid}/io").read_text(), re.MULTILINE)
    except OSError:
        return 0.0
    return int(found[1]) / 2**20 if found else 0.0
