"""Cover of the made land: fields in blocks, woods, towns, roads, bare and burnt ground."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .landscape import Landscape, winding_line
from .noise import Array, blur, distance_to, fractal, hash16, ramp
from .spectra import BUILT, OTHER, PLANTS, SOILS, TREES, vary, wet

TABLE = 4096  # drawn values a parcel can have


@dataclass
class LandCover:
    """Dry land as a sensor measures it in even light."""

    surface: Array
    """(6, h, w) reflectance."""
    ground: Array
    """(6, h, w) reflectance of the soil under the plants, which is visible through shallow water."""
    plants: Array
    """(h, w) share of the pixel that plants cover."""
    plant_surface: Array
    """(6, h, w) reflectance of those plants."""
    tall: Array
    """(h, w) share of the pixel with plants that stand above a flood."""
    steps: Array
    """(h, w) height differences between fields, in units of the plain's relief."""
    dry: Array
    """(h, w) share of the pixel that floods leave dry (embankments, buildings)."""


@dataclass
class Parcels:
    """Fields: a number for each pixel's field, and its distance to the field's edge in pixels."""

    number: Array
    edge_px: Array


def make_parcels(rng: np.random.Generator, shape: tuple[int, int], block_px: float) -> Parcels:
    """Fields in blocks; each block has its own direction and field size."""
    height, width = shape
    count = int(np.clip(height * width / block_px**2, 1, 48))
    y = np.arange(height, dtype=np.float32)[:, None]
    x = np.arange(width, dtype=np.float32)[None]
    bend = rng.choice([0.0, 0.02, 0.06]) * block_px
    yy = y + bend * fractal(rng, shape, 5, longest_px=3 * block_px)
    xx = x + bend * fractal(rng, shape, 5, longest_px=3 * block_px)
    seeds = rng.uniform(0, 1, (count, 2)) * np.array(shape)
    nearest = np.full(shape, np.inf, np.float32)
    block = np.zeros(shape, np.int32)
    for i, (sy, sx) in enumerate(seeds):
        d = (yy - sy) ** 2 + (xx - sx) ** 2
        closer = d < nearest
        block[closer] = i
        nearest[closer] = d[closer]
    base_angle, spread = rng.uniform(0, np.pi), rng.choice([0.05, 0.3, 1.5])
    angle = (base_angle + rng.normal(0, spread, count)).astype(np.float32)
    typical = np.exp(rng.uniform(np.log(3), np.log(22)))
    broad = (typical * np.exp(rng.normal(0, 0.35, count))).clip(2, 40).astype(np.float32)
    long = (broad * rng.uniform(1, 5, count)).astype(np.float32)
    c, s = np.cos(angle)[block], np.sin(angle)[block]
    row, row_edge = _split(rng, (xx * c + yy * s) / broad[block])
    shift = hash16(block, row, np.int32(7)) / 65536.0
    column, column_edge = _split(rng, (yy * c - xx * s) / long[block] + shift.astype(np.float32))
    edge = np.minimum(row_edge * broad[block], column_edge * long[block])
    return Parcels(hash16(block, row, column, np.int32(rng.integers(1 << 16))), edge.astype(np.float32))


def _split(rng: np.random.Generator, position: Array) -> tuple[Array, Array]:
    """Uneven intervals about 1 long: the number of each position's interval, and the distance to its nearer end."""
    low = np.floor(position.min()) - 1
    gaps = rng.uniform(0.45, 1.6, int((position.max() - low) / 0.9) + 4)
    ends = (low + np.cumsum(gaps)).astype(np.float32)
    number = np.clip(np.searchsorted(ends, position.ravel()).reshape(position.shape), 1, len(ends) - 1)
    edge = np.minimum(position - ends[number - 1], ends[number] - position)
    return number.astype(np.int32), edge.astype(np.float32)


def make_land_cover(rng: np.random.Generator, land: Landscape, recipe: dict) -> LandCover:
    """Cover the landscape. ``recipe`` may fix ``season`` (share of green fields), ``farmed``, ``wooded``, ``towns``,
    ``roads``, ``patches`` (of burnt, bare, snowy ground), ``soils``, ``moisture``, ``block_px``."""
    shape = land.height_m.shape
    parcels = make_parcels(rng, shape, recipe.get("block_px", rng.uniform(50, 250)))
    cover = _fields(rng, land, parcels, recipe)
    _woods(rng, land, cover, recipe)
    _bare_and_burnt(rng, cover, recipe)
    _towns(rng, land, cover, recipe)
    _roads(rng, land, cover, recipe)
    _banks(rng, land, cover)
    return cover


def _fields(rng: np.random.Generator, land: Landscape, parcels: Parcels, recipe: dict) -> LandCover:
    shape = land.height_m.shape
    draw = parcels.number % TABLE
    season = recipe.get("season", rng.uniform(0.05, 0.95))
    soils = [SOILS[n] for n in recipe.get("soils") or rng.choice(list(SOILS), 2)]
    plants = [PLANTS[n] for n in rng.choice(list(PLANTS), 4)] + [PLANTS["crop"], PLANTS["orchard"]]
    soil_table = np.stack([vary(rng, soils[rng.integers(len(soils))], 0.16) for _ in range(64)])
    plant_table = np.stack([vary(rng, plants[rng.integers(len(plants))], 0.14) for _ in range(64)])
    wetness = recipe.get("moisture", rng.beta(1.2, 2.0))
    moisture = np.clip(wetness + rng.normal(0, 0.25, TABLE), 0, 1).astype(np.float32)[draw]
    moisture = np.clip(
        moisture + rng.uniform(0, 0.3) * fractal(rng, shape, 3, longest_px=150) + 0.2 * land.valley, 0, 1
    )
    tone = 1 + 0.025 * fractal(rng, shape, 1.2, longest_px=12) + 0.05 * fractal(rng, shape, 3, longest_px=80)
    ground = wet(np.moveaxis(soil_table[draw % 64], -1, 0), moisture) * tone
    share = np.where(rng.random(TABLE) < season, rng.beta(5, 1.5, TABLE), rng.beta(1, 6, TABLE)).astype(np.float32)
    plant_share = np.clip(share[draw] * (1 + rng.uniform(0.02, 0.15) * fractal(rng, shape, 2.2, longest_px=40)), 0, 1)
    in_rows = rng.random(TABLE)[draw] < 0.1
    plant_share = np.where(in_rows, np.clip(plant_share + 0.35 * _rows(rng, shape), 0, 1), plant_share)
    wild = ramp(fractal(rng, shape, 3.2) + land.height_m / 150, *sorted(rng.uniform(-1.5, 2.5, 2) + np.array((0, 0.2))))
    wild *= rng.random() < 0.7 if "farmed" not in recipe else 1 - recipe["farmed"]
    wild_share = np.clip(0.5 + 0.3 * fractal(rng, shape, 1.9, longest_px=60), 0, 1) * rng.uniform(0.2, 1.1)
    plant_share = (plant_share * (1 - wild) + np.clip(wild_share, 0, 1) * wild).astype(np.float32)
    plant = np.moveaxis(plant_table[(draw // 64) % 64], -1, 0)
    wild_plant = vary(rng, PLANTS[rng.choice(["pasture", "dry", "orchard", "reed"])])[:, None, None]
    plant = plant * (1 - wild) + wild_plant * wild
    hedge = np.clip(1.2 - parcels.edge_px, 0, 1) * (1 - wild) * (rng.random(TABLE) < rng.uniform(0, 0.8))[draw]
    hedge *= rng.uniform(0.1, 0.7)
    green_hedge = rng.random() < 0.6
    edge_surface = vary(rng, PLANTS["pasture"] if green_hedge else SOILS["loam"])[:, None, None]
    ground = ground * (1 - hedge) + edge_surface * hedge
    plant_share = np.maximum(plant_share, 0.6 * hedge) if green_hedge else plant_share * (1 - hedge)
    tall = (rng.beta(0.8, 1.6, TABLE).astype(np.float32)[draw]) * (1 - wild) + 0.6 * wild
    steps = rng.normal(0, rng.uniform(0.05, 0.5), TABLE).astype(np.float32)[draw] * (1 - wild)
    steps = steps + 0.6 * np.clip(1.2 - parcels.edge_px, 0, 1) * (rng.random() < 0.5) * (1 - wild)
    surface = ground * (1 - plant_share) + plant * plant_share
    return LandCover(
        surface.astype(np.float32),
        ground.astype(np.float32),
        plant_share.astype(np.float32),
        plant.astype(np.float32),
        tall.astype(np.float32),
        steps.astype(np.float32),
        np.zeros(shape, np.float32),
    )


def _rows(rng: np.random.Generator, shape: tuple[int, int]) -> Array:
    """Rows of plants a few pixels apart."""
    angle, step = rng.uniform(0, np.pi), rng.uniform(2, 5)
    y = np.arange(shape[0], dtype=np.float32)[:, None]
    x = np.arange(shape[1], dtype=np.float32)[None]
    return np.sin((x * np.cos(angle) + y * np.sin(angle)) * 2 * np.pi / step)


def paint(cover: LandCover, share: Array, spectrum: Array, plant: bool = False, dry: bool = False) -> None:
    """Lay a material over ``share`` of each pixel. ``plant`` stands above floods; ``dry`` ground is not flooded."""
    cover.surface += (spectrum - cover.surface) * share
    if plant:
        cover.plant_surface += (spectrum - cover.plant_surface) * share
        cover.plants += (1 - cover.plants) * share
        cover.tall += (1 - cover.tall) * share
    else:
        cover.ground += (spectrum - cover.ground) * share
        cover.plants *= 1 - share
    if dry:
        np.maximum(cover.dry, share, out=cover.dry)


def _woods(rng: np.random.Generator, land: Landscape, cover: LandCover, recipe: dict) -> None:
    shape = land.height_m.shape
    share = recipe.get("wooded", rng.choice([0.0, 0.05, 0.2, 0.5, 0.8], p=[0.1, 0.3, 0.3, 0.2, 0.1]))
    if share <= 0:
        return
    place = fractal(rng, shape, rng.uniform(2.8, 3.8), longest_px=rng.uniform(60, 500))
    place = place + land.height_m / max(land.height_m.std(), 1) * 0.5
    low = np.quantile(place[::4, ::4], 1 - share)
    wood = ramp(place, low, low + rng.uniform(0.03, 0.25)) * rng.uniform(0.75, 1)
    names = rng.choice(list(TREES), 2, p=[0.4, 0.25, 0.25, 0.1])
    first, second = (vary(rng, TREES[n])[:, None, None] for n in names)
    mix = ramp(fractal(rng, shape, 2.4, longest_px=200), -0.6, 0.6)
    crowns = 1 + 0.16 * fractal(rng, shape, 0.8, longest_px=6) + 0.08 * fractal(rng, shape, 2.2, longest_px=60)
    paint(cover, wood.astype(np.float32), ((first * mix + second * (1 - mix)) * np.clip(crowns, 0.4, 1.7)), plant=True)


def _bare_and_burnt(rng: np.random.Generator, cover: LandCover, recipe: dict) -> None:
    """Add patches that are easily mistaken for water: burnt, lava, snow, salt, rock."""
    shape = cover.plants.shape
    for _ in range(recipe.get("patches", int(rng.choice([0, 0, 1, 2])))):
        name = rng.choice(list(OTHER), p=[0.25, 0.15, 0.15, 0.1, 0.1, 0.25])
        place = fractal(rng, shape, 3.2, longest_px=rng.uniform(50, 400))
        low = np.quantile(place[::4, ::4], rng.uniform(0.8, 0.985))
        tone = 1 + 0.1 * fractal(rng, shape, 1.5, longest_px=30)
        patch = ramp(place, low, low + rng.uniform(0.05, 0.3)) * rng.uniform(0.6, 1)
        paint(cover, patch.astype(np.float32), vary(rng, OTHER[name])[:, None, None] * tone)


def _towns(rng: np.random.Generator, land: Landscape, cover: LandCover, recipe: dict) -> None:
    shape = land.height_m.shape
    for _ in range(recipe.get("towns", int(rng.choice([0, 1, 2, 4, 8])))):
        size = np.exp(rng.uniform(np.log(8), np.log(90)))
        reach = int(2.5 * size)
        cy, cx = rng.uniform(0, shape[0]), rng.uniform(0, shape[1])
        y0, y1 = max(int(cy) - reach, 0), min(int(cy) + reach, shape[0])
        x0, x1 = max(int(cx) - reach, 0), min(int(cx) + reach, shape[1])
        if min(y1 - y0, x1 - x0) < 16:
            continue
        window = (slice(y0, y1), slice(x0, x1))
        part = LandCover(**{k: v[..., window[0], window[1]] for k, v in vars(cover).items()})
        _town(rng, part, (cy - y0, cx - x0), size)


def _town(rng: np.random.Generator, part: LandCover, centre: tuple[float, float], size: float) -> None:
    """Houses, halls, streets and gardens, denser towards the centre; ``part`` is a window of the scene."""
    shape = part.plants.shape
    y = (np.arange(shape[0]) - centre[0])[:, None]
    x = (np.arange(shape[1]) - centre[1])[None]
    density = np.exp(-((np.hypot(x, y) / size) ** 2)) + 0.22 * fractal(rng, shape, 3.0, longest_px=size)
    town = ramp(density, 0.28, 0.5).astype(np.float32)
    plots = make_parcels(rng, shape, size)
    small = rng.random() < 0.7
    draw = plots.number % TABLE
    roofs = ["tile", "tile", "concrete", "dark roof", "metal", "gravel"] if small else list(BUILT)
    table = np.stack([vary(rng, BUILT[rng.choice(roofs)], 0.2) for _ in range(64)])
    house = np.clip(rng.beta(2, 2, TABLE)[draw] + 0.35 * fractal(rng, shape, 0.6, longest_px=6), 0, 1)
    garden = vary(rng, PLANTS["pasture"])[:, None, None] * (1 + 0.2 * fractal(rng, shape, 0.5, longest_px=8))
    paint(part, town, garden)
    built = (town * house * np.clip(density + 0.3, 0, 1)).astype(np.float32)
    paint(part, built, np.moveaxis(table[draw % 64], -1, 0), dry=True)
    street = np.clip(1.1 - plots.edge_px, 0, 1) * town * 0.7
    paint(part, street.astype(np.float32), vary(rng, BUILT["asphalt"])[:, None, None])
    shade = town * np.clip(fractal(rng, shape, 0.5, longest_px=5) - 1.2, 0, 1) * rng.uniform(0, 0.8)
    part.surface *= 1 - shade.astype(np.float32)
    part.steps += 0.8 * town


def _roads(rng: np.random.Generator, land: Landscape, cover: LandCover, recipe: dict) -> None:
    shape = land.height_m.shape
    for _ in range(recipe.get("roads", int(rng.integers(0, 9)))):
        swing = rng.choice([0.03, 0.15, 0.5])
        line = winding_line(rng, shape, swing, rng.uniform(200, 900))
        if len(line) < 2:
            continue
        half = rng.choice([0.25, 0.4, 0.8, 1.3], p=[0.4, 0.3, 0.2, 0.1])
        distance = distance_to(line, shape, half + 2.5)
        road = np.clip(half + 0.5 - distance, 0, 1) * min(2 * half, 1)
        name = rng.choice(["asphalt", "gravel", "concrete"], p=[0.6, 0.25, 0.15])
        paint(cover, road.astype(np.float32), vary(rng, BUILT[name])[:, None, None], dry=rng.random() < 0.7)
        cover.steps += np.clip(half + 1 - distance, 0, 1) * rng.uniform(0, 2)


def _banks(rng: np.random.Generator, land: Landscape, cover: LandCover) -> None:
    """Trees along rivers, and sand and gravel where the bank lies bare."""
    shape = land.height_m.shape
    near = np.clip(1 - land.bank / rng.uniform(2, 9), 0, 1)
    patchy = fractal(rng, shape, 2.6, longest_px=60)
    trees = near * ramp(patchy, -0.3, 0.6) * rng.uniform(0, 1)
    paint(cover, trees.astype(np.float32), vary(rng, TREES["broadleaf"])[:, None, None], plant=True)
    bare = np.clip(1 - land.bank / rng.uniform(2, 6), 0, 1) * ramp(-patchy, 0.3, 0.9) * rng.uniform(0, 0.9)
    paint(cover, blur(bare.astype(np.float32), 0.7), vary(rng, SOILS["sand"], 0.3)[:, None, None])
