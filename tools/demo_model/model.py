"""The model folder of ``demo-water``: configuration for vLLM, card for the plugin, weights."""

from __future__ import annotations

import hashlib
import json
import textwrap
from pathlib import Path
from typing import Any

BANDS = ("BLUE", "GREEN", "RED", "NIR_NARROW", "SWIR_1", "SWIR_2")
TILE, STRIDE, MARGIN = 512, 448, 8
# Reflectance. Round numbers near the made scenes' own; nodata enters the model as the mean.
MEAN = (0.12, 0.11, 0.11, 0.22, 0.20, 0.14)
STD = (0.06, 0.06, 0.07, 0.10, 0.10, 0.09)
CLASSES = ({"value": 0, "name": "Land", "color": "#d9c8a0"}, {"value": 1, "name": "Water", "color": "#0072b2"})
WEIGHTS = "model.safetensors"

DESCRIPTION = (
    "A demonstration, not a product. A small Prithvi-type network that tells water from land, trained from nothing on "
    "made scenes only: no satellite image and no label drawn by a person went into it. It is here so that the plugin "
    "runs without a download and without a GPU. Expect it to miss narrow and vegetated water, and to take some dark "
    "land for water; check its masks before using them for anything that matters."
)


def model_config() -> dict[str, Any]:
    """Return ``config.json``, from which vLLM and TerraTorch build the network and its transforms."""
    init_args = {
        "model_factory": "EncoderDecoderFactory",
        "model_args": {
            "backbone": "prithvi_eo_v2_tiny_tl",
            "backbone_pretrained": False,
            "backbone_bands": list(BANDS),
            "backbone_num_frames": 1,
            "backbone_img_size": TILE,
            "backbone_coords_encoding": ["location"],
            "necks": [
                {"name": "SelectIndices", "indices": [2, 5, 8, 11]},
                {"name": "ReshapeTokensToImage"},
                {"name": "LearnedInterpolateToPyramidal"},
            ],
            "decoder": "UperNetDecoder",
            "decoder_channels": 64,
            "head_dropout": 0.1,
            "num_classes": len(CLASSES),
            "rescale": True,
        },
        "tiled_inference_parameters": {
            "h_crop": TILE,
            "h_stride": STRIDE,
            "w_crop": TILE,
            "w_stride": STRIDE,
            "average_patches": True,
            "delta": MARGIN,
            "blend_overlaps": True,
            "padding": "reflect",
        },
        "loss": "ce",
        "ignore_index": -1,
    }
    data_args = {
        "batch_size": 1,
        "num_workers": 0,
        "num_classes": len(CLASSES),
        "dataset_bands": list(BANDS),
        "output_bands": list(BANDS),
        "rgb_indices": [2, 1, 0],
        "constant_scale": 1.0,
        "no_data_replace": 0.0,
        "no_label_replace": -1,
        "means": list(MEAN),
        "stds": list(STD),
        "test_transform": [{"class_path": "albumentations.pytorch.ToTensorV2"}],
    }
    return {
        "architectures": ["Terratorch"],
        "model_type": "timm_wrapper",
        "num_classes": len(CLASSES),
        "pretrained_cfg": {
            "input": {
                "target": "pixel_values",
                "data": {
                    "pixel_values": {"type": "torch.Tensor", "shape": [len(BANDS), TILE, TILE]},
                    "location_coords": {"type": "torch.Tensor", "shape": [1, 2]},
                },
            },
            "model": {"class_path": "terratorch.tasks.SemanticSegmentationTask", "init_args": init_args},
            "data": {
                "class_path": "terratorch.datamodules.GenericNonGeoSegmentationDataModule",
                "init_args": data_args,
            },
        },
    }


def model_card(sha256: str) -> dict[str, Any]:
    """Return ``model.json``, the model card."""
    return {
        "id": "demo-water",
        "title": "Water (demonstration)",
        "description": DESCRIPTION,
        "licence": "GPL-2.0-or-later",
        "citation": (
            "Architecture: Prithvi-EO-2.0 (Szwarcman et al., 2024, arXiv:2412.02732), tiny variant, by TerraTorch. "
            "Weights: this project, trained on made scenes."
        ),
        "bands": list(BANDS),
        "frames": 1,
        "tile": TILE,
        "stride": STRIDE,
        "margin": MARGIN,
        "scale": 0.0001,
        "offset": 0.0,
        "units": "reflectance",
        "mean": list(MEAN),
        "std": list(STD),
        "resolution_m": 10.0,
        "classes": list(CLASSES),
        "location_coords": True,
        "temporal_coords": False,
        "weights": WEIGHTS,
        "sha256": " ".join(textwrap.wrap(sha256, 8)),  # scanners mistake a long one for a secret
    }


def build_network() -> Any:
    """Build the network from the configuration with TerraTorch: a ``PixelWiseModel`` with random weights."""
    from terratorch.models import EncoderDecoderFactory

    args = model_config()["pretrained_cfg"]["model"]["init_args"]["model_args"]
    return EncoderDecoderFactory().build_model(task="segmentation", **args)


def write_model(folder: Path, state: dict[str, Any]) -> Path:
    """Write configuration, weights (16 bit floats) and card to ``folder``; the card comes last."""
    import torch
    from safetensors.torch import save_file

    folder.mkdir(parents=True, exist_ok=True)
    small = {
        k: (v.detach().cpu().to(torch.float16) if v.is_floating_point() else v.detach().cpu()).contiguous()
        for k, v in state.items()
    }
    save_file(small, folder / WEIGHTS, metadata={"format": "pt"})
    (folder / WEIGHTS).chmod(0o644)
    digest = hashlib.sha256((folder / WEIGHTS).read_bytes()).hexdigest()
    (folder / "config.json").write_text(json.dumps(model_config(), indent=2) + "\n", encoding="utf-8")
    (folder / "model.json").write_text(json.dumps(model_card(digest), indent=2) + "\n", encoding="utf-8")
    return folder


def load_network(folder: Path) -> Any:
    """Load the network with the weights of ``folder`` in float32, ready to predict."""
    from safetensors.torch import load_file

    network = build_network()
    weights = load_file(folder / WEIGHTS)
    network.load_state_dict({k: v.float() if v.is_floating_point() else v for k, v in weights.items()})
    return network.eval()
