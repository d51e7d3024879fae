"""Lines that divide the engine's log: whoever reads what a dead engine wrote last must not take an earlier run's lines.

They are written whatever the log level is.
"""

from __future__ import annotations

import re
import time

ENGINE_STARTED = "an engine is started"
RUN_BEGINS = "a run begins"
RUN_ENDS = "a run ends"

_MARK = re.compile(rf"^.*INFO (?:{ENGINE_STARTED}|{RUN_BEGINS}|{RUN_ENDS})$", re.MULTILINE)


def mark_line(mark: str) -> str:
    """Return a line for the log, with its end."""
    return f"{time.strftime('%Y-%m-%d %H:%M:%S')} INFO {mark}\n"


def after_last_mark(text: str) -> str:
    """Return what the log has of the run, start or pause that it ends with."""
    return _MARK.split(text)[-1]
