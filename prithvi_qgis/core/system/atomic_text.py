"""Small text files that are there whole or not at all."""

from __future__ import annotations

import itertools
import os
from pathlib import Path

_NUMBERS = itertools.count(1)  # threads of one process may write the same file


def write_text(path: Path, text: str, durable: bool = True) -> None:
    """Write a small file in one step: whoever reads sees the old or the new text, never half of one.

    Args:
        path: replaced where it exists.
        text: written as UTF-8 with Unix line ends, on every system.
        durable: it is on the disk when this returns; False for what the next second replaces anyhow.
    Raises:
        OSError: it cannot be written; the old file is as it was and nothing else is left.
    """
    fresh = path.with_name(f".{path.name}.{os.getpid()}-{next(_NUMBERS)}.part")
    try:
        with open(fresh, "w", encoding="utf-8", newline="\n") as f:
            f.write(text)
            if durable:
                f.flush()
                os.fsync(f.fileno())
        os.replace(fresh, path)
    except BaseException:
        fresh.unlink(missing_ok=True)
        raise
