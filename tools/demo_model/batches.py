"""Training batches from made scenes, on the training device: crops, zoom, air, noise, missing data."""

from __future__ import annotations

import numpy as np
import torch
from torch.nn import functional

from .model import MEAN, STD, TILE
from .scene import IGNORE, WATER, Scene
from .sky import HAZE, draw_air, through_air


class SceneStore:
    """Scenes on the device, packed so that thousands fit: 16-bit reflectance, 8-bit truth and haze."""

    def __init__(self, device: torch.device):
        self.device = device
        self.mean, self.std = _bands(MEAN, device), _bands(STD, device)
        self.scenes: list[tuple[torch.Tensor, torch.Tensor]] = []

    def add(self, packed: tuple[np.ndarray, np.ndarray]) -> None:
        """Add a scene from :func:`pack`."""
        surface, maps = packed
        self.scenes.append((torch.from_numpy(surface).to(self.device), torch.from_numpy(maps).to(self.device)))

    def batch(self, rng: np.random.Generator, size: int) -> tuple[torch.Tensor, torch.Tensor]:
        """Return (size, 6, 512, 512) normalised pixels and (size, 512, 512) labels with :data:`IGNORE`."""
        planes = torch.stack([self._crop(rng) for _ in range(size)])
        seen = _observe(rng, planes[:, :6], planes[:, 6:7])
        label = (planes[:, 7] > 0.5).long()
        label.masked_fill_(planes[:, 8] > 0.3, IGNORE)
        x = (seen - self.mean) / self.std
        gone = _swath_edge(rng, size, self.device)
        x.masked_fill_(gone[:, None], 0)
        label.masked_fill_(gone, IGNORE)
        for i in np.nonzero(rng.random(size) < 1 / 16)[0]:
            rows, columns = _mirrored(rng).to(self.device)
            x[i] = x[i][:, rows][:, :, columns]
            label[i] = label[i][rows][:, columns]
        return x, label

    def _crop(self, rng: np.random.Generator) -> torch.Tensor:
        """Cut a square of a scene, turned or mirrored, at the scene's or another pixel size.

        Returns:
            (9, 512, 512): surface (6), haze, share of water, share to ignore.
        """
        surface, maps = self.scenes[rng.integers(len(self.scenes))]
        height, width = maps.shape[-2:]
        largest = min(height, width)
        side = min(TILE, largest)
        if rng.random() < 0.4:
            side = int(np.exp(rng.uniform(np.log(min(300, largest)), np.log(largest))))
        top, left = rng.integers(height - side + 1), rng.integers(width - side + 1)
        at = (slice(None), slice(top, top + side), slice(left, left + side))
        s, m = surface[at].float() / 10000, maps[at]
        planes = torch.cat([s, m[1:2].float() / 255, (m[:1] == WATER).float(), (m[:1] == IGNORE).float()])[None]
        if side > TILE:
            planes = functional.interpolate(planes, (TILE, TILE), mode="area")
        elif side < TILE and rng.random() < 0.7:
            planes = functional.interpolate(planes, (TILE, TILE), mode="bilinear", align_corners=False)
        elif side < TILE:
            planes = functional.interpolate(planes, (TILE, TILE), mode="nearest")
        planes = torch.rot90(planes[0], int(rng.integers(4)), (1, 2))
        return planes.flip(2) if rng.random() < 0.5 else planes


def pack(scene: Scene) -> tuple[np.ndarray, np.ndarray]:
    """Pack a scene as (6, h, w) int16 reflectance * 10000 and (2, h, w) uint8 truth and haze."""
    surface = np.clip(np.rint(scene.surface * 10000), 0, 32000).astype(np.int16)
    return surface, np.stack([scene.truth, np.rint(scene.haze * 255).astype(np.uint8)])


def _bands(values: object, device: torch.device) -> torch.Tensor:
    return torch.tensor(np.asarray(values, np.float32), device=device)[..., None, None]


def _observe(rng: np.random.Generator, surface: torch.Tensor, haze: torch.Tensor) -> torch.Tensor:
    """Apply a different atmosphere and noise to each crop, as ``scene.observe`` does for one scene."""
    airs = [draw_air(rng) for _ in surface]
    drawn = _bands([(a.transmission, a.path, a.haze * HAZE) for a in airs], surface.device)
    seen = through_air(surface, haze, drawn[:, 0], drawn[:, 1], drawn[:, 2])
    strength = _bands(rng.uniform(0.3, 1.5, (len(airs), 1)), surface.device)
    return seen + torch.randn_like(seen) * (0.0008 + 0.006 * seen.clamp(0, 1)) * strength


def _swath_edge(rng: np.random.Generator, size: int, device: torch.device) -> torch.Tensor:
    """Return (size, 512, 512) bool: nodata beyond a slanted line, in one crop of eight."""
    angle, offset = rng.uniform(0, 2 * np.pi, size), rng.uniform(-0.7, 0.7, size)
    offset[rng.random(size) > 0.125] = 9
    axis = torch.linspace(-1, 1, TILE, device=device)
    c, s, limit = (_bands(v, device) for v in (np.cos(angle), np.sin(angle), offset))
    return c * axis[None, None] + s * axis[None, :, None] > limit


def _mirrored(rng: np.random.Generator) -> torch.Tensor:
    """Return (2, 512) rows and columns that fill a tile from a smaller scene by repeated mirroring."""
    index = []
    for side in rng.integers(64, TILE, 2):
        there_and_back = np.concatenate([np.arange(side), np.arange(side - 2, 0, -1)])
        index.append(np.resize(there_and_back, TILE))
    return torch.from_numpy(np.stack(index))
