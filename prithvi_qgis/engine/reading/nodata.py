"""Which stored numbers mean that nothing was seen."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Optional

import numpy as np

from ...core.errors import ErrorCode, PrithviError

ABSURD = 1e4  # standard deviations from the mean; half precision ends at 65504


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


def refuse_absurd(values: np.ndarray, gain: np.ndarray, bias: np.ndarray, name: str, indexes: Sequence[int]) -> None:
    """Undeclared fill such as -3.4e38 would turn the whole tile into no number at all, and that into a class.

    Args:
        values: (bands, h, w) stored numbers, 0 where nodata; gain, bias: (bands, 1, 1) that normalise them.
        name, indexes: of the scene and its bands, for the message.
    Raises:
        PrithviError: ``scaling_unknown``.
    """
    low, high = values.min(axis=(1, 2), initial=0), values.max(axis=(1, 2), initial=0)
    gains, biases = gain[:, 0, 0], bias[:, 0, 0]
    with np.errstate(over="ignore"):
        worst = np.maximum(np.abs(low * gains + biases), np.abs(high * gains + biases))
    band = int(worst.argmax())
    if worst[band] < ABSURD:
        return
    value = low[band] if abs(low[band] * gains[band] + biases[band]) == worst[band] else high[band]
    raise PrithviError(
        ErrorCode.SCALING_UNKNOWN,
        f"{name} holds {value:g} in band {indexes[band]}, which is neither reflectance nor declared as nodata.",
        "Declare it as nodata, for example with gdal_edit.py -a_nodata.",
    )
