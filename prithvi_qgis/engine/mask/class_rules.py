"""What becomes of a model's numbers: which classes a mask has, which are ignored, which must be how probable."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Union

from ...core.errors import ErrorCode, PrithviError
from ...core.masks.mask_options import read_min_area
from ...core.masks.mask_values import VALUE_NODATA, mask_values
from ...core.masks.styling import UNSURE_COLOR, UNSURE_NAME
from ...core.models.model_card import ModelCard, ModelClass, Quantity
from ...core.protocol.messages import ClassArea, Segment
from ..reading.raster_source import Grid
from .pixel_area import row_areas


@dataclass(frozen=True)
class ClassRules:
    """How pixels are decided, for whoever classifies, writes and counts them.

    Attributes:
        dtype, nodata: of the mask or of the raster of numbers.
        channels: numbers that the model predicts for each pixel.
        classes: that may stand in the mask, in order of value.
        ignored: those of the model that become nodata.
        minima: (value, probability) of classes that must be at least so probable, else the pixel is ``unsure``.
        unsure: value, in ``classes`` only where there are minima.
        quantity: of a regression, which has no classes.
    """

    dtype: str
    nodata: Union[int, float]
    channels: int
    classes: tuple[ModelClass, ...]
    ignored: tuple[ModelClass, ...] = ()
    min_probabilities: tuple[tuple[int, float], ...] = ()
    unsure: int = -1
    quantity: Union[Quantity, None] = None

    def areas(self, pixels: Any, areas_m2: Any) -> tuple[ClassArea, ...]:
        """Counted classes.

        Args:
            pixels: (classes,) int; areas_m2: (classes,) float, or None without georeference.
        """
        return tuple(
            ClassArea(
                c.value,
                c.name,
                c.color,
                int(pixels[i]),
                float(areas_m2[i]) if areas_m2 is not None and math.isfinite(areas_m2[i]) else None,
                c.value == self.unsure,
            )
            for i, c in enumerate(self.classes)
        )

    def lines(self) -> list[str]:
        """What a person should know of it."""
        told = []
        if self.ignored:
            names = ", ".join(f"{c.name} ({c.value})" for c in self.ignored)
            told.append(f"Ignored: {names}; what the model calls so has no data in the mask.")
        if self.min_probabilities:
            told.append(
                f"Less probable than asked for ({self.min_probability_text()}) becomes {UNSURE_NAME.lower()} "
                f"({self.unsure})."
            )
        return told

    def min_probability_text(self) -> str:
        """Minima in words, briefly."""
        if len({p for _, p in self.min_probabilities}) == 1 and len(self.min_probabilities) == self.channels:
            return f"{self.min_probabilities[0][1]:g}"
        names = {c.value: c.name for c in (*self.classes, *self.ignored)}
        return ", ".join(f"{names[value]} {p:g}" for value, p in self.min_probabilities)


def class_rules(request: Segment, card: ModelCard) -> ClassRules:
    """Return the rules of a request that has passed :func:`core.masks.mask_options.check_mask_options`."""
    if card.quantity is not None:
        return ClassRules("float32", VALUE_NODATA, 1, (), quantity=card.quantity)
    code = mask_values(len(card.classes))
    ignored = tuple(c for c in card.classes if c.ignore or c.value in request.ignore_classes)
    classes = tuple(c for c in card.classes if c not in ignored)
    min_probabilities = tuple(sorted((int(value), float(p)) for value, p in request.min_probability.items() if p > 0))
    if min_probabilities:
        classes = (*classes, ModelClass(code.unsure, UNSURE_NAME, UNSURE_COLOR))
    unsure = code.unsure if min_probabilities else -1
    return ClassRules(code.dtype, code.nodata, len(card.classes), classes, ignored, min_probabilities, unsure)


def smallest_patch_px(request: Segment, grid: Grid) -> int:
    """Pixels of the smallest patch that stays; 0 where all do.

    Raises:
        PrithviError: ``parameter_invalid`` for an area on the ground in a scene without georeference.
    """
    asked = read_min_area(request.min_area)
    if asked is None:
        return 0
    pixels = asked.amount
    if asked.ground:
        areas = row_areas(grid)
        pixel = 0.0 if areas is None else float(areas.mean())
        if not math.isfinite(pixel) or pixel <= 0:
            raise PrithviError(
                ErrorCode.PARAMETER_INVALID,
                f'MIN_AREA "{asked.text}" is an area on the ground, but the scene has no georeference.',
                'Give pixels, such as "25 px".',
            )
        pixels = pixels / pixel
    # A patch just as large as asked for stays, whatever the division rounds.
    return min(2**31 - 1, math.ceil(pixels * (1 - 1e-9)))


def patch_lines(request: Segment, pixels: int) -> list[str]:
    """What a person should know of :func:`smallest_patch_px`'s answer."""
    if not request.min_area.strip():
        return []
    if pixels <= 1:
        return [f"MIN_AREA {request.min_area.strip()} is not more than a pixel; every patch stays."]
    return [f"Patches of fewer than {pixels} pixels ({request.min_area.strip()}) go to their largest neighbour."]
