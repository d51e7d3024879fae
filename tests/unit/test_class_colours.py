"""Classes of the shipped models are told apart by their colours, by people who see fewer colours too."""

from __future__ import annotations

import itertools
import json
from pathlib import Path

import numpy as np
import pytest

MODELS = Path(__file__).parents[2] / "resources/models"

# Full colour vision, and without red, green and blue cones: linear RGB, Machado, Oliveira and Fernandes 2009, severity 1.
VISION = {
    "all": np.eye(3),
    "no red": np.array([(0.152, 1.053, -0.205), (0.115, 0.786, 0.099), (-0.004, -0.048, 1.052)]),
    "no green": np.array([(0.367, 0.861, -0.228), (0.280, 0.673, 0.047), (-0.012, 0.043, 0.969)]),
    "no blue": np.array([(1.256, -0.077, -0.179), (-0.078, 0.931, 0.148), (0.005, 0.691, 0.304)]),
}
TO_XYZ = np.array([(0.4124, 0.3576, 0.1805), (0.2126, 0.7152, 0.0722), (0.0193, 0.1192, 0.9505)])
WHITE = np.array((0.9505, 1.0, 1.089))
LEAST = 20.0  # CIE 1976 distance; what is drawn at 70 % over a scene keeps most of it. 2 is just visible side by side.


def seen(color: str, vision: np.ndarray) -> np.ndarray:
    """(3,) CIE L*a*b* of ``#rrggbb``."""
    rgb = np.array([int(color[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    x, y, z = np.cbrt(TO_XYZ @ np.clip(vision @ linear, 0, 1) / WHITE)
    return np.array((116 * y - 16, 500 * (x - y), 200 * (y - z)))


@pytest.mark.parametrize("vision", VISION)
@pytest.mark.parametrize("card", sorted(MODELS.glob("*/model.json")), ids=lambda p: p.parent.name)
def test_any_two_classes_look_different(card, vision):
    classes = json.loads(card.read_text())["classes"]
    for one, two in itertools.combinations(classes, 2):
        distance = np.linalg.norm(seen(one["color"], VISION[vision]) - seen(two["color"], VISION[vision]))
        assert distance >= LEAST, (one["name"], two["name"])
