"""Allow-lists of the names that a model's configuration may contain.

TerraTorch imports and calls any ``class_path`` and any factory, backbone, decoder, neck or transform that a
configuration names, so a model folder could run any code. Before anything is loaded, every name is checked against
these lists. They hold exact names, not patterns.
"""

from __future__ import annotations

import importlib
import re
from collections.abc import Iterator, Mapping

from ...core.errors import ErrorCode, PrithviError
from ...core.models.model_card import JsonObject

# The module that exports each class that may be named.
_EXPORTS = {
    "terratorch.tasks": ("SemanticSegmentationTask", "PixelwiseRegressionTask"),
    "terratorch.datamodules": (
        "GenericNonGeoSegmentationDataModule",
        "GenericNonGeoPixelwiseRegressionDataModule",
        "GenericMultiModalDataModule",
        "Sen1Floods11NonGeoDataModule",
        "FireScarsNonGeoDataModule",
        "MultiTemporalCropClassificationDataModule",
    ),
    "terratorch.datasets.transforms": ("FlattenTemporalIntoChannels", "UnflattenTemporalFromChannels"),
    "albumentations.pytorch": ("ToTensorV2",),
    "albumentations": (
        "Resize",
        "RandomCrop",
        "CenterCrop",
        "HorizontalFlip",
        "VerticalFlip",
        "Transpose",
        "RandomRotate90",
        "D4",
    ),
}
_CANONICAL = {name: f"{module}.{name}" for module, names in _EXPORTS.items() for name in names}
CLASS_PATHS = frozenset({*_CANONICAL, *_CANONICAL.values(), "albumentations.pytorch.transforms.ToTensorV2"})
# Paths of albumentations before version 2, whose modules no longer hold these classes.
_FORMER_PATHS = frozenset(
    f"albumentations.augmentations.{module}.{name}"
    for module in ("transforms", "geometric.transforms")
    for name in ("HorizontalFlip", "VerticalFlip", "Transpose", "D4")
)
# Modules that may be imported to resolve another path of such a class.
_MODULE = re.compile(r"(terratorch\.(tasks|datamodules|datasets)|albumentations)(\.[A-Za-z][A-Za-z0-9_]*)*")
FACTORIES = frozenset({"EncoderDecoderFactory", "PrithviModelFactory"})
_PRITHVI = (
    "prithvi_eo_tiny",
    "prithvi_eo_v1_100",
    "prithvi_eo_v2_tiny_tl",
    "prithvi_eo_v2_100",
    "prithvi_eo_v2_100_tl",
    "prithvi_eo_v2_300",
    "prithvi_eo_v2_300_tl",
    "prithvi_eo_v2_600",
    "prithvi_eo_v2_600_tl",
)
_SWIN = ("prithvi_swin_B", "prithvi_swin_L")
TERRAMIND = frozenset(
    f"{prefix}{name}"
    for prefix in ("", "terratorch_")
    for name in ("terramind_v01_base", *(f"terramind_v1_{size}" for size in ("tiny", "small", "base", "large")))
)
BACKBONES = frozenset(
    {
        *(f"{prefix}{name}" for prefix in ("", "terratorch_") for name in _PRITHVI),
        *(f"{prefix}{name}" for prefix in ("", "timm_") for name in _SWIN),
        *TERRAMIND,
    }
)
_SMP = (
    "Unet",
    "UnetPlusPlus",
    "MAnet",
    "Linknet",
    "FPN",
    "PSPNet",
    "DeepLabV3",
    "DeepLabV3Plus",
    "PAN",
    "UPerNet",
    "Segformer",
)
DECODERS = frozenset(
    {
        *(
            f"{prefix}{name}"
            for prefix in ("", "terratorch_")
            for name in (
                "UperNetDecoder",
                "UNetDecoder",
                "FCNDecoder",
                "LinearDecoder",
                "IdentityDecoder",
                "MLPDecoder",
            )
        ),
        *(f"{prefix}{name}" for prefix in ("", "smp_") for name in _SMP),
    }
)
NECKS = frozenset(
    {
        "SelectIndices",
        "ReshapeTokensToImage",
        "LearnedInterpolateToPyramidal",
        "InterpolateToPyramidal",
        "MaxpoolToPyramidal",
        "AddBottleneckLayer",
        "PermuteDims",
        "FeaturePyramidNetworkNeck",
    }
)
# TerraTorch imports and calls the activation that a regression head names.
ACTIVATIONS = frozenset(
    f"torch.nn.{name}"
    for name in ("ELU", "GELU", "Identity", "LeakyReLU", "ReLU", "ReLU6", "Sigmoid", "SiLU", "Softplus", "Tanh")
)
# MLPDecoder's activation is looked up in torch.nn by this name.
_LAYERS = frozenset(name.rpartition(".")[2] for name in ACTIVATIONS)
# Keys that make TerraTorch, Lightning, timm or segmentation_models_pytorch import, download or open something.
FORBIDDEN_KEYS = frozenset(
    {
        "custom_modules_path",
        "auto_map",
        "peft_config",
        "backbone_ckpt_path",
        "ckpt_path",
        "backbone_checkpoint_path",
        "checkpoint_path",
        "backbone_pretrained_cfg",
        "backbone_pretrained_cfg_overlay",
        "decoder_encoder_name",
        "encoder_name",
        "decoder_encoder_weights",
        "encoder_weights",
    }
)


def may_run(class_path: object) -> bool:
    """Whether a ``class_path`` names one of the classes above."""
    return bool(resolve_class(class_path))


def resolve_class(class_path: object) -> str:
    """Return the canonical path of an allowed class, or "" for anything else.

    A longer path, such as ``terratorch.tasks.segmentation_tasks.SemanticSegmentationTask``, is resolved by importing
    its module. Only modules of TerraTorch's tasks and data and of albumentations are imported, only for the name of an
    allowed class, and only the very same object counts.
    """
    if not isinstance(class_path, str):
        return ""
    module, _, name = class_path.rpartition(".")
    canonical = _CANONICAL.get(name, "")
    if not canonical or class_path in CLASS_PATHS or class_path in _FORMER_PATHS:
        return canonical
    if not _MODULE.fullmatch(module):
        return ""
    try:
        found = getattr(importlib.import_module(module), name, None)
        own = getattr(importlib.import_module(canonical.rpartition(".")[0]), name)
    except Exception:  # a module that is not there, or whose optional dependencies are not
        return ""
    return canonical if found is own else ""


def check_config(config: JsonObject, where: str) -> None:
    """Refuse a vLLM ``config.json`` that names anything outside the lists.

    Args:
        config: its content.
        where: the file, for messages.
    Raises:
        PrithviError: ``model_forbidden`` with the first such name, ``model_invalid`` where a part is missing.
    """
    for key, value in _walk(config):
        if key in FORBIDDEN_KEYS and value not in (None, "", {}, []):
            raise forbidden(where, key, value)
        if key.endswith("final_act") and value is not None and str(value) not in ACTIVATIONS:
            raise forbidden(where, key, value)
        if key in ("decoder_activation", "activation") and value is not None and str(value) not in _LAYERS:
            raise forbidden(where, key, value)
        if key == "class_path" and not may_run(value):
            raise forbidden(where, key, value)
    try:
        init = config["pretrained_cfg"]["model"]["init_args"]
        args = init["model_args"]
        named = [
            ("model_factory", init["model_factory"], FACTORIES),
            ("backbone", args["backbone"], BACKBONES),
            ("decoder", args["decoder"], DECODERS),
            *(("neck", neck.get("name"), NECKS) for neck in args.get("necks") or []),
            *(("aux_decoder", aux.get("decoder"), DECODERS) for aux in args.get("aux_decoders") or []),
        ]
        architectures = config["architectures"]
    except (KeyError, TypeError, AttributeError) as e:
        raise PrithviError(
            ErrorCode.MODEL_INVALID,
            f"{where} has no {e}, which a TerraTorch model for vLLM needs.",
            "Use a configuration as TerraTorch's vLLM integration writes it.",
        ) from e
    if architectures != ["Terratorch"]:
        raise forbidden(where, "architectures", architectures)
    for kind, name, allowed in named:
        if not isinstance(name, str) or name not in allowed:
            raise forbidden(where, kind, name)


def _walk(value: object) -> Iterator[tuple[str, object]]:
    """Yield every key and value of nested dicts and lists."""
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield str(key), inner
            yield from _walk(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _walk(inner)


def forbidden(where: str, key: str, value: object) -> PrithviError:
    """Return the error for a name outside the lists."""
    return PrithviError(
        ErrorCode.MODEL_FORBIDDEN,
        f"{where} names {key} {str(value)[:80]!r}, which is not among the parts of TerraTorch that may run here.",
        "Only load models from people you trust; this part would run as your user.",
    )
