"""Rules of a mask: its classes, the ignored ones, the probability that a class must reach, the smallest patch."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Optional, Union

import numpy as np

from ...core.errors import ErrorCode, PrithviError
from ...core.masks.mask_options import read_min_area
from ...core.masks.mask_values import REGRESSION_NODATA, mask_values
from ...core.masks.styling import UNCERTAIN_COLOR, UNCERTAIN_NAME
from ...core.models.model_card import ModelCard, ModelClass, Quantity
from ...core.protocol.messages import ClassArea, Segment
from ..reading.raster_source import Grid
from .pixel_area import ground_areas

_AREA_ERROR = 1e-4  # relative, of areas on the ellipsoid
_PATCH_SPREAD = 0.02  # of areas in a scene, beyond which a warning names them


@dataclass(frozen=True)
class ClassRules:
    """How logits become values of the raster, for classification, writing and statistics."""

    dtype: str
    """NumPy type of the raster."""
    nodata: Union[int, float]
    """Value of pixels without data."""
    channels: int
    """Numbers that the model predicts per pixel."""
    classes: tuple[ModelClass, ...]
    """Classes that may occur in the mask, in order of value; none for a regression."""
    ignored: tuple[ModelClass, ...] = ()
    """Classes of the model that become nodata."""
    min_probabilities: tuple[tuple[int, float], ...] = ()
    """(value, probability) of classes whose less probable pixels become ``uncertain``."""
    uncertain: int = -1
    """Value of these pixels, then also in ``classes``; -1 without minimum probabilities."""
    quantity: Optional[Quantity] = None
    """What a regression predicts; None for classes."""
    min_area: str = ""
    """Size of the smallest patch that stays, as requested; empty where all patches stay."""
    smallest_patch: int = 0
    """The same in pixels; 0 where all patches stay."""
    patch_note: str = ""
    """A warning with the areas that these pixels have, where the pixels of the scene differ; else empty."""

    def areas(self, pixels: np.ndarray, areas_m2: Optional[np.ndarray]) -> tuple[ClassArea, ...]:
        """Return the counted classes.

        Args:
            pixels: (classes,) int.
            areas_m2: (classes,) float, or None without georeference.
        """
        return tuple(
            ClassArea(
                c.value,
                c.name,
                c.color,
                int(pixels[i]),
                float(areas_m2[i]) if areas_m2 is not None and math.isfinite(areas_m2[i]) else None,
                c.value == self.uncertain,
            )
            for i, c in enumerate(self.classes)
        )

    def lines(self) -> list[str]:
        """Return lines for the log: ignored classes, minimum probabilities, and the smallest patch."""
        lines = []
        if self.ignored:
            names = ", ".join(f"{c.name} ({c.value})" for c in self.ignored)
            lines.append(f"Ignored: {names}; what the model calls so has no data in the mask.")
        if self.min_probabilities:
            lines.append(
                f"Less probable than asked for ({self.min_probability_text()}) becomes {UNCERTAIN_NAME.lower()} "
                f"({self.uncertain})."
            )
        if self.smallest_patch > 1:
            lines.append(
                f"Patches of fewer than {self.smallest_patch} pixels ({self.min_area}) go to their largest neighbour."
            )
        elif self.min_area:
            lines.append(f"MIN_AREA {self.min_area} is not more than a pixel; every patch stays.")
        return lines

    def tags(self) -> dict[str, str]:
        """Return GeoTIFF tags: what the values mean and which rules chose them; only what applies."""
        if self.quantity is not None:
            unit = f" ({self.quantity.unit})" if self.quantity.unit else ""
            return {"PRITHVI_QUANTITY": f"{self.quantity.name}{unit}"}
        tags = {
            "PRITHVI_CLASSES": ", ".join(f"{c.value}={c.name}" for c in self.classes),
            "PRITHVI_IGNORED": ", ".join(f"{c.value}={c.name}" for c in self.ignored),
            "PRITHVI_MIN_PROBABILITY": self.min_probability_text() if self.min_probabilities else "",
            "PRITHVI_MIN_AREA": self.min_area,
        }
        return {name: value for name, value in tags.items() if value}

    def min_probability_text(self) -> str:
        """Return ``0.6`` where all classes share one minimum, else ``Water 0.7, Land 0.5``."""
        if len({p for _, p in self.min_probabilities}) == 1 and len(self.min_probabilities) == self.channels:
            return f"{self.min_probabilities[0][1]:g}"
        names = {c.value: c.name for c in (*self.classes, *self.ignored)}
        return ", ".join(f"{names[value]} {p:g}" for value, p in self.min_probabilities)


def class_rules(request: Segment, card: ModelCard, grid: Grid) -> ClassRules:
    """Return the rules of a request that passed :func:`~prithvi_qgis.core.masks.mask_options.check_mask_options`.

    Raises:
        PrithviError: ``parameter_invalid`` for a smallest patch in square metres in a scene without georeference.
    """
    if card.quantity is not None:
        return ClassRules("float32", REGRESSION_NODATA, 1, (), quantity=card.quantity)
    special = mask_values(len(card.classes))
    ignored = tuple(c for c in card.classes if c.ignore or c.value in request.ignore_classes)
    classes = tuple(c for c in card.classes if c not in ignored)
    min_probabilities = tuple(sorted((int(value), float(p)) for value, p in request.min_probability.items() if p > 0))
    if min_probabilities:
        classes = (*classes, ModelClass(special.uncertain, UNCERTAIN_NAME, UNCERTAIN_COLOR))
    uncertain = special.uncertain if min_probabilities else -1
    smallest, note = _smallest_patch(request.min_area, grid)
    return ClassRules(
        special.dtype,
        special.nodata,
        len(card.classes),
        classes,
        ignored,
        min_probabilities,
        uncertain,
        min_area=request.min_area.strip(),
        smallest_patch=smallest,
        patch_note=note,
    )


def _smallest_patch(min_area: str, grid: Grid) -> tuple[int, str]:
    """Return the pixels of the smallest patch that stays, 0 where all patches stay, and :attr:`ClassRules.patch_note`.

    GDAL's sieve counts pixels, so an area on the ground is taken in the scene's mean pixel.
    """
    smallest = read_min_area(min_area)
    if smallest is None:
        return 0, ""
    pixels, note = smallest.amount, ""
    if smallest.ground:
        ground = ground_areas(grid)
        if ground is None:
            raise PrithviError(
                ErrorCode.PARAMETER_INVALID,
                f'MIN_AREA "{smallest.text}" is an area on the ground, but the scene has no place on Earth: no '
                "georeference, or a CRS without one.",
                'Give pixels, such as "25 px".',
            )
        pixels = pixels / ground.mean
        least, most = (area / ground.mean * smallest.amount for area in ground.range)
        if most / least - 1 > _PATCH_SPREAD:
            note = (
                f"MIN_AREA {smallest.text} is taken in pixels of the scene's mean size. Its pixels differ in size: "
                f"that is {least:,.0f} to {most:,.0f} m2, depending on where a patch lies."
            )
    # A patch of exactly the requested size stays, despite the rounding of areas.
    return min(2**31 - 1, math.ceil(pixels * (1 - _AREA_ERROR))), note
