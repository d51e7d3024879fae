"""Tile size and overlap of an imported model."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Optional

from .errors import model_error
from .terratorch_config import Training, whole

_DEFAULT = 224  # what Prithvi was trained on
_LARGEST = 4096
_SIZED = ("Resize", "RandomCrop", "CenterCrop", "RandomResizedCrop")


@dataclass(frozen=True)
class TileSettings:
    """Tiling of a model, in pixels."""

    tile: int
    """Side of a tile."""
    stride: int
    """Distance between the origins of adjacent tiles."""
    margin: int
    """Dropped at each side of a tile."""
    source: str
    """Key of the training that ``tile`` comes from."""


def plan_tiling(training: Training, model_args: dict[str, Any]) -> TileSettings:
    """Return the training's tiled-inference parameters, else the tile size that the model was trained on.

    Raises:
        PrithviError: ``model_invalid`` for sizes that are not square or do not fit each other.
    """
    tiling = training.task.get("tiled_inference_parameters")
    tiling = tiling if isinstance(tiling, dict) else {}
    side, source = _side(training, model_args, tiling)
    if side > _LARGEST:
        raise model_error(f"{source} of {training.name} is {side} pixels, more than {_LARGEST}.", "Correct it.")
    stride = _pair(tiling, "stride", training.name) or max(1, side * 7 // 8)
    margin = int(tiling["delta"]) if isinstance(tiling.get("delta"), int) else min(8, side // 16)
    if not 0 < stride <= side or not 0 <= margin < side // 2:
        raise model_error(
            f"tiled_inference_parameters of {training.name} do not fit: tile {side}, stride {stride}, delta {margin}.",
            "The stride must not exceed the tile, and delta must be less than half of it.",
        )
    return TileSettings(side, stride, margin, source)


def _side(training: Training, model_args: dict[str, Any], tiling: dict[str, Any]) -> tuple[int, str]:
    crop = _pair(tiling, "crop", training.name)
    if crop:
        return crop, "tiled_inference_parameters"
    size = model_args.get("backbone_img_size")
    if size:
        return _square(size, "backbone_img_size", training.name), "backbone_img_size"
    for key in ("test_transform", "val_transform", "train_transform"):
        side = _transform_side(training.data.get(key), training.name)
        if side:
            return side, key
    return _DEFAULT, "Prithvi's own size"


def _pair(tiling: dict[str, Any], what: str, where: str) -> Optional[int]:
    values = [tiling.get(f"{axis}_{what}") for axis in "hw"]
    given = [whole(v, f"tiled_inference_parameters ({what})", where) for v in values if v is not None]
    if not given:
        return None
    if len(set(given)) != 1:
        raise model_error(f"{where} tiles by a {what} of {given[0]} x {given[1]} pixels.", "Only squares run here.")
    return given[0]


def _transform_side(transforms: Any, where: str) -> Optional[int]:
    """Return the size after a list of transforms; None if none of them changes it."""
    side = None
    for transform in transforms if isinstance(transforms, list) else []:
        name = str(transform.get("class_path", "")).rsplit(".", 1)[-1] if isinstance(transform, dict) else ""
        if name in _SIZED:
            init = transform.get("init_args")
            init = init if isinstance(init, dict) else {}
            size = init.get("size") or [init.get("height"), init.get("width")]
            if size != [None, None]:
                side = _square(size, name, where)
    return side


def _square(size: Any, what: str, where: str) -> int:
    sides = {whole(v, what, where) for v in (size if isinstance(size, list) else [size])}
    if len(sides) != 1:
        raise model_error(f"{what} in {where} is {size}, which is no square.", "Only squares run here.")
    return sides.pop()
