"""A model with replaced parts predicts what TerraTorch's own does."""

import copy

import pytest
import torch
from torch import nn
from torch.nn import functional

from prithvi_qgis.engine.model import fused_modules
from support import VARIANT

BANDS = ["BLUE", "GREEN", "RED", "NIR_NARROW", "SWIR_1", "SWIR_2"]
DECODERS = {
    "UperNetDecoder": {"decoder_channels": 32},
    "UNetDecoder": {"decoder_channels": [32, 16, 16, 8]},
    "FCNDecoder": {"decoder_channels": 32},
}


def small_model(decoder: str, frames: int = 1) -> nn.Module:
    from terratorch.registry import MODEL_FACTORY_REGISTRY

    torch.manual_seed(1)
    model = MODEL_FACTORY_REGISTRY.build("EncoderDecoderFactory").build_model(
        task="segmentation",
        backbone="prithvi_eo_v2_tiny_tl",
        backbone_pretrained=False,
        backbone_bands=BANDS,
        backbone_num_frames=frames,
        backbone_coords_encoding=["location"],
        necks=[
            {"name": "SelectIndices", "indices": [2, 5, 8, 11]},
            {"name": "ReshapeTokensToImage", "effective_time_dim": frames},
            {"name": "LearnedInterpolateToPyramidal"},
        ],
        decoder=decoder,
        num_classes=3,
        rescale=True,
        **DECODERS[decoder],
    )
    for module in model.modules():  # an untrained normalisation changes nothing, so an error in it would not show
        if isinstance(module, nn.BatchNorm2d):
            module.running_mean.normal_(), module.running_var.uniform_(0.5, 2)
            nn.init.normal_(module.weight, 1, 0.2), nn.init.normal_(module.bias, 0, 0.2)
    return model.eval()


def fused(model: nn.Module) -> nn.Module:
    changed = copy.deepcopy(model)
    fused_modules.fuse(changed)
    return changed


def kinds(model: nn.Module) -> set[type]:
    return {type(m) for m in model.modules()}


@pytest.mark.parametrize("decoder", DECODERS)
@pytest.mark.parametrize("frames", [1, 3])
def test_a_fused_model_predicts_the_same_logits(decoder, frames):
    model = small_model(decoder, frames)
    pixels = torch.randn(2, 6, frames, 224, 224) if frames > 1 else torch.randn(2, 6, 224, 224)
    where = torch.tensor([[38.0, -0.7], [-10.0, 120.0]])
    other = fused(model)
    with torch.inference_mode():
        expected = model(pixels, location_coords=where).output
        found = other(pixels, location_coords=where).output
    assert kinds(other) >= {fused_modules.GeluMlp, fused_modules.PatchLinear, fused_modules.WithMatmulUpsampling}
    assert (fused_modules.ConvReLU in kinds(other)) == (decoder == "UperNetDecoder")
    torch.testing.assert_close(found, expected, atol=2e-4, rtol=1e-4)


@pytest.mark.skipif(VARIANT != "cuda", reason="needs a GPU: half precision takes other kernels there")
def test_on_a_gpu_a_fused_model_is_no_farther_from_float32_than_the_original():
    model = small_model("UperNetDecoder").cuda()
    pixels = torch.randn(2, 6, 224, 224, device="cuda")
    with torch.inference_mode():
        exact = model(pixels).output
        half = model.half()
        plain = half(pixels.half()).output.float()
        found = fused(half)(pixels.half()).output.float()
    assert (found - exact).abs().mean() < 1.3 * (plain - exact).abs().mean()


@pytest.mark.skipif(VARIANT != "cuda", reason="needs a GPU")
@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_on_a_gpu_other_types_keep_their_parts(dtype):
    model = small_model("UperNetDecoder").to("cuda", dtype)
    before = kinds(model)
    fused_modules.fuse_on_gpu(model)
    assert kinds(model) == before


def test_a_model_on_the_cpu_keeps_its_parts():
    model = small_model("UperNetDecoder").half()
    before = kinds(model)
    fused_modules.fuse_on_gpu(model)
    assert kinds(model) == before


@pytest.mark.parametrize("align_corners", [True, False])
@pytest.mark.parametrize(("before", "after"), [((5, 7), (12, 21)), ((1, 1), (16, 16)), ((6, 6), (6, 13))])
def test_upsampling_by_matrices_is_bilinear(before, after, align_corners):
    x = torch.randn(2, 3, *before)
    expected = functional.interpolate(x, size=after, mode="bilinear", align_corners=align_corners)
    torch.testing.assert_close(fused_modules.upsample(x, after, align_corners), expected)


@pytest.mark.parametrize(
    "arguments",
    [
        {"size": (3, 3), "mode": "bilinear"},
        {"size": (16, 16), "mode": "nearest"},
        {"size": (16, 16), "mode": "bicubic"},
        {"scale_factor": 2, "mode": "bilinear"},
        {"size": 12, "mode": "bilinear", "antialias": True},
    ],
    ids=str,
)
def test_other_interpolations_in_a_decoder_stay_torchs(arguments):
    class Decoder(nn.Module):
        def forward(self, x):
            return functional.interpolate(x, **arguments)

    x = torch.randn(1, 2, 8, 8)
    assert torch.equal(fused_modules.WithMatmulUpsampling(Decoder())(x), Decoder()(x))


def test_an_incomplete_patch_at_the_edge_is_left_out_as_in_a_convolution():
    conv = nn.Conv3d(6, 8, (1, 16, 16), stride=(1, 16, 16))
    x = torch.randn(2, 6, 2, 40, 50)
    torch.testing.assert_close(fused_modules.PatchLinear(conv)(x), conv(x), atol=1e-5, rtol=1e-5)


def test_an_mlp_of_another_kind_is_left_as_it_is():
    from timm.layers.mlp import Mlp

    model = nn.Sequential(Mlp(8, act_layer=nn.ReLU), Mlp(8, norm_layer=nn.LayerNorm), Mlp(8, bias=False))
    fused_modules.fuse(model.eval())
    assert [type(m) for m in model] == [Mlp] * 3
