"""Tile size and overlap of an imported model."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Optional

from .errors import model_error
from .terratorch_config import TRANSFORMS, Training, whole

_DEFAULT = 224  # what Prithvi and TerraMind were trained on
_LARGEST = 4096
_CROPS = ("RandomCrop", "CenterCrop")
_RESIZES = ("Resize", "LongestMaxSize", "SmallestMaxSize")  # the same for square chips
_RANDOM = ("RandomResizedCrop", "RandomSizedCrop")  # resize each chip by another share
_NESTED = ("Compose", "Sequential")


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
    shrunk: Optional[float] = 1.0
    """Size of the pixels that the model saw, in pixels of the training data; None where a Resize hides it."""
    resized: str = ""
    """How the training resized its chips, in words; empty where it did not."""


def plan_tiling(training: Training, model_args: dict[str, Any], chip: int = 0) -> TileSettings:
    """Return the training's tiled-inference parameters, else the tile size that the model was trained on.

    Args:
        training: its configuration.
        model_args: of the model factory.
        chip: side in pixels of the training data's chips; 0 where unknown.
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
    return TileSettings(side, stride, margin, source, *_resized(training, chip))


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
    return _DEFAULT, "the backbones' own size"


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
    sizes = _sizes(transforms, where)
    return sizes[-1][1] if sizes else None


def _sizes(transforms: Any, where: str) -> list[tuple[str, int]]:
    """Return (name, side) of the transforms that change the size, in their order."""
    found: list[tuple[str, int]] = []
    for transform in transforms if isinstance(transforms, list) else []:
        name = str(transform.get("class_path", "")).rpartition(".")[2] if isinstance(transform, dict) else ""
        init = transform.get("init_args") if name in (*_CROPS, *_RESIZES, *_RANDOM, *_NESTED) else None
        if not isinstance(init, dict):
            continue
        if name in _NESTED:
            found += _sizes(init.get("transforms"), where)
            continue
        size = init.get("size") or init.get("max_size") or [init.get("height"), init.get("width")]
        if size != [None, None]:
            found.append((name, _square(size, name, where)))
    return found


def _resized(training: Training, chip: int) -> tuple[Optional[float], str]:
    """Return how large the model's pixels were in pixels of the training data, and the step that made them so.

    The training transforms decide, as the weights come from them; without any, those of validation, test or prediction.
    """
    found = [(_shrunk(training, key, chip), key) for key in TRANSFORMS if training.data.get(key)]
    if not found:
        return 1.0, ""
    (shrunk, words), _ = found[0]
    others = [f"{text}, not in {found[0][1]}" for (_, text), _ in found[1:] if text]
    return shrunk, words or (others[0] if others else "")


def _shrunk(training: Training, key: str, chip: int) -> tuple[Optional[float], str]:
    """Return the same for one list of transforms."""
    side, shrunk, words = float(chip), 1.0, ""
    for name, size in _sizes(training.data.get(key), training.name):
        if name not in _CROPS and side != size:
            words = f"{name} to {size} pixels in {key}"
            shrunk *= 0 if name in _RANDOM else side / size  # 0: not known
        side = size
    return shrunk or None, words


def _square(size: Any, what: str, where: str) -> int:
    sides = {whole(v, what, where) for v in (size if isinstance(size, list) else [size])}
    if len(sides) != 1:
        raise model_error(f"{what} in {where} is {size}, which is no square.", "Only squares run here.")
    return sides.pop()
