"""Appearance of water: its colour, what shines through from the bottom, glint, plants that stand in it."""

from __future__ import annotations

import numpy as np

from .landcover import LandCover
from .landscape import Body, Landscape, flood_depth
from .noise import Array, fractal, ramp
from .spectra import ATTENUATION_CLEAR, ATTENUATION_TURBID, WATERS, vary

USUAL = {  # which colours a body may have, in the order of WATERS: clear dark green brown milky bloom
    "river": (0.1, 0.15, 0.25, 0.35, 0.15, 0.0),
    "canal": (0.1, 0.25, 0.35, 0.25, 0.05, 0.0),
    "lake": (0.3, 0.25, 0.2, 0.1, 0.1, 0.05),
    "pond": (0.15, 0.25, 0.35, 0.1, 0.1, 0.05),
    "reservoir": (0.35, 0.25, 0.2, 0.1, 0.1, 0.0),
    "sea": (0.6, 0.15, 0.15, 0.05, 0.05, 0.0),
    "flood": (0.05, 0.35, 0.1, 0.35, 0.15, 0.0),
}


def colour(rng: np.random.Generator, kind: str, shape: tuple[int, int], recipe: dict) -> tuple[Array, float]:
    """Return deep water of a body, (6, h, w), and its turbidity, 0..1. Two colours run into each other.

    ``recipe["waters"]`` may name the two colours for a kind of body.
    """
    first, second = recipe.get("waters", {}).get(kind, rng.choice(list(WATERS), 2, p=USUAL[kind]))
    swirl = ramp(fractal(rng, shape, 2.8, longest_px=rng.uniform(60, 600)), -1.2, 1.2)[None]
    one, two = (vary(rng, WATERS[n], 0.25)[:, None, None] for n in (first, second))
    deep = one * (1 - swirl) + two * swirl
    sheen = 1 + 0.04 * fractal(rng, shape, 1.0, longest_px=20)
    turbid = float(np.clip(deep[2].mean() / 0.1, 0, 1))
    return (deep * sheen).astype(np.float32), turbid


def through_water(deep: Array, bottom: Array, depth_m: Array, turbid: float) -> Array:
    """Return the reflectance of water over a bottom: Lee's two-term form with one attenuation per band."""
    loss = ATTENUATION_CLEAR * (1 - turbid) + ATTENUATION_TURBID * turbid
    light = np.exp(-2 * loss[:, None, None] * depth_m[None])
    return deep * (1 - light) + 0.9 * bottom * light


def glint(rng: np.random.Generator, shape: tuple[int, int]) -> Array:
    """Return sun and sky reflected by waves, equal in all bands and mostly near 0."""
    if rng.random() < 0.7:
        return np.float32(rng.uniform(0, 0.006))
    rough = np.clip(1 + 0.5 * fractal(rng, shape, 1.6, longest_px=200), 0, 3)
    return (rng.uniform(0.005, 0.05) * rough).astype(np.float32)


def add_water(rng: np.random.Generator, land: Landscape, cover: LandCover, recipe: dict) -> tuple[Array, Array, Array]:
    """Fill the landscape.

    ``recipe`` may fix ``flood`` (share of the scene under the flood's level; 0 for none).
    Returns:
        (6, h, w) reflectance; (h, w) share of the pixel that is open water; (h, w) share that is water with plants
        standing in it counted in.
    """
    shape = cover.plants.shape
    surface = cover.surface.copy()
    open_water = np.zeros(shape, np.float32)
    under = np.zeros(shape, np.float32)
    for body in land.bodies:
        _lay(rng, recipe, surface, open_water, under, body, cover.ground, np.float32(0))
        _weeds(rng, surface, open_water, body)
    share = recipe.get("flood", rng.choice([0.0, rng.uniform(0.02, 0.7)], p=[0.45, 0.55]))
    if share > 0:
        depth = flood_depth(rng, land, cover.steps, share)
        steep = rng.uniform(0.05, 0.6)
        patches = rng.random(shape, np.float32) * 0.3 if rng.random() < 0.5 else np.float32(0)
        wet_share = np.clip(depth / rng.uniform(0.02, 0.25) + patches, 0, 1) * (1 - cover.dry)
        # Thin water leaves clods and furrows above it; deeper water drowns low plants.
        drowned = np.clip(depth / rng.uniform(0.2, 3), 0, 1)
        standing = cover.plants * np.clip(cover.tall * 1.25 - 0.15 - 0.6 * drowned, 0, 1)
        flood = Body(wet_share.astype(np.float32), np.clip(depth * steep, 0.02, 4).astype(np.float32), "flood")
        stand = surface.copy()
        _lay(
            rng,
            recipe,
            surface,
            open_water,
            under,
            flood,
            cover.ground,
            standing.astype(np.float32),
            cover.plant_surface,
        )
        damp = np.clip(1 + depth / 0.3, 0, 1) * (depth < 0)
        darker = np.array((0.15, 0.15, 0.15, 0.2, 0.35, 0.4), np.float32)[:, None, None]
        surface *= 1 - darker * damp * (1 - cover.plants)
        surface = np.where(cover.dry[None] > 0.5, stand, surface)
    return surface.astype(np.float32), open_water, under


def _lay(
    rng: np.random.Generator,
    recipe: dict,
    surface: Array,
    open_water: Array,
    under: Array,
    body: Body,
    bottom: Array,
    standing: Array,
    plant_surface: Array | None = None,
) -> None:
    """Lay one body over the surface, in place, within the window that it covers."""
    rows, columns = np.nonzero(body.cover.any(1))[0], np.nonzero(body.cover.any(0))[0]
    if not len(rows):
        return
    at = (slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1))
    cover, depth = body.cover[at], body.depth_m[at]
    deep, turbid = colour(rng, body.kind, cover.shape, recipe)
    look = through_water(deep, bottom[(slice(None), *at)], depth, turbid) + glint(rng, cover.shape)
    standing = np.broadcast_to(standing, body.cover.shape)[at]
    if plant_surface is not None:
        look = look + (0.9 * plant_surface[(slice(None), *at)] - look) * standing
    part = surface[(slice(None), *at)]
    part += (look - part) * cover
    window = open_water[at]
    window += (1 - standing - window) * cover
    np.maximum(under[at], cover, out=under[at])


def _weeds(rng: np.random.Generator, surface: Array, open_water: Array, body: Body) -> None:
    """Add reeds and floating leaves on parts of still water."""
    if body.kind not in ("lake", "pond", "reservoir") or rng.random() < 0.6:
        return
    shape = body.cover.shape
    place = ramp(fractal(rng, shape, 2.0, longest_px=50) - body.depth_m / 2, 0.2, 1.0) * body.cover
    reeds = (place * rng.uniform(0.3, 1)).astype(np.float32)
    plant = vary(rng, (0.03, 0.06, 0.04, 0.30, 0.14, 0.07))[:, None, None]
    surface += (plant - surface) * reeds
    open_water *= 1 - reeds
