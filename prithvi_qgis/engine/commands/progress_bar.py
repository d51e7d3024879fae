"""Progress of a command: a bar on a terminal, a line every few seconds in a log."""

from __future__ import annotations

import shutil
import time
from typing import IO, Optional

from tqdm import tqdm

from ...core.protocol.messages import Progress
from ...core.system.timeouts import TIMEOUTS

_ETA_AFTER_S = 2.0  # earlier estimates are far off


class ProgressBar:
    """Shows :class:`Progress` on a stream."""

    def __init__(self, stream: IO[str]):
        self._stream = stream
        self._is_terminal = stream.isatty()
        self._bar: Optional[tqdm] = None
        self._stage, self._shown_at, self._started_at = "", 0.0, 0.0

    def show(self, progress: Progress, unit: str) -> None:
        """Show progress, unless it was shown a moment ago; ``unit``: what ``done`` and ``total`` count."""
        now = time.monotonic()
        is_complete = progress.done == progress.total
        if self._is_terminal:
            interval_s = 0.0 if is_complete else TIMEOUTS.bar_s
        else:
            interval_s = TIMEOUTS.log_complete_s if is_complete else TIMEOUTS.log_line_s
        if progress.stage == self._stage and now - self._shown_at < interval_s:
            return
        self._stage, self._shown_at = progress.stage, now
        share = min(1.0, (progress.done + progress.begun) / progress.total) if progress.total else 0.0
        text = self._text(progress, unit, share, now)
        if not self._is_terminal:
            print(text, file=self._stream, flush=True)
            return
        if self._bar is None:
            # With rows given: of a terminal without a size, tqdm would assume that it has none.
            self._bar = tqdm(total=1.0, file=self._stream, ascii=".#", leave=False, nrows=20, bar_format=" ")
        self._bar.ncols = shutil.get_terminal_size().columns - 1
        width = max(10, min(40, self._bar.ncols - len(text) - 3))
        self._bar.bar_format = f"[{{bar:{width}}}] {{desc}}" if progress.total else "{desc}"
        self._bar.n = share
        self._bar.set_description_str(text)

    def log(self, text: str) -> None:
        """Print a line that stays."""
        self.clear()
        print(text, file=self._stream, flush=True)

    def clear(self) -> None:
        """Remove the bar until the next progress, for other output."""
        if self._bar is not None:
            self._bar.clear()

    def close(self) -> None:
        """Remove the bar for good."""
        if self._bar is not None:
            self._bar.close()
            self._bar = None

    def _text(self, progress: Progress, unit: str, share: float, now: float) -> str:
        if not progress.total:
            return progress.stage
        self._started_at = self._started_at or now
        text = f"{progress.stage} {progress.done}/{progress.total} {unit}"
        if progress.tiles_per_s:
            text += f", {progress.tiles_per_s:.1f} tiles/s"
        elapsed_s = now - self._started_at
        if share > 0 and elapsed_s > _ETA_AFTER_S:
            text += f", {tqdm.format_interval(elapsed_s / share * (1 - share))} left"
        return text
