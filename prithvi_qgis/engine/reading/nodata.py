"""Detect nodata in stored values: declared numbers, and fill that the file does not declare."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Optional

import numpy as np

from ...core.errors import ErrorCode, PrithviError
from ...core.scenes.scene_metadata import Ranges

MAX_DEVIATION = 1e4  # standard deviations from the mean; half precision ends at 65504


def declared_nodata(values: np.ndarray, nodata: Sequence[Optional[float]]) -> np.ndarray:
    """Return (h, w) bool: where one of the (bands, h, w) values is its band's nodata; None for a band without."""
    wanted = [None if number is None or np.isnan(number) else number for number in nodata]
    if np.issubdtype(values.dtype, np.integer):
        # Compare in the values' own type: a float would convert every value first.
        limits = np.iinfo(values.dtype)
        wanted = [
            int(n) if n is not None and float(n).is_integer() and limits.min <= n <= limits.max else None
            for n in wanted
        ]
    if len(set(wanted)) == 1 and wanted[0] is not None:
        found: np.ndarray = (values == wanted[0]).any(axis=0)
        return found
    empty = np.zeros(values.shape[1:], bool)
    for band, number in zip(values, wanted):
        if number is not None:
            empty |= band == number
    return empty


def within_ranges(values: np.ndarray, ranges: Sequence[Ranges]) -> np.ndarray:
    """Return (h, w) bool: where one of the (bands, h, w) values is in a nodata range of its band, ends included."""
    empty = np.zeros(values.shape[1:], bool)
    for band, of_band in zip(values, ranges):
        for low, high in of_band:
            empty |= (band >= low) & (band <= high)
    return empty


def refuse_undeclared_fill(
    values: np.ndarray, gain: np.ndarray, bias: np.ndarray, name: str, bands: Sequence[int]
) -> None:
    """Refuse values that cannot be reflectance: fill such as -3.4e38 makes a whole tile NaN, and NaN some class.

    Args:
        values: (bands, h, w) stored values, 0 where nodata.
        gain: (bands, 1, 1) factor that normalises them.
        bias: (bands, 1, 1) added after the gain.
        name: of the scene, for the message.
        bands: 1-based band numbers, for the message.
    Raises:
        PrithviError: ``scaling_unknown``.
    """
    low, high = values.min(axis=(1, 2), initial=0), values.max(axis=(1, 2), initial=0)
    gains, biases = gain[:, 0, 0], bias[:, 0, 0]
    with np.errstate(over="ignore"):
        worst = np.maximum(np.abs(low * gains + biases), np.abs(high * gains + biases))
    band = int(worst.argmax())
    if worst[band] < MAX_DEVIATION:
        return
    value = low[band] if abs(low[band] * gains[band] + biases[band]) == worst[band] else high[band]
    raise PrithviError(
        ErrorCode.SCALING_UNKNOWN,
        f"{name} holds {value:g} in band {bands[band]}, which is neither reflectance nor declared as nodata.",
        "Declare it as nodata, for example with gdal_edit.py -a_nodata.",
    )
