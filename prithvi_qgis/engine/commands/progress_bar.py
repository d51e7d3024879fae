"""How far a command is: a bar where somebody watches, a line now and then where it goes into a log."""

from __future__ import annotations

import shutil
import time
from typing import IO

from ...core.protocol.messages import Progress

_BAR_EVERY_S = 0.1
_LINE_EVERY_S = 10.0


class ProgressLine:
    """Writes to a terminal or a log."""

    def __init__(self, stream: IO[str]):
        self._stream = stream
        self._terminal = stream.isatty()
        self._stage, self._told, self._shown, self._began = "", 0.0, False, 0.0

    def show(self, progress: Progress, unit: str) -> None:
        """Tell how far it is, not too often. ``unit``: what ``done`` and ``total`` count."""
        now = time.monotonic()
        every = _BAR_EVERY_S if self._terminal else _LINE_EVERY_S
        if progress.stage == self._stage and now - self._told < every and progress.done != progress.total:
            return
        if not self._terminal and progress.stage == self._stage and now - self._told < 1.0:
            return
        self._stage, self._told = progress.stage, now
        if not progress.total:
            self._write(progress.stage)
            return
        self._began = self._began or now
        share = min(1.0, (progress.done + progress.begun) / progress.total)
        text = f"{progress.stage} {progress.done}/{progress.total} {unit}"
        if progress.tiles_per_s:
            text += f", {progress.tiles_per_s:.1f} tiles/s"
        if share > 0 and now - self._began > 2:
            text += f", {_duration((now - self._began) / share * (1 - share))} left"
        if self._terminal:
            width = max(10, min(40, shutil.get_terminal_size().columns - len(text) - 4))
            full = round(share * width)
            text = f"[{'#' * full}{'.' * (width - full)}] {text}"
        self._write(text)

    def say(self, text: str) -> None:
        """A line that stays."""
        self.clear()
        print(text, file=self._stream, flush=True)

    def clear(self) -> None:
        """Take the bar away, for something else to be printed."""
        if self._terminal and self._shown:
            print("\r\x1b[K", end="", file=self._stream, flush=True)
        self._shown = False

    def end(self) -> None:
        """Nothing more is coming."""
        self.clear()

    def _write(self, text: str) -> None:
        if self._terminal:
            room = shutil.get_terminal_size().columns - 1
            print(f"\r\x1b[K{text[:room]}", end="", file=self._stream, flush=True)
            self._shown = True
        else:
            print(text, file=self._stream, flush=True)


def _duration(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"
