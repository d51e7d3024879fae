"""Replace parts of a loaded TerraTorch model by equivalents that need fewer kernels on a GPU.

Each replacement computes the same function; results differ by the rounding of half precision alone. Figures per
replacement are in docs/performance.md.
"""

from __future__ import annotations

import copy
import math
from functools import cache

import torch
from torch import nn
from torch.nn import functional
from torch.overrides import TorchFunctionMode


def fuse_on_gpu(model: nn.Module) -> None:
    """Replace the parts of a model on a GPU in float16; other types, whose results would differ more, keep theirs."""
    weight = next(model.parameters())
    if weight.is_cuda and weight.dtype == torch.float16:
        fuse(model)


def fuse(model: nn.Module) -> None:
    """Replace what can be replaced in a model in evaluation mode, whose weights are loaded. Twice is as once.

    Names of the weights change: load them before.
    """
    from terratorch.models.decoders.utils import ConvModule
    from timm.layers.mlp import Mlp

    for parent in list(model.modules()):
        for name, child in list(parent.named_children()):
            if isinstance(child, ConvModule) and type(child.conv) is nn.Conv2d and not child.norm.training:
                setattr(parent, name, ConvReLU(child.conv, child.norm))
            elif isinstance(child, Mlp) and _is_plain(child):
                setattr(parent, name, GeluMlp(child.fc1, child.fc2))
            elif isinstance(child, nn.Conv3d) and _cuts_patches(child):
                setattr(parent, name, PatchLinear(child))
    decoder = getattr(model, "decoder", None)
    if isinstance(decoder, nn.Module) and not isinstance(decoder, WithMatmulUpsampling):
        model.decoder = WithMatmulUpsampling(decoder)


# -- convolution, batch normalisation, ReLU ----------------------------------------------------------------------------


class ConvReLU(nn.Module):
    """A convolution with the following batch normalisation in its weights, and ReLU in the same kernel."""

    def __init__(self, conv: nn.Conv2d, norm: nn.BatchNorm2d):
        super().__init__()
        exact = nn.utils.fusion.fuse_conv_bn_eval(_in_float32(conv), _in_float32(norm))
        dtype = conv.weight.dtype
        self.weight = nn.Parameter(exact.weight.to(dtype), requires_grad=False)
        self.bias = nn.Parameter(exact.bias.to(dtype), requires_grad=False)
        self._geometry = (list(conv.stride), list(conv.padding), list(conv.dilation), conv.groups)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return (n, channels, h, w) of the same device and type."""
        if x.is_cuda and x.dtype == torch.float16 and torch.backends.cudnn.enabled:
            return torch.cudnn_convolution_relu(x, self.weight, self.bias, *self._geometry)
        return functional.relu(functional.conv2d(x, self.weight, self.bias, *self._geometry))


def _in_float32(module: nn.Module) -> nn.Module:
    return copy.deepcopy(module).float()


# -- linear layer and GELU ---------------------------------------------------------------------------------------------


class GeluMlp(nn.Module):
    """A transformer's MLP with GELU in the kernel of the first linear layer, in float16 on a GPU.

    cuBLASLt has GELU's tanh form only (Hendrycks and Gimpel, arXiv:1606.08415), which differs from the exact one by
    less than 0.0005, float16's rounding near 1; other types keep the exact form.
    """

    def __init__(self, fc1: nn.Linear, fc2: nn.Linear):
        super().__init__()
        self.fc1, self.fc2 = fc1, fc2

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return (..., features) of (..., features)."""
        if x.is_cuda and x.dtype == torch.float16:
            rows = x.reshape(-1, x.shape[-1])
            hidden = torch._addmm_activation(self.fc1.bias, rows, self.fc1.weight.t(), use_gelu=True)
            return self.fc2(hidden).view(*x.shape[:-1], -1)
        return self.fc2(functional.gelu(self.fc1(x)))


def _is_plain(mlp: nn.Module) -> bool:
    """Whether a timm ``Mlp`` is linear, exact GELU, linear, and nothing else in evaluation mode."""
    linear = isinstance(mlp.fc1, nn.Linear) and isinstance(mlp.fc2, nn.Linear) and mlp.fc1.bias is not None
    return (
        linear and isinstance(mlp.act, nn.GELU) and mlp.act.approximate == "none" and isinstance(mlp.norm, nn.Identity)
    )


# -- patch embedding ---------------------------------------------------------------------------------------------------


class PatchLinear(nn.Module):
    """The convolution that embeds patches, as one matrix product: cuDNN computes it in TF32, half as fast."""

    def __init__(self, conv: nn.Conv3d):
        super().__init__()
        self.weight, self.bias, self.patch = conv.weight, conv.bias, conv.kernel_size

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return (n, features, frames, rows, cols) of patches of (n, bands, t, h, w)."""
        sizes = [s // p for s, p in zip(x.shape[2:], self.patch)]
        for axis, (size, patch) in enumerate(zip(sizes, self.patch), start=2):
            x = x.narrow(axis, 0, size * patch)  # as in a convolution, an incomplete patch at the edge is left out
        (t, h, w), (a, b, c) = sizes, self.patch
        patches = x.reshape(len(x), x.shape[1], t, a, h, b, w, c).permute(0, 2, 4, 6, 1, 3, 5, 7)
        rows = functional.linear(patches.reshape(len(x), t * h * w, -1), self.weight.flatten(1), self.bias)
        return rows.view(len(x), t, h, w, -1).permute(0, 4, 1, 2, 3)


def _cuts_patches(conv: nn.Conv3d) -> bool:
    plain = conv.groups == 1 and set(conv.dilation) == {1} and not any(conv.padding)
    return plain and tuple(conv.kernel_size) == tuple(conv.stride)


# -- bilinear upsampling -----------------------------------------------------------------------------------------------


class WithMatmulUpsampling(nn.Module):
    """A decoder whose bilinear upsampling is done by two matrix products, which a GPU does in a third of the time."""

    def __init__(self, decoder: nn.Module):
        super().__init__()
        self.decoder = decoder

    def forward(self, *args: object, **kwargs: object) -> object:
        """Call the decoder."""
        with _MatmulUpsampling():
            return self.decoder(*args, **kwargs)


class _MatmulUpsampling(TorchFunctionMode):
    """Replaces calls of ``interpolate`` that enlarge feature maps bilinearly to a given size."""

    def __torch_function__(self, func, types, args=(), kwargs=None):  # type: ignore[no-untyped-def]
        options = dict(kwargs or {})
        if func is functional.interpolate and len(args) == 1 and options.keys() <= {"size", "mode", "align_corners"}:
            (x,), size = args, options.get("size") or (0, 0)
            rows, cols = (size, size) if isinstance(size, int) else size
            if options.get("mode") == "bilinear" and rows >= x.shape[-2] and cols >= x.shape[-1]:
                return upsample(x, (rows, cols), bool(options.get("align_corners")))
        return func(*args, **options)


def upsample(x: torch.Tensor, size: tuple[int, int], align_corners: bool) -> torch.Tensor:
    """Return what ``interpolate(x, size, mode="bilinear")`` does, for a size that is not smaller.

    Args:
        x: (n, channels, h, w), fastest with channels last.
        size: rows and columns of the result.
        align_corners: as in ``interpolate``.
    """
    n, channels, h, w = x.shape
    down, across = (_weights(a, b, align_corners, x.dtype, x.device) for a, b in zip((h, w), size))
    wide = torch.matmul(across, x.permute(0, 2, 3, 1))
    high = torch.matmul(down, wide.reshape(n, h, size[1] * channels))
    return high.view(n, *size, channels).permute(0, 3, 1, 2)


@cache
def _weights(before: int, after: int, align_corners: bool, dtype: torch.dtype, device: torch.device) -> torch.Tensor:
    """Return the (after, before) matrix of linear interpolation along an axis."""
    with torch.inference_mode(False):  # cached beyond this pass
        matrix = torch.zeros((after, before), dtype=torch.float64)
        for i in range(after):
            if align_corners:
                at = i * (before - 1) / (after - 1) if after > 1 else 0.0
            else:
                at = max((i + 0.5) * before / after - 0.5, 0.0)
            low = min(math.floor(at), before - 1)
            matrix[i, low] += 1 - (at - low)
            matrix[i, min(low + 1, before - 1)] += at - low
        return matrix.to(dtype=dtype, device=device)
