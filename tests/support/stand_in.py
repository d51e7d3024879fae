"""A model for tests of geometry, and small scenes that go the way of large ones."""

from __future__ import annotations

import torch

from prithvi_qgis.engine.inference import memory_layout
from prithvi_qgis.engine.reading import rasterio_source as scene_module


class StandIn:
    """A model whose logits are simple sums, fast and of any tile size: for geometry, never for accuracy."""

    device = "cpu"
    device_name = engine = "stand-in"
    dtype = "float32"
    batch_size = 3
    scene_bytes = tile_bytes = 0

    def __init__(self, classes=2):
        self.classes, self.tiles, self.seen = classes, [], []

    def run(self, tiles, step):
        with torch.inference_mode():  # as vLLM and plain torch do: what is made inside may not be changed outside
            step(tiles, self.forward)

    def forward(self, tiles, coords):
        self.tiles.append(tiles.clone())
        self.seen.append(None if coords is None else coords.numpy().copy())
        slope = torch.linspace(0, 0.3, tiles.shape[-1])
        bands = [tiles[:, k % tiles.shape[1]] for k in range(self.classes)]
        return torch.stack([torch.sin(9 * b + 2 * k) + k % 3 * slope[:, None] for k, b in enumerate(bands)], dim=1)

    def close(self):
        pass


class StandInLoader:
    """Gives the stand-in."""

    def __init__(self, variant):
        self.variant, self.backend = variant, StandIn()

    def load(self, request, card):
        return self.backend, 0.0

    def unload(self):
        pass


def as_large(patch):
    """Have tiny scenes go the way of large ones: read in pieces, and finished tile row by tile row."""
    patch.setattr(memory_layout, "READER_BYTES", 0)
    patch.setattr(scene_module, "READER_BYTES", 1)
    patch.setattr(memory_layout, "FINISH_AT_ONCE_BYTES", 0)
