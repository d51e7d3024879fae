"""Effects between ground and sensor: light on slopes, clouds and their shadows, haze, air, optics, noise."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .landscape import Landscape
from .noise import Array, blur, fractal, halve_and_double, ramp

SKYLIGHT = np.array((0.30, 0.22, 0.16, 0.09, 0.05, 0.04), np.float32)  # share of light that reaches shade
HAZE = np.array((1.0, 0.85, 0.72, 0.52, 0.33, 0.22), np.float32)  # brightness of haze and thin cloud, relative to blue


@dataclass
class Air:
    """The atmosphere as a straight line per band: measured reflectance = transmission * surface + path."""

    transmission: Array
    """(6,) float32; near 1 for a product corrected to surface reflectance."""
    path: Array
    """(6,) float32; near 0 for such a product."""
    haze: float
    """Strength of uneven haze, 0..0.3."""


def draw_air(rng: np.random.Generator, corrected: bool | None = None) -> Air:
    """Draw an atmosphere: of a top-of-atmosphere product, or what is left after a correction of some quality."""
    if corrected is None:
        corrected = rng.random() < 0.4
    if corrected:
        path = np.array((1.0, 0.8, 0.65, 0.4, 0.2, 0.15)) * rng.normal(0.002, 0.008) + rng.normal(0, 0.002, 6)
        transmission = np.exp(rng.normal(0, 0.06) + rng.normal(0, 0.04, 6))
        haze = rng.choice([0, rng.uniform(0, 0.15)])
    else:
        dust = rng.uniform(0, 1) ** 1.3
        path = np.array((0.068, 0.036, 0.018, 0.006, 0.001, 0.0006)) * rng.uniform(0.9, 1.2)
        path = path + dust * np.array((0.050, 0.046, 0.041, 0.029, 0.013, 0.008)) * rng.uniform(0.8, 1.2, 6)
        transmission = np.array((0.84, 0.89, 0.93, 0.95, 0.95, 0.93))
        transmission = transmission - dust * np.array((0.20, 0.17, 0.14, 0.1, 0.06, 0.04))
        transmission = transmission * np.exp(rng.normal(0, 0.07) + rng.normal(0, 0.03, 6))
        haze = rng.choice([0, rng.uniform(0, 0.3)])
    return Air(transmission.astype(np.float32), path.astype(np.float32), float(haze))


def through_air(surface, haze_map, transmission, path, haze):
    """Return what a sensor measures; for NumPy arrays and PyTorch tensors.

    Args:
        surface: (..., 6, h, w) reflectance.
        haze_map: (..., 1, h, w) in 0..1.
        transmission, path, haze: (..., 6, 1, 1), haze being its strength times :data:`HAZE`.
    """
    veil = haze_map * haze
    return (surface * transmission) * (1 - 0.9 * veil) + path + 0.55 * veil


def light_on_slopes(rng: np.random.Generator, land: Landscape, surface: Array, water: Array, recipe: dict) -> Array:
    """Brighten slopes towards the sun, darken those away from it; water is level."""
    gy, gx = np.gradient(blur(land.height_m, 1.2) / 10.0)  # 10 m pixels
    zenith, azimuth = np.radians(recipe.get("sun_zenith", rng.uniform(15, 70))), rng.uniform(0, 2 * np.pi)
    sun = np.array((np.sin(zenith) * np.cos(azimuth), np.sin(zenith) * np.sin(azimuth), np.cos(zenith)))
    slope = 1 / np.sqrt(1 + gx * gx + gy * gy)
    direct = np.clip((-gy * sun[0] - gx * sun[1] + sun[2]) * slope / sun[2], 0, 1.7)
    direct = direct * (1 - water) + water
    light = SKYLIGHT[:, None, None] + (1 - SKYLIGHT[:, None, None]) * direct
    return (surface * light).astype(np.float32)


def add_clouds(rng: np.random.Generator, surface: Array, recipe: dict) -> tuple[Array, Array]:
    """Add clouds and their shadows. ``recipe`` may fix ``clouds`` (share of the sky).

    Returns:
        (6, h, w) reflectance; (h, w) opacity of the clouds.
    """
    shape = surface.shape[-2:]
    share = recipe.get("clouds", rng.choice([0.0, rng.uniform(0.01, 0.35)], p=[0.55, 0.45]))
    if share <= 0:
        return surface, np.zeros(shape, np.float32)
    billow = fractal(rng, shape, rng.uniform(3.0, 3.9), longest_px=rng.uniform(80, 500))
    billow = billow + 0.08 * fractal(rng, shape, 1.5, longest_px=20)
    low = np.quantile(billow[::4, ::4], 1 - share)
    opacity = ramp(billow, low - 0.1, low + rng.uniform(0.4, 1.6)).astype(np.float32)
    away = rng.uniform(10, 90)
    angle = rng.uniform(0, 2 * np.pi)
    shift = (int(away * np.cos(angle)), int(away * np.sin(angle)))
    shadow = np.roll(opacity, shift, (0, 1))
    shaded = 1 - np.clip(1.15 * shadow, 0, 1) * (1 - (SKYLIGHT + rng.uniform(0.02, 0.3))[:, None, None])
    tops = np.array((0.62, 0.62, 0.63, 0.65, 0.45, 0.34), np.float32) * rng.uniform(0.7, 1.4)
    tops[4:] *= rng.uniform(0.5, 1.1)
    relief = 1 + 0.12 * fractal(rng, shape, 2.4, longest_px=60)
    cloud = tops[:, None, None] * relief * (0.65 + 0.35 * opacity)
    surface = surface * shaded
    return (surface + (cloud - surface) * opacity).astype(np.float32), opacity


def through_optics(rng: np.random.Generator, image: Array, coarse: bool | None = None) -> Array:
    """The sensor's blur; with ``coarse``, narrow NIR and SWIR have pixels of twice the size, as Sentinel-2's do."""
    image = blur(image, rng.uniform(0.35, 0.75))
    if coarse is None:
        coarse = rng.random() < 0.7
    if coarse:
        image = np.concatenate([image[:3], halve_and_double(image[3:], smooth=rng.random() < 0.5)])
    return image.astype(np.float32)


def draw_haze(rng: np.random.Generator, shape: tuple[int, int]) -> Array:
    """Draw the thickness of haze, 0..1."""
    return ramp(fractal(rng, shape, 3.0, longest_px=rng.uniform(150, 1200)), -1.0, 2.0).astype(np.float32)
