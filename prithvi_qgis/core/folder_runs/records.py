"""``results.csv``: one row per scene, on the disk as soon as the scene has ended."""

from __future__ import annotations

import csv
import io
import os
import re
import time
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import IO, Optional

from ..errors import ErrorCode, PrithviError, is_disk_full
from ..protocol.messages import SceneDone, SceneFailed
from ..system import atomic_files
from ..system.file_lock import FileLock
from .file_names import RECORDS

COLUMNS = (
    *("input", "output", "success", "error_code", "error", "seconds", "tiles_per_s", "valid_pixels", "started"),
    *("model", "device"),
)
AREA = "area_m2_"
_LOCK = ".prithvi-run.lock"
Row = dict[str, str]
_HEADER = re.compile(r'"?input"?(?P<separator>[,;\t])"?output"?(?P=separator)"?success"?(?P=separator)')


def done_row(key: str, message: SceneDone) -> Row:
    """Return the row of a scene with a mask."""
    result = message.result
    return success_row(
        key,
        vars(result),
        {c.name: c.area_m2 for c in result.classes},
        seconds=result.seconds,
        tiles_per_s=result.tiles / max(result.timings.get("segment", result.seconds), 1e-9),
        valid_pixels=result.width * result.height - result.nodata_pixels,
        started=message.started,
    )


def success_row(
    key: str,
    facts: Mapping[str, str],
    areas: Mapping[str, Optional[float]],
    *,
    seconds: float,
    tiles_per_s: float,
    valid_pixels: int,
    started: str,
) -> Row:
    """Return the row of a scene with a mask.

    ``facts`` has ``output``, ``model`` and ``device``; ``areas`` are square metres by class name, None without
    georeference; ``started`` is an ISO time.
    """
    return {
        "input": key,
        "output": facts["output"],
        "success": "true",
        "error_code": "",
        "error": "",
        "seconds": f"{seconds:.3f}",
        "tiles_per_s": f"{tiles_per_s:.2f}",
        "valid_pixels": str(valid_pixels),
        "started": started,
        "model": facts["model"],
        "device": facts["device"],
        **{AREA + name: "" if area is None else f"{area:.2f}" for name, area in areas.items()},
    }


def failed_row(key: str, message: SceneFailed, started: str, model: str) -> Row:
    """Return the row of a scene that failed."""
    error = f"{message.text} {message.hint}".strip()
    values = {"input": key, "success": "false", "error_code": message.code, "error": error}
    return {**dict.fromkeys(COLUMNS, ""), **values, "started": started, "model": model}


class Records:
    """The records of one output folder, held by one run at a time."""

    def __init__(self, folder: Path, class_names: Sequence[str]):
        """Lock the folder. Call :meth:`begin` before :meth:`add`.

        Raises:
            PrithviError: ``engine_busy`` while another run writes there, ``output_unwritable``.
        """
        self.path = folder / RECORDS
        self._columns = [*COLUMNS, *(AREA + name for name in class_names)]
        self._file: Optional[IO[str]] = None
        self._lock = FileLock(folder / _LOCK, mode=0o666)
        try:
            locked = self._lock.acquire()
        except OSError as e:
            raise unwritable(folder / _LOCK, e) from e
        if not locked:
            raise PrithviError(
                ErrorCode.ENGINE_BUSY,
                f"Another run writes to {folder}.",
                "Wait for it or end it, or choose another folder.",
            )

    def rows(self) -> list[Row]:
        """Return the complete rows of earlier runs, the last one of each scene; a torn line is left out."""
        try:
            data = self.path.read_bytes()
        except OSError:
            return []
        text = data.decode("utf-8-sig", errors="replace")
        rows: dict[str, Row] = {}
        whole_lines = io.StringIO(text[: text.rfind("\n") + 1], newline="")
        for row in csv.DictReader(whole_lines, delimiter=delimiter_of(text) or ","):
            whole = None not in row and all(v is not None for v in row.values())
            if whole and row.get("input") and row.get("success") in ("true", "false"):
                rows.pop(row["input"], None)
                rows[row["input"]] = {k: str(v) for k, v in row.items()}
        return list(rows.values())

    def begin(self, kept: Iterable[Row]) -> None:
        """Start the file with the rows that are still valid, in one step; a file with other columns is renamed.

        Raises:
            PrithviError: ``output_unwritable``.
        """
        try:
            self._set_aside()
            table = io.StringIO(newline="")
            writer = csv.DictWriter(table, self._columns, restval="", extrasaction="ignore", lineterminator="\n")
            writer.writeheader()
            writer.writerows(kept)
            atomic_files.write_text(self.path, table.getvalue())
            self._file = open(self.path, "a", encoding="utf-8", newline="")  # noqa: SIM115  (until close)
        except OSError as e:
            raise unwritable(self.path, e) from e

    def add(self, row: Row) -> None:
        """Append a row; it is on the disk when this returns.

        Raises:
            PrithviError: ``output_unwritable``.
        """
        if self._file is None:
            raise AssertionError("add before begin")
        line = io.StringIO(newline="")
        csv.DictWriter(line, self._columns, restval="", extrasaction="ignore", lineterminator="\n").writerow(row)
        try:
            self._file.write(line.getvalue())
            self._file.flush()
            os.fsync(self._file.fileno())
        except OSError as e:
            raise unwritable(self.path, e) from e

    def close(self) -> None:
        """Release the folder."""
        if self._file is not None:
            self._file.close()
            self._file = None
        self._lock.release()

    def _set_aside(self) -> None:
        """Rename the records of a model with other classes: they would lose their areas."""
        try:
            with open(self.path, encoding="utf-8-sig", errors="replace", newline="") as f:
                text = f.readline()
            header = next(csv.reader([text], delimiter=delimiter_of(text) or ","), [])
        except OSError:
            return
        if header and header != self._columns:
            stamp = time.strftime("%Y%m%dT%H%M%S", time.gmtime())
            os.replace(self.path, self.path.with_name(f"results-until-{stamp}.csv"))


def delimiter_of(text: str) -> str:
    """Return what separates the columns of records, also of those that a spreadsheet has saved; empty for other text.

    Spreadsheets put a byte-order mark first, and separate by semicolons where a comma is the decimal sign.
    """
    found = _HEADER.match(text.lstrip("\ufeff"))
    return found["separator"] if found else ""


def unwritable(path: Path, e: OSError) -> PrithviError:
    """Return the error for a file of the run that cannot be written."""
    code = ErrorCode.DISK_FULL if is_disk_full(e) else ErrorCode.OUTPUT_UNWRITABLE
    return PrithviError(code, f"{path} cannot be written: {e.strerror or e}.", "Free space, or choose another folder.")


def write_text(path: Path, text: str) -> None:
    """Replace a small file in one step.

    Raises:
        PrithviError: ``output_unwritable``.
    """
    try:
        atomic_files.write_text(path, text)
    except OSError as e:
        raise unwritable(path, e) from e


def as_number(text: Optional[str]) -> float:
    """Return a number of a row; 0 for an empty one."""
    return float(text) if text else 0.0
