"""Shape of a made landscape: relief, valleys, rivers, lakes, coasts, and the extent of a flood."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from .noise import Array, distance_to, far_distance_to, fractal


@dataclass
class Body:
    """One body of water."""

    cover: Array
    """(h, w) share of each pixel that it covers."""
    depth_m: Array
    """(h, w)."""
    kind: str
    """``river``, ``lake``, ``pond``, ``reservoir``, ``sea``, ``canal`` or ``flood``."""


@dataclass
class Landscape:
    """Relief and permanent water."""

    height_m: Array
    valley: Array
    bank: Array
    """(h, w) distance to river banks in pixels, at most 60."""
    bodies: list[Body] = field(default_factory=list)


def make_landscape(rng: np.random.Generator, shape: tuple[int, int], recipe: dict) -> Landscape:
    """Make a landscape.

    ``recipe`` may fix ``relief_m``, ``coast``, ``reservoir``, and the numbers of ``rivers``, ``streams``, ``lakes`` and
    ``ponds``.
    """
    relief = recipe.get("relief_m", float(np.exp(rng.uniform(np.log(3), np.log(700)))))
    height = relief * fractal(rng, shape, rng.uniform(3.4, 4.2), longest_px=rng.uniform(400, 1500)) / 2
    land = Landscape(height, np.zeros(shape, np.float32), np.full(shape, 60.0, np.float32))
    for _ in range(recipe.get("rivers", int(rng.choice([0, 1, 1, 2])))):
        _add_river(rng, land, np.exp(rng.uniform(np.log(2.5), np.log(45))), relief)
    for _ in range(recipe.get("streams", int(rng.integers(0, 6)))):
        _add_stream(rng, land)
    for _ in range(recipe.get("lakes", int(rng.choice([0, 0, 1, 2, 4])))):
        _add_lake(rng, land)
    for _ in range(recipe.get("ponds", int(rng.choice([0, 5, 15, 40])))):
        _add_pond(rng, land)
    if recipe.get("reservoir", rng.random() < 0.2):
        _add_level(rng, land, "reservoir", rng.uniform(0.02, 0.12), np.zeros(shape, np.float32), relief)
    if recipe.get("coast", rng.random() < 0.1):
        _add_level(rng, land, "sea", rng.uniform(0.15, 0.6), _tilt(rng, shape) * 3 * relief, relief)
    return land


def flood_depth(rng: np.random.Generator, land: Landscape, steps_m: Array, share: float) -> Array:
    """Return the depth of a flood that covers about ``share`` of the scene, negative where dry.

    Args:
        steps_m: (h, w) what fields and their banks add to the height of the plain.
    """
    shape = land.height_m.shape
    plain = land.height_m / max(float(land.height_m.std()), 1e-3)
    bumps = rng.uniform(0.1, 0.5) * fractal(rng, shape, rng.uniform(2.6, 3.8), longest_px=rng.uniform(60, 400))
    surface = 0.5 * plain - 1.2 * land.valley + bumps
    surface = surface * rng.uniform(0.5, 1.6) + 0.5 * _tilt(rng, shape) * rng.uniform(0, 2) + steps_m
    level = np.quantile(surface[::4, ::4], share)
    return (level - surface).astype(np.float32)


def _tilt(rng: np.random.Generator, shape: tuple[int, int]) -> Array:
    angle = rng.uniform(0, 2 * np.pi)
    y = np.linspace(-1, 1, shape[0], dtype=np.float32)[:, None]
    x = np.linspace(-1, 1, shape[1], dtype=np.float32)[None]
    return np.cos(angle) * x + np.sin(angle) * y


def winding_line(rng: np.random.Generator, shape: tuple[int, int], swing: float, wave_px: float) -> Array:
    """Return points one pixel apart on a line that winds through the scene: a sine-generated curve, like meanders.

    Args:
        swing: largest angle to the general direction, radians; beyond 1.5 the loops bend back.
        wave_px: length of a meander along the line.
    """
    length = int(3.2 * max(shape))
    s = np.arange(length, dtype=np.float32)
    wander = np.cumsum(rng.normal(0, 1, length)) * 0.25 / np.sqrt(wave_px)
    strength = swing * (0.6 + 0.4 * np.sin(2 * np.pi * s / (wave_px * rng.uniform(3, 9)) + rng.uniform(0, 6)))
    angle = strength * np.sin(2 * np.pi * s / wave_px + wander) + 0.15 * wander
    angle = angle - np.mean(angle)
    path = np.stack([np.cumsum(np.sin(angle)), np.cumsum(np.cos(angle))], 1)
    path -= path[length // 2]
    turn = rng.uniform(0, 2 * np.pi)
    path = path @ np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    path += np.array([rng.uniform(0.2, 0.8) * shape[0], rng.uniform(0.2, 0.8) * shape[1]])
    inside = ((path > -90) & (path < np.array(shape) + 90)).all(1)
    return path[inside]


def _add_river(rng: np.random.Generator, land: Landscape, width: float, relief: float) -> None:
    shape = land.height_m.shape
    line = winding_line(rng, shape, rng.uniform(0.3, 1.7), rng.uniform(12, 30) * max(width, 6))
    if len(line) < 2:
        return
    reach = min(width / 2 + 12, 60)
    distance = distance_to(line[:: max(int(width / 10), 1)], shape, reach)
    half = width / 2 * (1 + 0.18 * fractal(rng, shape, 3.4, longest_px=8 * width + 30))
    cover = np.clip(half - distance + 0.5, 0, 1)
    cover[distance >= reach] = 0
    depth = np.clip((half - distance) * rng.uniform(0.08, 0.5), 0.05, 6)
    far = far_distance_to(line, shape)
    wide = rng.uniform(40, 260)
    land.valley = np.maximum(land.valley, np.exp(-((far / wide) ** 2)))
    land.height_m = land.height_m * (1 - 0.9 * np.exp(-((far / (1.5 * wide)) ** 2))) - 0.1 * relief * land.valley
    land.bank = np.minimum(land.bank, np.clip(distance - half, 0, 60))
    land.bodies.append(Body(cover.astype(np.float32), depth.astype(np.float32), "river"))


def _add_stream(rng: np.random.Generator, land: Landscape) -> None:
    shape = land.height_m.shape
    straight = rng.random() < 0.4
    line = winding_line(rng, shape, rng.uniform(0.02, 0.1) if straight else rng.uniform(0.4, 1.2), rng.uniform(60, 400))
    if len(line) < 2:
        return
    half = rng.uniform(0.3, 1.6)
    distance = distance_to(line, shape, half + 4)
    cover = np.clip(half - distance + 0.5, 0, 1)
    land.bodies.append(Body(cover, np.full(shape, rng.uniform(0.3, 2), np.float32), "canal"))


def _add_lake(rng: np.random.Generator, land: Landscape) -> None:
    shape = land.height_m.shape
    size = np.exp(rng.uniform(np.log(8), np.log(140)))
    signed = size * (1 + 0.35 * fractal(rng, shape, rng.uniform(3, 4.2), longest_px=3 * size)) - _ellipse(rng, shape)
    depth = np.clip(signed * rng.uniform(0.02, 0.3), 0.02, 25)
    land.bodies.append(Body(np.clip(signed + 0.5, 0, 1), depth, "lake"))


def _ellipse(rng: np.random.Generator, shape: tuple[int, int]) -> Array:
    angle, squeeze = rng.uniform(0, np.pi), rng.uniform(0.35, 1)
    y = (np.arange(shape[0]) - rng.uniform(0, shape[0])).astype(np.float32)[:, None]
    x = (np.arange(shape[1]) - rng.uniform(0, shape[1])).astype(np.float32)[None]
    u, v = x * np.cos(angle) + y * np.sin(angle), y * np.cos(angle) - x * np.sin(angle)
    return np.sqrt(u * u + (v / squeeze) ** 2).astype(np.float32)


def _add_pond(rng: np.random.Generator, land: Landscape) -> None:
    """Add a small round or rectangular pond; ponds share one body."""
    shape = land.height_m.shape
    ponds = [b for b in land.bodies if b.kind == "pond"]
    if not ponds:
        ponds = [Body(np.zeros(shape, np.float32), np.full(shape, rng.uniform(0.3, 3), np.float32), "pond")]
        land.bodies.append(ponds[0])
    half = np.exp(rng.uniform(np.log(0.8), np.log(9), 2))
    cy, cx = rng.uniform(0, shape[0]), rng.uniform(0, shape[1])
    reach = int(half.max() * 1.5) + 2
    y0, y1, x0, x1 = (max(int(v), 0) for v in (cy - reach, cy + reach, cx - reach, cx + reach))
    y = (np.arange(y0, min(y1, shape[0])) - cy)[:, None]
    x = (np.arange(x0, min(x1, shape[1])) - cx)[None]
    angle = rng.uniform(0, np.pi)
    u, v = x * np.cos(angle) + y * np.sin(angle), y * np.cos(angle) - x * np.sin(angle)
    if rng.random() < 0.5:
        inside = np.clip(half[0] - np.abs(u) + 0.5, 0, 1) * np.clip(half[1] - np.abs(v) + 0.5, 0, 1)
    else:
        inside = np.clip(half.min() - np.hypot(u, v) + 0.5, 0, 1)
    window = ponds[0].cover[y0 : y0 + inside.shape[0], x0 : x0 + inside.shape[1]]
    np.maximum(window, inside, out=window)


def _add_level(rng: np.random.Generator, land: Landscape, kind: str, share: float, tilt: Array, relief: float) -> None:
    """Flood all ground below one level: a reservoir in its valleys, or the sea."""
    ground = land.height_m + tilt
    level = np.quantile(ground[::4, ::4], share)
    gy, gx = np.gradient(ground)
    slope = np.hypot(gy, gx) + 1e-4 * relief + 1e-3  # metres per pixel, for the share that a shore pixel has
    cover = np.clip((level - ground) / slope + 0.5, 0, 1)
    depth = np.clip(level - ground, 0.02, 60)
    land.bodies.append(Body(cover.astype(np.float32), depth.astype(np.float32), kind))
