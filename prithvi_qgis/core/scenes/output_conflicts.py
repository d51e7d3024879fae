"""Detects outputs that would overwrite an input or another output."""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import Optional


def find_conflict(output: str, others: Iterable[str]) -> Optional[str]:
    """Return the first of ``others`` that is the same file as ``output``, through links as well; None without one."""
    return next((other for other in others if _same_file(output, other)), None)


def _same_file(one: str, other: str) -> bool:
    try:
        return os.path.samefile(one, other)
    except OSError:  # one of them does not exist yet
        return os.path.realpath(one) == os.path.realpath(other)
