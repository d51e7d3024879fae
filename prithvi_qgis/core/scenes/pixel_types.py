"""Kinds of pixels that no scaling turns into reflectance. Both sides refuse them, in the same words."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from ..errors import ErrorCode, PrithviError


def refuse_unsupported(
    source: str, kinds: Sequence[str], palettes: Collection[int], subdatasets: Sequence[str], used: Sequence[int]
) -> None:
    """Refuse what no scaling makes reflectance. A classification beside the bands (QA, SCL) does no harm.

    Args:
        source: name for messages.
        kinds: numpy's name of each band's type.
        palettes: 1-based numbers of the bands with a colour table.
        subdatasets: the names of a container's parts.
        used: 1-based numbers of the bands that matter.
    Raises:
        PrithviError: ``source_unsupported``.
    """
    if not kinds:
        first = (list(subdatasets) or ["none"])[0]
        raise PrithviError(
            ErrorCode.SOURCE_UNSUPPORTED,
            f"{source} has no bands of its own but {len(subdatasets)} subdatasets.",
            f"Choose one of them, the first is {first}.",
        )
    for number in used:
        kind = kinds[number - 1]
        if "complex" in kind:
            raise PrithviError(
                ErrorCode.SOURCE_UNSUPPORTED,
                f"{source} holds complex numbers ({kind} in band {number}), such as radar data; the models need "
                "reflectance.",
                "Use optical bands.",
            )
        if number in palettes:
            raise PrithviError(
                ErrorCode.SOURCE_UNSUPPORTED,
                f"Band {number} of {source} is a palette picture (colour table), not reflectance.",
                "Use the product's original bands.",
            )
