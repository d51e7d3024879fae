"""Tiny real scenes, a stand-in model for geometry, and one warm vLLM for the whole session."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

from prithvi_qgis.core.system.heartbeat import Heartbeat
from prithvi_qgis.core.system.timeouts import TIMEOUTS
from prithvi_qgis.engine.device import runtime_env

# What the models of these tests run on; "cuda" needs the engine of that variant and a GPU.
VARIANT = os.environ.get("PRITHVI_QGIS_TEST_VARIANT", "cpu")
runtime_env.prepare(VARIANT)

import numpy as np
import pytest
import rasterio
import torch
from rasterio.transform import Affine

from prithvi_qgis.core.models.model_card import read_card
from prithvi_qgis.core.protocol.messages import Segment
from prithvi_qgis.engine.inference import memory_layout, streaming
from prithvi_qgis.engine.prepared_scene import PreparedScene
from prithvi_qgis.engine.reading import rasterio_source as scene_module
from prithvi_qgis.engine.reading.rasterio_source import RasterioSource
from prithvi_qgis.engine.reading.stall_timeout import StallTimeout

ROOT = Path(__file__).parents[2]
NAMES = ("B02", "B03", "B04", "B8A", "B11", "B12")
UTM = Affine(10, 0, 500_000, 0, -10, 4_600_000)


@pytest.fixture(scope="session", autouse=True)
def _home(tmp_path_factory):
    """Reduced model folders of these tests go into a folder of their own."""
    os.environ["PRITHVI_QGIS_HOME"] = str(tmp_path_factory.mktemp("home"))


@pytest.fixture
def home(tmp_path, monkeypatch):
    """A data folder of the test's own."""
    monkeypatch.setenv("PRITHVI_QGIS_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


@pytest.fixture(scope="session")
def card():
    """The demo model's card."""
    return read_card(ROOT / "resources" / "models" / "demo-water")


@pytest.fixture
def make_scene(tmp_path):
    """Writes a scene; returns its path. Values are uint16 reflectance * 10000 with shapes that a model can find."""

    def make(
        height=40, width=50, name="scene.tif", *, values=None, names=NAMES, transform=UTM, crs="EPSG:32630", **more
    ):
        if values is None:
            values = blobs(height, width, len(names))
        path = tmp_path / name
        place = {"transform": transform, "crs": crs} if transform is not None else {}
        profile = {"driver": "GTiff", "dtype": values.dtype, "count": len(values), **place, **more}
        tags, masks = profile.pop("tags", {}), profile.pop("mask", None)
        with rasterio.open(path, "w", height=values.shape[1], width=values.shape[2], **profile) as out:
            out.write(values)
            out.descriptions = [*names, *[""] * len(values)][: len(values)]
            out.update_tags(**tags)
            if masks is not None:
                out.write_mask(masks)
        return path

    return make


def blobs(height, width, bands=6, seed=0):
    """(bands, height, width) uint16: bright land with dark round lakes, and noise."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[:height, :width]
    lake = np.sin(y / 23.0) + np.cos(x / 31.0) > 0.8
    land = np.array([900, 1100, 1200, 2900, 2600, 1700, 2000, 2000])[:bands, None, None]
    water = np.array([700, 750, 550, 250, 100, 80, 100, 100])[:bands, None, None]
    values = np.where(lake, water, land) + rng.normal(0, 60, (bands, height, width))
    return values.clip(1, 60000).astype(np.uint16)


def punch(kind, values, hole):
    """(values, options of ``make_scene``) of a scene without data in ``hole``, as files of this kind tell it."""
    if kind in ("value", "value in one band"):
        values[4 if kind == "value in one band" else slice(None), hole] = 0
        return values, {"nodata": 0}
    if kind == "nan":
        values = values.astype(np.float32)
        values[2, hole] = np.nan
        return values, {}
    if kind == "mask":
        return values, {"mask": np.where(hole, 0, 255).astype(np.uint8)}
    return np.concatenate([values, np.where(hole, 0, 65535)[None].astype(np.uint16)]), {"photometric": "minisblack"}


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


@pytest.fixture
def stand_in():
    """A fresh stand-in model."""
    return StandIn()


def as_large(patch):
    """Have tiny scenes go the way of large ones: read in pieces, and finished tile row by tile row."""
    patch.setattr(memory_layout, "READER_BYTES", 0)
    patch.setattr(scene_module, "READER_BYTES", 1)
    patch.setattr(memory_layout, "FINISH_AT_ONCE_BYTES", 0)


@pytest.fixture
def row_by_row(monkeypatch):
    """Tiny scenes go the way of large ones."""
    as_large(monkeypatch)


@pytest.fixture
def segment(card, stand_in, tmp_path):
    """Runs the streaming pipeline with the stand-in and small tiles; returns (mask path, result parts)."""
    import dataclasses

    def run(
        source, backend=None, *, tile=64, cancelled=lambda: False, tell=lambda m: None, timeouts=TIMEOUTS, **fields
    ):
        small = dataclasses.replace(card, tile=tile, stride=48, margin=4) if tile != card.tile else card
        request = Segment(str(source), str(card.folder), str(tmp_path / "mask.tif"), **fields)
        scene, heartbeat = RasterioSource(str(source)), Heartbeat(cancelled)
        scene.stall_timeout = StallTimeout(heartbeat, scene.name, timeouts)
        try:
            scene.set_extent(request.extent)
            scene.prepare(small, request.bands, request.scale, request.offset)
            prepared = PreparedScene(request, small, scene, heartbeat, timeouts)
            return streaming.stream(prepared, backend or stand_in, tell), scene
        finally:
            scene.close()

    return run


class _Warm:
    """The demo model in a real vLLM; loaded again after a test whose own model took vLLM's process groups with it."""

    def __init__(self, card):
        self.card, self.backend = card, None

    def get(self):
        from vllm.distributed import parallel_state

        from prithvi_qgis.engine.model.model_folder import prepare_model
        from prithvi_qgis.engine.model.vllm_backend import VllmBackend

        if self.backend is None or not parallel_state.model_parallel_is_initialized():
            self.close()
            self.backend = VllmBackend(self.card, prepare_model(self.card), VARIANT, "float32", 2, 0.0)
        return self.backend

    def close(self):
        if self.backend is not None:
            self.backend.close()


@pytest.fixture(scope="session")
def _warm(card, _home):
    warm = _Warm(card)
    yield warm
    warm.close()


@pytest.fixture
def vllm_backend(_warm):
    """The demo model in a real vLLM, one for the session."""
    return _warm.get()


@pytest.fixture(scope="session")
def torch_backend(card):
    """The same model in plain TerraTorch."""
    from prithvi_qgis.engine.model.torch_backend import TorchBackend

    return TorchBackend(card, card.folder, VARIANT, "float32", 2)


@pytest.fixture
def own_model(card, tmp_path):
    """A copy of the demo model's folder that a test may spoil."""
    return Path(shutil.copytree(card.folder, tmp_path / "model"))


def engine_python():
    """This Python, for engine processes."""
    return sys.executable
