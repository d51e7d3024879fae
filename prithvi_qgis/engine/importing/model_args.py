"""The arguments of TerraTorch's model factory, for today's TerraTorch and without what only training needs."""

from __future__ import annotations

import dataclasses
import json
from typing import Any, Optional

from ...core.errors import PrithviError
from ...core.models.model_card import MOST_DATES
from ..model.allowlist import TERRAMIND
from .errors import model_error
from .terratorch_config import Training, whole

# Pretrained weights that training began with. The checkpoint has every weight, so they are not loaded again.
_PRETRAINING = (
    "pretrained",
    "backbone_pretrained",
    "backbone_pretrained_cfg",
    "backbone_pretrained_cfg_overlay",
    "backbone_checkpoint_path",
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
# Without effect on a prediction: the data module gives the bands their order, and dropout is for training.
_FREE = frozenset({"backbone_bands", "backbone_img_size", "backbone_drop_path", "head_dropout"})
_OWN_PREFIX = "terratorch_"  # of the parts in TerraTorch's own registry; it may be left out
_WRAPPED = "backbone_use_temporal"  # TemporalWrapper runs the backbone on each date alone and pools its features
# Modalities of TerraMind that are images in reflectance, by words in their names.
_OPTICAL = ("s2l1c", "s2l2a", "sen2l1c", "sen2l2a")
# Bands of TerraMind's S2L1C in its order; S2L2A has all but CIRRUS.
_S2L1C = (
    *("COASTAL_AEROSOL", "BLUE", "GREEN", "RED", "RED_EDGE_1", "RED_EDGE_2", "RED_EDGE_3", "NIR_BROAD", "NIR_NARROW"),
    *("WATER_VAPOR", "CIRRUS", "SWIR_1", "SWIR_2"),
)


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
        if isinstance(args.get(group), str):
            args[group] = args[group].removeprefix(_OWN_PREFIX)
    args["backbone"] = _OLD_BACKBONES.get(str(args.get("backbone")), args.get("backbone"))
    for key in [k for k in _PRETRAINING if k in args]:
        del args[key]
    args["backbone_pretrained"] = False
    if is_terramind(args):
        _one_modality(training, args)
    else:
        args.pop("backbone_in_chans", None)  # follows from the bands
        if isinstance(args.get("backbone_bands"), list):
            args["backbone_bands"] = [plain_name(band) for band in args["backbone_bands"]]
    if not args.get(_WRAPPED):
        args = {k: v for k, v in args.items() if k != _WRAPPED and not k.startswith("backbone_temporal_")}
    frames = date_count(training, args)
    if frames > MOST_DATES:
        raise model_error(
            f"{training.name} describes a model of {frames} dates (backbone_num_frames).",
            f"Models of up to {MOST_DATES} dates run here.",
        )
    if args.get("backbone_vit_adapter"):
        raise model_error(
            f"{training.name} adds a ViT-Adapter to the backbone (backbone_vit_adapter), which needs an extension of "
            "PyTorch that is compiled where it runs.",
            "Train without backbone_vit_adapter to run the model here.",
        )
    if args.get("peft_config"):
        raise model_error(
            f"{training.name} adds adapters to the backbone (peft_config), which cannot be made here.",
            "Merge them into the backbone (merge_and_unload), save the checkpoint, and remove peft_config.",
        )
    args.pop("peft_config", None)
    return args


def compare_args(training: Training, args: dict[str, Any], task: dict[str, Any], checkpoint: str) -> None:
    """Refuse arguments that are not those which Lightning saved with the weights.

    Many, such as the indices of a neck, change the model and none of its weights' shapes.

    Raises:
        PrithviError: ``model_invalid`` naming the first that differs.
    """
    if not isinstance(task.get("model_args"), dict):
        return
    try:
        saved = inference_args(dataclasses.replace(training, task={**training.task, **task}))
    except PrithviError:
        return  # adapters that were merged since, for example
    for key in sorted(set(args) & set(saved) - _FREE):
        if _plain(args[key]) != _plain(saved[key]):
            raise model_error(
                f"{key} in {training.name} is {str(args[key])[:80]}; {checkpoint} was trained with "
                f"{str(saved[key])[:80]}.",
                "Configuration and weights must come from the same training.",
            )


def _plain(value: Any) -> Any:
    return json.loads(json.dumps(value, default=str))  # tuples become lists


def is_terramind(args: dict[str, Any]) -> bool:
    """Whether the backbone is TerraMind, whose bands belong to modalities."""
    return isinstance(args.get("backbone"), str) and args["backbone"] in TERRAMIND


def plain_name(band: Any) -> Any:
    """Return ``HLSBands.RED`` as ``RED``; anything that is not text stays as it is."""
    return band.rpartition(".")[2] if isinstance(band, str) else band


def model_bands(args: dict[str, Any]) -> Any:
    """Return the bands that the backbone is configured for, in its order; None where nothing names them."""
    bands = args.get("backbone_bands")
    if not is_terramind(args):
        return bands
    if isinstance(bands, dict):
        return next(iter(bands.values()))
    name = args["backbone_modalities"][0]
    if isinstance(name, dict):
        return None  # a new modality: its number of bands alone is known
    return [band for band in _S2L1C if band != "CIRRUS" or "l1c" in name.lower()]


def _one_modality(training: Training, args: dict[str, Any]) -> None:
    """Check that TerraMind takes one optical modality.

    Raises:
        PrithviError: ``model_invalid`` naming the modalities.
    """
    found = args.get("backbone_modalities")
    found = [{k: v} for k, v in found.items()] if isinstance(found, dict) else found
    if not isinstance(found, list) or not found:
        raise model_error(
            f"{training.name} names no modality for {args['backbone']} (backbone_modalities).",
            "Write [S2L2A], [S2L1C] or one of your own, such as [{HLS: 6}], as in the training.",
        )
    names = [str(next(iter(m))) if isinstance(m, dict) and len(m) == 1 else str(m) for m in found]
    own = isinstance(found[0], dict) and len(found[0]) == 1 and type(next(iter(found[0].values()))) is int
    tokens = names[0].startswith("tok_")
    if len(found) > 1 or tokens or not (own or any(word in names[0].lower() for word in _OPTICAL)):
        raise model_error(
            f"{training.name} gives {args['backbone']} the modalities {', '.join(names)[:80]}.",
            "A model of one optical modality, S2L2A, S2L1C or one of your own in reflectance, can be imported.",
        )
    args["backbone_modalities"] = found
    bands = args.get("backbone_bands")
    if isinstance(bands, dict):
        if set(bands) != {names[0]} or not isinstance(bands[names[0]], list):
            raise model_error(
                f"backbone_bands of {training.name} are of {', '.join(map(str, bands))[:80]}, not of {names[0]}.",
                "Name the bands of the one modality.",
            )
        args["backbone_bands"] = {names[0]: [plain_name(band) for band in bands[names[0]]]}
    elif bands is not None:
        raise model_error(
            f"backbone_bands of {training.name} is no list of bands a modality.", f"Write {{{names[0]}: [BLUE, ...]}}."
        )


def _flatten(args: dict[str, Any], group: str, where: str) -> None:
    """Replace ``backbone_kwargs: {x: 1}`` by its synonym ``backbone_x: 1``, so that checks need one notation."""
    inner = args.pop(f"{group}_kwargs", None) or {}
    if not isinstance(inner, dict):
        raise model_error(f"{group}_kwargs in {where} is no list of named values.", "Correct it.")
    args.update({f"{group}_{k}": v for k, v in inner.items()})


def date_count(training: Training, args: dict[str, Any]) -> int:
    """Return the model's number of dates; TerraTorch's default is one.

    Raises:
        PrithviError: ``model_invalid`` for a number that is not known or cannot be.
    """
    inner = whole(args.get("backbone_num_frames") or 1, "backbone_num_frames", training.name)
    if not args.get(_WRAPPED):
        return inner
    frames = _wrapped_dates(training, args)
    if frames is None:
        raise model_error(
            f"{training.name} pools the features of several dates ({_WRAPPED}), and nothing in it says of how many.",
            "Write the number into model_args as backbone_temporal_n_timestamps.",
        )
    if inner != 1 or frames == 1:
        raise model_error(
            f"{training.name} pools the features of {frames} date(s) ({_WRAPPED}) of a backbone of {inner} "
            "(backbone_num_frames); several dates of a backbone of one can be.",
            f"Correct one of the two, or remove {_WRAPPED}.",
        )
    if args.get("backbone_temporal_pooling") == "keep":
        raise model_error(
            f"{training.name} keeps the features of each date apart (backbone_temporal_pooling: keep), which no "
            "decoder here takes.",
            "Pool them by mean, max, diff or concat.",
        )
    return frames


def _wrapped_dates(training: Training, args: dict[str, Any]) -> Optional[int]:
    """Return the number of dates that TemporalWrapper pools; None where the configuration leaves it open."""
    given = args.get("backbone_temporal_n_timestamps")
    if given:
        return whole(given, "backbone_temporal_n_timestamps", training.name)
    parts = args.get("backbone_temporal_subset_lengths")
    if isinstance(parts, list):
        return sum(whole(part, "backbone_temporal_subset_lengths", training.name) for part in parts)
    if args.get("backbone_temporal_pooling") == "diff":
        return 2
    return 3 if training.data_class == "MultiTemporalCropClassificationDataModule" else None


def coordinates(training: Training, args: dict[str, Any]) -> tuple[bool, bool]:
    """Return whether the model was trained with (places, dates).

    The published ``_tl`` backbones accept both. Training passed them only where the data module has ``use_metadata``
    set; without that key, a list in ``backbone_coords_encoding`` decides. TemporalWrapper passes none on.
    """
    named = args.get("backbone_coords_encoding")
    able = named if isinstance(named, list) else ["time", "location"] if str(args["backbone"]).endswith("_tl") else []
    given = bool(training.data.get("use_metadata", isinstance(named, list))) and not args.get(_WRAPPED)
    return given and "location" in able, given and "time" in able
