"""The forward pass gives the GPU everything without waiting for it, and TerraTorch's numbers."""

from __future__ import annotations

import importlib.util

import pytest
import torch
from torch.utils._python_dispatch import TorchDispatchMode

from prithvi_qgis.engine.model.forward import patch_coordinate_encoding, predict, sincos_embedding
from support import trainings


@pytest.fixture
def terratorchs_module():
    """TerraTorch's module as it comes: the engine puts its own function in place of one of it."""
    spec = importlib.util.find_spec("terratorch.models.backbones.prithvi_mae")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_codes_of_places_and_dates_are_terratorchs_to_the_last_bit(terratorchs_module):
    places = torch.tensor([41.5, -3.0, 0.0, 179.9, 2023.0, 364.0])
    for width in (2, 96, 384, 512):
        theirs = terratorchs_module._get_1d_sincos_embed_from_grid_torch(width, places)
        assert torch.equal(sincos_embedding(width, places), theirs)


class OnTheHost(TorchDispatchMode):
    """Notes what makes tensors on the host: copied to a GPU, each would wait for all that it was given before."""

    def __init__(self):
        super().__init__()
        self.seen = []

    def __torch_dispatch__(self, function, types, args=(), kwargs=None):
        made = function(*args, **(kwargs or {}))
        for tensor in made if isinstance(made, (tuple, list)) else [made]:
            if isinstance(tensor, torch.Tensor) and tensor.device.type == "cpu":
                self.seen.append(str(function))
        return made


@pytest.mark.parametrize("frames", [1, 3])
@pytest.mark.parametrize("whose", ["terratorchs", "ours"])
def test_a_model_on_a_device_makes_nothing_on_the_host(frames, whose, terratorchs_module, monkeypatch):
    from terratorch.models.backbones import prithvi_mae

    # Models put the engine's function in place for the whole process; monkeypatch brings back what was there.
    theirs = terratorchs_module._get_1d_sincos_embed_from_grid_torch
    monkeypatch.setattr(prithvi_mae, "_get_1d_sincos_embed_from_grid_torch", theirs)
    if whose == "ours":
        patch_coordinate_encoding()
    backbone = "prithvi_eo_v2_tiny_tl"
    args = trainings.arguments(backbone=backbone, backbone_coords_encoding=["location", "time"])
    if frames > 1:
        args = trainings.several_dates(backbone=backbone, frames=frames, classes=2)
    model = trainings.random_model(trainings.configuration(args)).eval().to("meta")
    side, dates = args["backbone_img_size"], (frames,) if frames > 1 else ()
    inputs = (2, 6, *dates, side, side), (2, 2), (2, frames, 2)
    with torch.inference_mode(), OnTheHost() as host:
        predict(model, *(torch.zeros(shape, device="meta") for shape in inputs))
    assert host.seen == ([] if whose == "ours" else ["aten.arange.default"] * 4)  # the test can fail
