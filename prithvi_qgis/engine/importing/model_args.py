"""The arguments of TerraTorch's model factory, for today's TerraTorch and without what only training needs."""

from __future__ import annotations

from typing import Any

from ...core.models.model_card import MOST_DATES
from .errors import model_error
from .terratorch_config import Training, whole

# Pretrained weights that training began with. The checkpoint has every weight, so they are not loaded again.
_PRETRAINING = (
    "pretrained",
    "backbone_pretrained",
    "backbone_pretrained_cfg_overlay",
    "backbone_ckpt_path",
    "backbone_pretrained_bands",
)
# They add to the loss alone; the prediction is the same without them.
_AUXILIARY = ("aux_decoders",)
# PrithviModelFactory is deprecated: it passes these on to EncoderDecoderFactory under the right-hand names.
_OLD_FACTORY = {"bands": "backbone_bands", "num_frames": "backbone_num_frames", "in_channels": "backbone_in_chans"}
_OLD_BACKBONES = {
    "prithvi_vit_tiny": "prithvi_eo_tiny",
    "prithvi_vit_100": "prithvi_eo_v1_100",
    "prithvi_vit_300": "prithvi_eo_v2_300",
}


def inference_args(training: Training) -> dict[str, Any]:
    """Return ``model_args`` for EncoderDecoderFactory.

    Raises:
        PrithviError: ``model_invalid`` for models with parts that cannot be built here.
    """
    args = {k: v for k, v in training.task["model_args"].items() if k not in (*_PRETRAINING, *_AUXILIARY)}
    if training.task.get("model_factory") == "PrithviModelFactory":
        args = {_OLD_FACTORY.get(k, k): v for k, v in args.items()}
        args.pop("necks", None)
    for group in ("backbone", "decoder", "head"):
        _flatten(args, group, training.name)
    args["backbone"] = _OLD_BACKBONES.get(str(args.get("backbone")), args.get("backbone"))
    args.pop("backbone_in_chans", None)  # follows from the bands
    for key in [k for k in _PRETRAINING if k in args]:
        del args[key]
    args["backbone_pretrained"] = False
    frames = date_count(training, args)
    if frames > MOST_DATES:
        raise model_error(
            f"{training.name} describes a model of {frames} dates (backbone_num_frames).",
            f"Models of up to {MOST_DATES} dates run here.",
        )
    if args.get("peft_config"):
        raise model_error(
            f"{training.name} adds adapters to the backbone (peft_config), which cannot be made here.",
            "Merge them into the backbone (merge_and_unload), save the checkpoint, and remove peft_config.",
        )
    args.pop("peft_config", None)
    return args


def _flatten(args: dict[str, Any], group: str, where: str) -> None:
    """Replace ``backbone_kwargs: {x: 1}`` by its synonym ``backbone_x: 1``, so that checks need one notation."""
    inner = args.pop(f"{group}_kwargs", None) or {}
    if not isinstance(inner, dict):
        raise model_error(f"{group}_kwargs in {where} is no list of named values.", "Correct it.")
    args.update({f"{group}_{k}": v for k, v in inner.items()})


def date_count(training: Training, args: dict[str, Any]) -> int:
    """Return the model's number of dates; TerraTorch's default is one."""
    return whole(args.get("backbone_num_frames") or 1, "backbone_num_frames", training.name)


def coordinates(training: Training, args: dict[str, Any]) -> tuple[bool, bool]:
    """Return whether the model was trained with (places, dates).

    The published ``_tl`` backbones accept both. Training passed them only where the data module has ``use_metadata``
    set; without that key, a list in ``backbone_coords_encoding`` decides.
    """
    named = args.get("backbone_coords_encoding")
    able = named if isinstance(named, list) else ["time", "location"] if str(args["backbone"]).endswith("_tl") else []
    given = bool(training.data.get("use_metadata", isinstance(named, list)))
    return given and "location" in able, given and "time" in able
