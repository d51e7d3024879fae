"""The files of a model: configuration for vLLM, card, weights."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from ...core.system.file_checksum import sha256_of_file
from .normalization import DataFacts
from .terratorch_config import Training
from .tile_settings import TileSettings

WEIGHTS = "model.safetensors"
NO_PIXEL_SIZE = (
    "resolution_m: the training does not say the size of its pixels; write it here in metres to have scenes of other "
    "pixel sizes warned of, 0 is unknown"
)

NOT_COMPARED = (
    "bands, mean, std, scale: TerraTorch's data module could not read a made chip, so they could not be compared with "
    "its own reading"
)


def seen_resolution(data: DataFacts, tiling: TileSettings) -> tuple[float, list[str]]:
    """Return the size in metres of the pixels that the model saw, 0 where unknown, and the card's unverified facts."""
    if not data.resolution_m:
        lines = [NO_PIXEL_SIZE]
    elif tiling.shrunk is None:
        lines = []
    else:
        return round(data.resolution_m * tiling.shrunk, 2), []
    if tiling.resized:
        share = (
            "by a share that it does not state"
            if tiling.shrunk is None
            else f"to {tiling.shrunk:.3g} times the size of the data's"
        )
        lines.append(
            f"resolution_m: the training resized its pixels {share} ({tiling.resized}); write the size of the resized "
            "pixels, that of the data's pixels * chip size / resized size"
        )
    return 0.0, lines


def vllm_config(
    training: Training, args: dict[str, Any], data: DataFacts, tiling: TileSettings, location: bool, frames: int = 1
) -> dict[str, Any]:
    """Return ``config.json``. From the training's data section only numbers and band names are used."""
    shape = [len(data.bands), *([frames] if frames > 1 else []), tiling.tile, tiling.tile]
    inputs = {"pixel_values": {"type": "torch.Tensor", "shape": shape}}
    if location:
        inputs["location_coords"] = {"type": "torch.Tensor", "shape": [1, 2]}
    regression = training.kind == "regression"
    task = "PixelwiseRegressionTask" if regression else "SemanticSegmentationTask"
    module = f"GenericNonGeo{'PixelwiseRegression' if regression else 'Segmentation'}DataModule"
    count = args["num_outputs" if regression else "num_classes"]
    return {
        "architectures": ["Terratorch"],
        "model_type": "timm_wrapper",
        "num_classes": count,
        "pretrained_cfg": {
            "input": {"target": "pixel_values", "data": inputs},
            "model": {
                "class_path": f"terratorch.tasks.{task}",
                "init_args": {
                    "model_factory": _factory(training),
                    "model_args": args,
                    "tiled_inference_parameters": {
                        "h_crop": tiling.tile,
                        "h_stride": tiling.stride,
                        "w_crop": tiling.tile,
                        "w_stride": tiling.stride,
                        "average_patches": True,
                        "delta": tiling.margin,
                        "blend_overlaps": True,
                        "padding": "reflect",
                    },
                },
            },
            "data": {
                "class_path": f"terratorch.datamodules.{module}",
                "init_args": {
                    "batch_size": 1,
                    "num_workers": 0,
                    **({} if regression else {"num_classes": count}),
                    "dataset_bands": list(data.bands),
                    "output_bands": list(data.bands),
                    "rgb_indices": [0, 0, 0] if len(data.bands) < 3 else [2, 1, 0],
                    "constant_scale": 1.0,
                    "no_data_replace": 0.0,
                    "no_label_replace": -1,
                    "means": list(data.mean),
                    "stds": list(data.std),
                    "test_transform": [{"class_path": "albumentations.pytorch.ToTensorV2"}],
                },
            },
        },
    }


def _factory(training: Training) -> Any:
    """Return the current name of the training's factory; an unknown one is kept, and the allow-list refuses it."""
    named = training.task.get("model_factory")
    return "EncoderDecoderFactory" if named == "PrithviModelFactory" else named


def model_card(
    model_id: str,
    training: Training,
    data: DataFacts,
    tiling: TileSettings,
    predicts: dict[str, Any],
    coords: tuple[bool, bool],
    frames: int,
    checkpoint: Path,
    weights: Path,
) -> dict[str, Any]:
    """Return ``model.json``; ``predicts``: keys from :func:`.describe_prediction`."""
    digest = sha256_of_file(weights)
    resolution_m, unverified = seen_resolution(data, tiling)
    return {
        "id": model_id,
        "title": model_id,
        "description": f"Imported from {training.name} and {checkpoint.name}, trained in TerraTorch.",
        "licence": "not stated",
        "citation": "",
        "bands": list(data.bands),
        "frames": frames,
        "tile": tiling.tile,
        "stride": tiling.stride,
        "margin": tiling.margin,
        "scale": data.scale,
        "offset": data.offset,
        "units": data.units,
        "mean": list(data.mean),
        "std": list(data.std),
        **predicts,
        "location_coords": coords[0],
        "temporal_coords": coords[1],
        "weights": WEIGHTS,
        "sha256": " ".join(digest[i : i + 8] for i in range(0, 64, 8)),
        "resolution_m": resolution_m,
        "unverified": unverified,
    }


def write_json(path: Path, body: dict[str, Any]) -> None:
    """Write indented JSON, since people edit cards."""
    path.write_text(json.dumps(body, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
