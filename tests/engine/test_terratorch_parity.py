"""Masks equal TerraTorch's: the same weights, tiles and coordinates in vLLM and in plain torch."""

from __future__ import annotations

import sys

import numpy as np
import pytest
import rasterio

from prithvi_qgis.core.protocol.messages import Segment
from prithvi_qgis.engine.inference.segment_scene import run_segment
from prithvi_qgis.engine.model.model_loader import Loader
from prithvi_qgis.engine.reading.rasterio_source import RasterioSource
from prithvi_qgis.engine.reading.read_windows import ReadWindow
from support import VARIANT
from support.synthetic_scenes import blobs

torch = pytest.importorskip("torch")


class Recorder:
    """Passes batches through to a backend and keeps the pixels and coordinates that the model got."""

    def __init__(self, backend):
        self._backend, self.tiles, self.coords = backend, [], []
        for name in ("device", "device_name", "engine", "dtype", "batch_size", "scene_bytes", "tile_bytes"):
            setattr(self, name, getattr(backend, name))

    def run(self, tiles, step):
        def watched(numbers, forward):
            def keep(pixels, coords):
                self.tiles.append(pixels.numpy().copy())
                self.coords.append(None if coords is None else coords.numpy().copy())
                return forward(pixels, coords)

            step(numbers, keep)

        self._backend.run(tiles, watched)


def normalised(path, card):
    """The whole scene as the model wants it, made in another way than tile by tile; and where it is nodata."""
    scene = RasterioSource(str(path))
    scene.prepare(card, (), None, None)
    height, width = int(scene.window.height), int(scene.window.width)
    stored, empty = np.empty((len(card.bands), height, width), scene.dtype), np.empty((height, width), bool)
    scene.read_window(ReadWindow(0, 0, height, width), stored, empty)
    numbers = scene.scaling.scale, scene.scaling.offset, card.mean, card.std
    scale, offset, mean, std = (np.array(v, np.float32)[:, None, None] for v in numbers)
    out = (stored.astype(np.float32) * scale + offset - mean) / std
    out[:, empty] = 0
    scene.close()
    return out, empty


def test_tiles_through_vllm_equal_plain_torch(card, vllm_backend, torch_backend):
    rng = np.random.default_rng(0)
    tiles = rng.normal(size=(3, 6, 512, 512)).astype(np.float32)
    coords = np.array([[38.1, -0.7], [52.0, 5.0], [-33.0, 151.0]], np.float32)
    ours = np.concatenate([vllm_backend.infer(tiles[:2], coords[:2]), vllm_backend.infer(tiles[2:], coords[2:])])
    theirs = np.concatenate([torch_backend.infer(tiles[:2], coords[:2]), torch_backend.infer(tiles[2:], coords[2:])])
    assert np.abs(ours - theirs).max() < 1e-3
    assert (ours.argmax(1) == theirs.argmax(1)).mean() >= 0.9999


def test_each_tile_of_a_batch_is_seen_with_its_own_coordinates(vllm_backend):
    tile = np.random.default_rng(0).normal(size=(1, 6, 512, 512)).astype(np.float32)
    both = np.concatenate([tile, tile])
    coords = np.array([[38.1, -0.7], [-33.0, 151.0]], np.float32)
    here, there = vllm_backend.infer(both, coords)
    swapped = vllm_backend.infer(both, coords[::-1].copy())
    assert np.abs(here - there).max() > 1e-3
    assert np.allclose(swapped[0], there, atol=1e-4)
    assert np.allclose(swapped[1], here, atol=1e-4)


def test_absent_coordinates_are_not_the_gulf_of_guinea(vllm_backend, torch_backend):
    tile = np.random.default_rng(0).normal(size=(1, 6, 512, 512)).astype(np.float32)
    without = vllm_backend.infer(tile, None)
    assert np.allclose(without, torch_backend.infer(tile, None), atol=1e-3)
    assert np.abs(without - vllm_backend.infer(tile, np.zeros((1, 2), np.float32))).max() > 1e-3


def test_a_scene_of_many_tiles_equals_terratorchs_tiled_inference(
    make_scene, segment, card, vllm_backend, torch_backend, tmp_path
):
    from terratorch.tasks.tiled_inference import tiled_inference

    values = blobs(600, 1000)
    values[:, 100:140, 200:700] = 0
    # Without georeference the model gets no coordinates, which tiled_inference could not give tile by tile.
    path = make_scene(values=values, nodata=0, transform=None)
    segment(path, vllm_backend, tile=card.tile)
    pixels, empty = normalised(path, card)
    logits = tiled_inference(
        lambda x: torch.from_numpy(torch_backend.infer(x.numpy(), None)),
        torch.from_numpy(pixels)[None],
        crop=card.tile,
        stride=card.stride,
        delta=card.margin,
        batch_size=2,
    )[0].numpy()
    expected = logits.argmax(0)
    expected[empty] = 255
    with rasterio.open(tmp_path / "mask.tif") as src:
        mask = src.read(1)
    assert (mask == expected).mean() >= 0.9999
    assert len(np.unique(mask)) == 3


@pytest.mark.parametrize(("height", "width"), [(1, 1), (37, 211), (512, 400)])
def test_a_small_scene_equals_plain_torch_on_the_padded_tile(
    height, width, make_scene, segment, card, vllm_backend, torch_backend, tmp_path
):
    recorder = Recorder(vllm_backend)
    path = make_scene(height, width)
    segment(path, recorder, tile=card.tile)
    pixels, _ = normalised(path, card)
    padded = np.pad(pixels, ((0, 0), (0, 512 - height), (0, 512 - width)), mode="reflect")
    assert np.allclose(recorder.tiles[0][0], padded, atol=1e-4)
    expected = torch_backend.infer(padded[None], recorder.coords[0])[0, :, :height, :width].argmax(0)
    with rasterio.open(tmp_path / "mask.tif") as src:
        assert (src.read(1) == expected).mean() >= 0.9999


def test_a_step_that_breaks_leaves_the_model_usable(vllm_backend):
    tile = np.zeros((1, 6, 512, 512), np.float32)
    before = vllm_backend.infer(tile, None)

    def fail(numbers, forward):
        raise RuntimeError("made by the test")

    with pytest.raises(RuntimeError, match="made by the test"):
        vllm_backend.run([0, 1], fail)
    assert np.allclose(vllm_backend.infer(tile, None), before, atol=1e-5)


def test_a_batch_reaches_the_step_once_and_in_order(vllm_backend):
    seen = []
    vllm_backend.run([4, 9], lambda numbers, forward: seen.extend(numbers))
    vllm_backend.run([7], lambda numbers, forward: seen.extend(numbers))
    assert seen == [4, 9, 7]


def test_vllm_listens_on_loopback_only(vllm_backend):
    import psutil

    listening = [c.laddr.ip for c in psutil.Process().net_connections() if c.status == psutil.CONN_LISTEN]
    assert listening
    assert set(listening) <= {"127.0.0.1", "::1"}


def test_vllm_runs_in_this_process(vllm_backend):
    import psutil

    assert [p.name() for p in psutil.Process().children(recursive=True) if "python" in p.name()] == []


@pytest.mark.parametrize("why", ["asked for", "no vLLM"])
def test_where_vllm_cannot_run_plain_torch_does_and_says_so(why, make_scene, segment, card, vllm_backend, tmp_path):
    path = make_scene(90, 120)
    segment(path, vllm_backend, tile=card.tile)
    with rasterio.open(tmp_path / "mask.tif") as src:
        expected = src.read(1)
    emitted = []
    with pytest.MonkeyPatch.context() as patch:
        if why == "asked for":
            patch.setenv("PRITHVI_QGIS_BACKEND", "torch")
        else:
            patch.setitem(sys.modules, "vllm", None)  # as where it is not installed
        request = Segment(str(path), str(card.folder), str(tmp_path / "plain.tif"))
        result = run_segment(request, Loader(VARIANT), emitted.append)
    assert result.engine.startswith("torch ")
    warnings = [m.text for m in emitted if getattr(m, "level", "") == "warning"]
    reason = {"asked for": "PRITHVI_QGIS_BACKEND=torch asks for it", "no vLLM": "vLLM cannot be imported"}[why]
    assert any("Plain torch runs the model" in w and reason in w for w in warnings)
    with rasterio.open(tmp_path / "plain.tif") as src:
        assert (src.read(1) == expected).mean() >= 0.9999
        assert src.tags()["PRITHVI_ENGINE"].startswith("torch ")
