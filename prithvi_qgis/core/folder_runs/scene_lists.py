"""Names of scenes in a text file or a table, as editors, shells, spreadsheets and file managers write them."""

from __future__ import annotations

import csv
import os
import re
from collections.abc import Iterator
from pathlib import Path

from ..errors import ErrorCode, PrithviError

_LARGEST = 64 << 20
# Titles of the column with the names, best first.
_COLUMNS = (
    *("input", "path", "file", "filename", "file_name", "filepath", "location", "source", "url", "href"),
    *("scene", "name"),
)
_COMMENT = re.compile(r"\s#.*$")
_MARKS = ((b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"), (b"\xef\xbb\xbf", "utf-8-sig"))


def names_in_list(path: Path) -> Iterator[str]:
    """Yield the names in a list with one per line, or in the column of a table (``.csv``) that holds them.

    Names may be quoted; ``#`` begins a comment, at the begin of a line or after a blank, but for names that exist. Of a
    table the column is that with a usual title (:data:`_COLUMNS`), else the first.

    Raises:
        PrithviError: ``source_unreadable`` for a file that is too large or not text.
    """
    if path.stat().st_size > _LARGEST:
        size = f"{path.stat().st_size >> 20} MB"
        raise _unreadable(f"{path} is not a list of scenes: it has {size}.", "Give a text file.")
    data = path.read_bytes()
    encoding = next((encoding for mark, encoding in _MARKS if data.startswith(mark)), "utf-8")
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as e:
        raise _unreadable(f"{path} is not text in UTF-8 (byte {e.start}).", "Save it as UTF-8.") from e
    if path.suffix.lower() == ".csv":
        yield from _in_table(text, path.parent)
        return
    for line in text.splitlines():
        if name := _name_in(line, path.parent):
            yield name


def _name_in(line: str, folder: Path) -> str:
    """Return the name in a line without its quotes and its comment; empty for none."""
    line = line.strip()
    if not line or line.startswith("#"):
        return ""
    if line[0] in "\"'" and (end := line.find(line[0], 1)) > 0 and not line[end + 1 :].split("#")[0].strip():
        return line[1:end]
    return line if os.path.lexists(folder / line) else _COMMENT.sub("", line).strip()


def _in_table(text: str, folder: Path) -> Iterator[str]:
    lines = [line for line in text.splitlines(keepends=True) if line.strip() and not line.lstrip().startswith("#")]
    first = lines[0] if lines else ""
    delimiter = max(",;\t", key=first.count)
    if not first.count(delimiter):
        delimiter = ","
    rows = [row for row in csv.reader(lines, delimiter=delimiter) if any(map(str.strip, row))]
    titles = [title.strip().casefold() for title in rows[0]] if rows else []
    column = next((titles.index(title) for title in _COLUMNS if title in titles), -1)
    for row in rows[1:] if column >= 0 else rows:
        cell = row[max(column, 0)] if len(row) > max(column, 0) else ""
        if name := _name_in(cell, folder):
            yield name


def _unreadable(text: str, hint: str) -> PrithviError:
    return PrithviError(ErrorCode.SOURCE_UNREADABLE, text, hint)
