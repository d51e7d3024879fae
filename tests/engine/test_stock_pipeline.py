"""The stock path: vLLM's IO processor on a whole scene, in a process of its own (a second LLM needs one)."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import numpy as np
import pytest
import rasterio

from prithvi_qgis.core.errors import ErrorCode, PrithviError
from prithvi_qgis.core.models.model_card import read_card
from prithvi_qgis.core.protocol.messages import Segment
from prithvi_qgis.engine.inference.stock_pipeline import refuse_stock
from prithvi_qgis.engine.model.torch_backend import TorchBackend
from prithvi_qgis.engine.prepared_scene import PreparedScene
from prithvi_qgis.engine.reading.rasterio_source import RasterioSource
from prithvi_qgis.engine.reading.whole_scene import read_reflectance
from support import ROOT, VARIANT
from support.synthetic_scenes import blobs
from tools.bench.random_model import make_random_model

pytestmark = pytest.mark.vllm


def test_the_stock_path_is_right_for_thirteen_classes_and_equals_plain_torch_on_its_padded_grid(make_scene, tmp_path):
    model = make_random_model(tmp_path / "thirteen", "prithvi_eo_v2_tiny_tl", 32, classes=13)
    card = read_card(model)
    torch_backend = TorchBackend(card, model, VARIANT, "float32", 1, fused=False)
    values = blobs(600, 700)
    values[:, 50:80, 60:400] = 0
    path, out = make_scene(values=values, nodata=0), tmp_path / "mask.tif"
    command = [sys.executable, "-m", "prithvi_qgis.engine", "segment", str(path), str(out), "--stock", "--json"]
    command += ["--model", str(model)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=os.environ, cwd=ROOT, timeout=400)
    assert done.returncode == 0, done.stderr[-2000:]
    assert json.loads(done.stdout)["tiles"] == 4

    scene = RasterioSource(str(path))
    scene.prepare(card, (), None, None)
    pixels, empty = read_reflectance(scene)
    mean, std = (np.array(v, np.float32)[:, None, None] for v in (card.mean, card.std))
    x = (pixels - mean) / std
    x[:, empty] = 0
    padded = np.pad(x, ((0, 0), (0, 1024 - 600), (0, 1024 - 700)), mode="reflect")
    # The processor sends half-precision tiles and one pair of coordinates for the whole scene.
    coords = scene.location([300], [350]).astype(np.float16).astype(np.float32)
    expected = np.zeros((1024, 1024), np.uint8)
    for r in (0, 512):
        for c in (0, 512):
            tile = padded[None, :, r : r + 512, c : c + 512].astype(np.float16).astype(np.float32)
            expected[r : r + 512, c : c + 512] = torch_backend.infer(tile, coords)[0].argmax(0)
    expected = expected[:600, :700]
    expected[empty] = 255
    with rasterio.open(out) as src:
        mask = src.read(1)
        assert src.nodata == 255
    assert (mask == expected).mean() >= 0.999
    assert len(np.unique(mask)) > 5


@pytest.mark.parametrize(
    ("fields", "says"),
    [({"probability": "p.tif"}, "PROBABILITY"), ({"stride": 448}, "STRIDE 448")],
)
def test_what_the_stock_path_cannot_do_is_told(fields, says, make_scene, card):
    scene = RasterioSource(str(make_scene()))
    with pytest.raises(PrithviError) as e:
        refuse_stock(PreparedScene(Segment(scene.source, "m", "o.tif", pipeline="stock", **fields), card, scene))
    assert e.value.code is ErrorCode.PARAMETER_INVALID
    assert says in e.value.line


def test_a_scene_beyond_the_memory_is_refused_before_anything_is_read(tmp_path, card):
    path = tmp_path / "huge.vrt"
    path.write_text(
        '<VRTDataset rasterXSize="400000" rasterYSize="400000"><VRTRasterBand dataType="UInt16" band="1"/></VRTDataset>'
    )
    scene = RasterioSource(str(path))
    with pytest.raises(PrithviError) as e:
        refuse_stock(PreparedScene(Segment(str(path), "m", "o.tif", pipeline="stock"), card, scene))
    assert e.value.code is ErrorCode.OUT_OF_MEMORY
