"""``summary.json``: counts of a folder run, updated while it runs."""

from __future__ import annotations

import dataclasses
import json
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Optional

from ... import __version__
from ..protocol.messages import Segment
from .file_names import SUMMARY
from .records import AREA, Row, as_number, write_text

_MAX_IN_PROGRESS = 20


@dataclass
class RunCounts:
    """What a run has done so far, in scenes where no unit is given."""

    total: int
    done: int = 0
    skipped: int = 0
    """Done by an earlier run."""
    failed: int = 0
    tiles: int = 0
    tiles_per_s: float = 0.0
    started: float = field(default_factory=time.time)
    """Seconds since 1970."""


def utc_time(seconds: Optional[float] = None) -> str:
    """Return a time (seconds since 1970; default: now) as ISO 8601 in UTC."""
    return time.strftime("%Y-%m-%dT%H:%M:%S+00:00", time.gmtime(seconds))


def write_summary(
    folder: Path,
    counts: RunCounts,
    template: Segment,
    model: str,
    complete: bool,
    in_progress: Sequence[str],
    classes: Sequence[str],
    rows: Optional[Sequence[Row]],
) -> None:
    """Write the summary; areas, valid pixels and errors only at the end, when ``rows`` has all records.

    Raises:
        PrithviError: ``output_unwritable``.
    """
    body: dict[str, object] = {
        "version": __version__,
        "complete": complete,
        "started": utc_time(counts.started),
        "updated": utc_time(),
        "seconds": round(time.time() - counts.started, 1),
        "scenes": counts.total,
        "done": counts.done,
        "skipped": counts.skipped,
        "failed": counts.failed,
        "left": counts.total - counts.skipped - counts.done - counts.failed,
        "under_way": list(in_progress[:_MAX_IN_PROGRESS]),
        "tiles": counts.tiles,
        "tiles_per_s": counts.tiles_per_s,
        "model": model,
        "parameters": {k: v for k, v in dataclasses.asdict(template).items() if k not in ("source", "output")},
    }
    if rows is not None:
        good = [row for row in rows if row["success"] == "true"]
        body["area_m2"] = {name: round(sum(as_number(row.get(AREA + name)) for row in good), 2) for name in classes}
        body["valid_pixels"] = sum(int(as_number(row["valid_pixels"])) for row in good)
        body["errors"] = dict(Counter(row["error_code"] for row in rows if row["success"] != "true"))
    write_text(folder / SUMMARY, json.dumps(body, indent=1))
