"""Refuse pixel types that no scaling turns into reflectance. Both sides use it."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from ..errors import ErrorCode, PrithviError
from .containers import several_subdatasets


def refuse_unsupported(
    source: str, dtypes: Sequence[str], palettes: Collection[int], subdatasets: Sequence[str], used: Sequence[int]
) -> None:
    """Refuse complex numbers, colour tables and containers. Unused bands of such types (QA, SCL) are fine.

    Args:
        source: name for messages.
        dtypes: NumPy's name of each band's type.
        palettes: 1-based numbers of the bands with a colour table.
        subdatasets: names in a container.
        used: 1-based numbers of the used bands.
    Raises:
        PrithviError: ``source_unsupported``.
    """
    if not dtypes:
        raise several_subdatasets(source, [(subdataset, 0) for subdataset in subdatasets])
    for number in used:
        dtype = dtypes[number - 1]
        if "complex" in dtype:
            raise PrithviError(
                ErrorCode.SOURCE_UNSUPPORTED,
                f"{source} holds complex numbers ({dtype} in band {number}), such as radar data; the models need "
                "reflectance.",
                "Use optical bands.",
            )
        if number in palettes:
            raise PrithviError(
                ErrorCode.SOURCE_UNSUPPORTED,
                f"Band {number} of {source} is a palette picture (colour table), not reflectance.",
                "Use the product's original bands.",
            )
