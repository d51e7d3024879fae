"""How a mask looks on a map, for the style that the engine writes and the one that the desktop sets."""

from __future__ import annotations

from collections.abc import Sequence

MASK_OPACITY = 0.7
BACKGROUND_ALPHA = 64  # of 255
SOLID_ALPHA = 255


def class_alpha(value: int, values: Sequence[int]) -> int:
    """How solid a class is drawn, 0 to 255.

    A model of two classes tells one thing (water, burns) from everything else, and class 0 is everything else. Who
    maps a flood wants to read the land beneath it, so that class is a faint tint: enough to tell what was segmented
    from what had no data, too little to hide the scene. Its colour stays in the legend. With three classes and more
    no class is background, and all are drawn alike.
    """
    return BACKGROUND_ALPHA if len(values) == 2 and value == min(values) else SOLID_ALPHA
