"""Which stored numbers mean that nothing was seen."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Optional

import numpy as np


def declared_empty(values: np.ndarray, nodata: Sequence[Optional[float]]) -> np.ndarray:
    """(h, w) bool: where one of the (bands, h, w) numbers is what its band declares, None for nothing."""
    wanted = [None if number is None or np.isnan(number) else number for number in nodata]
    if np.issubdtype(values.dtype, np.integer):
        # Compared in the numbers' own type: in floating point every one would be converted first.
        limits = np.iinfo(values.dtype)
        wanted = [
            int(n) if n is not None and float(n).is_integer() and limits.min <= n <= limits.max else None
            for n in wanted
        ]
    if len(set(wanted)) == 1 and wanted[0] is not None:
        every: np.ndarray = (values == wanted[0]).any(axis=0)
        return every
    empty = np.zeros(values.shape[1:], bool)
    for band, number in zip(values, wanted):
        if number is not None:
            empty |= band == number
    return empty
