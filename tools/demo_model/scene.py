"""A made scene: landscape, cover, water, light, clouds and optics put together, with its truth."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Optional

import numpy as np

from .landcover import make_land_cover
from .landscape import make_landscape
from .noise import Array
from .sky import HAZE, Air, add_clouds, draw_air, draw_haze, light_on_slopes, through_air, through_optics
from .water import add_water

LAND, WATER, IGNORE = 0, 1, 255
DEMO_SEED = 777_002
HELD_OUT_SEED = 900_000  # scenes that evaluate a training: this seed and the following
TRAINING_SEED = 1_000_000  # scene n of a training has this seed + n


@dataclass
class Scene:
    """A scene before air and noise."""

    surface: Array
    """(6, h, w) float32 reflectance of blue, green, red, narrow NIR, SWIR 1, SWIR 2."""
    truth: Array
    """(h, w) uint8: 0 land, 1 water, 255 where either is right (half-drowned plants, thin cloud)."""
    haze: Array
    """(h, w) float32 thickness of haze, 0..1."""


def make_scene(seed: int, shape: tuple[int, int], recipe: Optional[dict] = None) -> Scene:
    """Make a scene from a seed; ``recipe`` fixes values that would be drawn at random."""
    recipe = recipe or {}
    rng = np.random.default_rng(seed)
    land = make_landscape(rng, shape, recipe)
    cover = make_land_cover(rng, land, recipe)
    surface, open_water, under = add_water(rng, land, cover, recipe)
    lit = light_on_slopes(rng, land, surface, under, recipe)
    clouded, opacity = add_clouds(rng, lit, recipe)
    seen = through_optics(rng, np.clip(clouded, 0.0005, 1.6))
    return Scene(seen, _truth(open_water, under, opacity), draw_haze(rng, shape))


def _truth(open_water: Array, under: Array, opacity: Array) -> Array:
    """Label pixels more than half full of water; 0.4 is enough where plants stand in it, since they hide some."""
    truth = (open_water > 0.5).astype(np.uint8)
    with_plants = under - open_water > 0.15
    truth[with_plants & (open_water > 0.4)] = WATER
    truth[with_plants & (open_water > 0.28) & (open_water <= 0.4)] = IGNORE
    truth[(opacity > 0.25) & (truth == WATER)] = IGNORE
    truth[opacity > 0.6] = LAND
    return truth


def observe(scene: Scene, rng: np.random.Generator, air: Optional[Air] = None) -> Array:
    """Return the scene through the air, with the sensor's noise: (6, h, w) float32 reflectance."""
    air = air or draw_air(rng)
    strength = (air.haze * HAZE)[:, None, None]
    transmission, path = air.transmission[:, None, None], air.path[:, None, None]
    seen = through_air(scene.surface, scene.haze[None], transmission, path, strength)
    noise = rng.standard_normal(seen.shape, np.float32) * (0.0008 + 0.006 * np.clip(seen, 0, 1))
    return (seen + noise * rng.uniform(0.3, 1.5)).astype(np.float32)
