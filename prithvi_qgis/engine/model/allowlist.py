"""Allow-lists of the names that a model's configuration may contain.

TerraTorch imports and calls any ``class_path`` and any factory, backbone, decoder, neck or transform that a
configuration names, so a model folder could run any code. Before anything is loaded, every name is checked against
these lists. They hold exact names, not patterns.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ...core.errors import ErrorCode, PrithviError
from ...core.models.model_card import JsonObject

CLASS_PATHS = frozenset(
    {
        "terratorch.tasks.SemanticSegmentationTask",
        "terratorch.tasks.PixelwiseRegressionTask",
        "SemanticSegmentationTask",
        "PixelwiseRegressionTask",
        "terratorch.datamodules.GenericNonGeoSegmentationDataModule",
        "terratorch.datamodules.GenericNonGeoPixelwiseRegressionDataModule",
        "terratorch.datamodules.Sen1Floods11NonGeoDataModule",
        "terratorch.datamodules.FireScarsNonGeoDataModule",
        "terratorch.datamodules.MultiTemporalCropClassificationDataModule",
        "GenericNonGeoSegmentationDataModule",
        "GenericNonGeoPixelwiseRegressionDataModule",
        "Sen1Floods11NonGeoDataModule",
        "FireScarsNonGeoDataModule",
        "MultiTemporalCropClassificationDataModule",
        "terratorch.datasets.transforms.FlattenTemporalIntoChannels",
        "terratorch.datasets.transforms.UnflattenTemporalFromChannels",
        "FlattenTemporalIntoChannels",
        "UnflattenTemporalFromChannels",
        "albumentations.pytorch.ToTensorV2",
        "albumentations.pytorch.transforms.ToTensorV2",
        "ToTensorV2",
        "albumentations.Resize",
        "albumentations.RandomCrop",
        "albumentations.CenterCrop",
        "albumentations.HorizontalFlip",
        "albumentations.VerticalFlip",
        "albumentations.D4",
    }
)
FACTORIES = frozenset({"EncoderDecoderFactory", "PrithviModelFactory"})
BACKBONES = frozenset(
    {
        f"{prefix}{name}"
        for prefix in ("", "terratorch_")
        for name in (
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
    }
)
DECODERS = frozenset({"UperNetDecoder", "UNetDecoder", "FCNDecoder", "LinearDecoder", "IdentityDecoder"})
NECKS = frozenset(
    {
        "SelectIndices",
        "ReshapeTokensToImage",
        "LearnedInterpolateToPyramidal",
        "InterpolateToPyramidal",
        "MaxpoolToPyramidal",
        "AddBottleneckLayer",
        "PermuteDims",
    }
)
# TerraTorch imports and calls the activation that a regression head names.
ACTIVATIONS = frozenset(
    f"torch.nn.{name}"
    for name in ("ELU", "GELU", "Identity", "LeakyReLU", "ReLU", "ReLU6", "Sigmoid", "SiLU", "Softplus", "Tanh")
)
# Keys that make TerraTorch or Lightning import, download or open something.
FORBIDDEN_KEYS = frozenset({"custom_modules_path", "auto_map", "peft_config", "backbone_ckpt_path", "ckpt_path"})


def may_run(class_path: object) -> bool:
    """Whether a ``class_path`` is in the list."""
    return isinstance(class_path, str) and class_path in CLASS_PATHS


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
