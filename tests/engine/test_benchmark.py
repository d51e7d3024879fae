"""What the benchmark compares is the same but for what it names."""

from __future__ import annotations

import pytest

from prithvi_qgis.engine.commands.benchmark import PlainLoader
from prithvi_qgis.engine.model.model_folder import prepare_model
from prithvi_qgis.engine.model.model_loader import LoadKey


@pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
def test_plain_torch_computes_in_the_precision_of_the_other_ways(card, dtype):
    key = LoadKey(card.sha256, str(prepare_model(card)), "cpu", dtype, 0, 0.0, "streaming")
    backend = PlainLoader("cpu")._build(key, card)
    assert {str(p.dtype) for p in backend.model.parameters()} == {f"torch.{dtype}"}
