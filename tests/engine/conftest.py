"""Tiny real scenes, a stand-in model for geometry, and one warm vLLM for the whole session."""

from __future__ import annotations

import argparse
import dataclasses
import io
import os
import shutil
import sys
from pathlib import Path

from prithvi_qgis.core.system.heartbeat import Heartbeat
from prithvi_qgis.core.system.timeouts import TIMEOUTS
from prithvi_qgis.engine.device import runtime_env
from support import ROOT, VARIANT

runtime_env.prepare(VARIANT)  # before torch is imported

import pytest
import rasterio

from prithvi_qgis.core.models.model_card import read_card
from prithvi_qgis.core.protocol.messages import Segment
from prithvi_qgis.engine.commands import segment as segment_command
from prithvi_qgis.engine.commands import segment_arguments
from prithvi_qgis.engine.inference import streaming
from prithvi_qgis.engine.prepared_scene import PreparedScene
from prithvi_qgis.engine.reading.rasterio_source import RasterioSource
from prithvi_qgis.engine.reading.stall_timeout import StallTimeout
from support.stand_in import StandIn, StandInLoader, as_large
from support.synthetic_scenes import NAMES, UTM, blobs


def pytest_collection_modifyitems(items):
    """What uses the shared vLLM needs vLLM."""
    for item in items:
        if "vllm_backend" in item.fixturenames and not item.get_closest_marker("ray"):
            item.add_marker(pytest.mark.vllm)


@pytest.fixture(autouse=True)
def _vllm_is_marked(request):
    """A test without a mark loads no vLLM, which takes ten seconds."""
    loaded = "vllm" in sys.modules
    yield
    if not any(map(request.node.get_closest_marker, ("vllm", "ray"))):
        assert loaded or "vllm" not in sys.modules, "this test needs @pytest.mark.vllm"


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


@pytest.fixture
def stand_in():
    """A fresh stand-in model."""
    return StandIn()


@pytest.fixture
def row_by_row(monkeypatch):
    """Tiny scenes go the way of large ones."""
    as_large(monkeypatch)


@pytest.fixture
def segment(card, stand_in, tmp_path):
    """Runs the streaming pipeline with the stand-in and small tiles; returns (mask path, result parts)."""

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

    return TorchBackend(card, card.folder, VARIANT, "float32", 2, fused=False)


@pytest.fixture
def own_model(card, tmp_path):
    """A copy of the demo model's folder that a test may spoil."""
    return Path(shutil.copytree(card.folder, tmp_path / "model"))


@pytest.fixture
def command(monkeypatch):
    """Runs the command; returns (exit code, lines of standard output)."""
    monkeypatch.setattr(segment_command, "Loader", StandInLoader)
    parser = argparse.ArgumentParser()
    segment_arguments.add_arguments(parser)

    def run(*arguments):
        out = io.StringIO()
        code = segment_command.segment_all(parser.parse_args([str(a) for a in arguments]), out, VARIANT)
        return code, out.getvalue().splitlines()

    return run
