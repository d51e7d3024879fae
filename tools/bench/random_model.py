"""Prithvi models of any size with random weights, for measurements; their masks mean nothing."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

BANDS = ["BLUE", "GREEN", "RED", "NIR_NARROW", "SWIR_1", "SWIR_2"]
MEAN = [0.12, 0.11, 0.11, 0.22, 0.2, 0.14]
STD = [0.06, 0.06, 0.07, 0.1, 0.1, 0.09]
LAST_LAYERS = {"prithvi_eo_v2_tiny_tl": [2, 5, 8, 11], "prithvi_eo_v2_300_tl": [5, 11, 17, 23]}


def _balance(model) -> None:
    """Shift the last bias so that every class occurs: a mask of one class would equal any other such mask."""
    import torch

    with torch.inference_mode():
        logits = model.eval()(torch.randn(1, 6, 512, 512)).output
        last = [m for m in model.head.modules() if isinstance(m, torch.nn.Conv2d)][-1]
        last.weight /= logits.std()
        logits = model(torch.randn(1, 6, 512, 512)).output
        last.bias -= logits.mean(dim=(0, 2, 3))


def make_random_model(folder: Path, backbone: str, channels: int, classes: int = 2, seed: int = 0) -> Path:
    """Write card, configuration and weights; keep a model that exists.

    Args:
        folder: to create.
        backbone: TerraTorch's name of it.
        channels: of the UperNet decoder.
        classes: number of classes to predict.
        seed: of the weights.
    Returns:
        ``folder``.
    """
    if (folder / "model.json").exists():
        return folder
    import torch
    from safetensors.torch import save_file
    from terratorch.registry import MODEL_FACTORY_REGISTRY

    args = {
        "backbone": backbone,
        "backbone_pretrained": False,
        "backbone_bands": BANDS,
        "backbone_num_frames": 1,
        "backbone_img_size": 512,
        "backbone_coords_encoding": ["location"],
        "necks": [
            {"name": "SelectIndices", "indices": LAST_LAYERS[backbone]},
            {"name": "ReshapeTokensToImage"},
            {"name": "LearnedInterpolateToPyramidal"},
        ],
        "decoder": "UperNetDecoder",
        "decoder_channels": channels,
        "num_classes": classes,
        "rescale": True,
    }
    torch.manual_seed(seed)
    model = MODEL_FACTORY_REGISTRY.build("EncoderDecoderFactory").build_model(task="segmentation", **args)
    for name, buffer in model.named_buffers():
        if name.endswith("running_var"):
            buffer.fill_(1.0)
    _balance(model)
    folder.mkdir(parents=True, exist_ok=True)
    tensors = {n: t.contiguous() for n, t in model.state_dict().items() if not n.endswith("pos_embed")}
    save_file(tensors, folder / "model.safetensors")
    config = {
        "architectures": ["Terratorch"],
        "model_type": "timm_wrapper",
        "num_classes": classes,
        "pretrained_cfg": {
            "input": {
                "target": "pixel_values",
                "data": {
                    "pixel_values": {"type": "torch.Tensor", "shape": [6, 512, 512]},
                    "location_coords": {"type": "torch.Tensor", "shape": [1, 2]},
                },
            },
            "model": {
                "class_path": "terratorch.tasks.SemanticSegmentationTask",
                "init_args": {
                    "model_factory": "EncoderDecoderFactory",
                    "model_args": args,
                    "tiled_inference_parameters": {"h_crop": 512, "w_crop": 512},
                },
            },
            "data": {
                "class_path": "terratorch.datamodules.GenericNonGeoSegmentationDataModule",
                "init_args": {
                    "batch_size": 1,
                    "num_workers": 0,
                    "num_classes": classes,
                    "dataset_bands": BANDS,
                    "output_bands": BANDS,
                    "rgb_indices": [2, 1, 0],
                    "means": MEAN,
                    "stds": STD,
                    "test_transform": [{"class_path": "albumentations.pytorch.ToTensorV2"}],
                },
            },
        },
    }
    (folder / "config.json").write_text(json.dumps(config, indent=1))
    digest = hashlib.sha256((folder / "model.safetensors").read_bytes()).hexdigest()
    card = {
        "id": f"random-{backbone}",
        "title": f"Random {backbone}",
        "licence": "none",
        "bands": BANDS,
        "tile": 512,
        "stride": 448,
        "margin": 8,
        "scale": 0.0001,
        "offset": 0,
        "units": "reflectance",
        "mean": MEAN,
        "std": STD,
        "classes": [{"value": v, "name": f"class {v}", "color": f"#{v * 17 % 256:02x}80ff"} for v in range(classes)],
        "location_coords": True,
        "temporal_coords": False,
        "weights": "model.safetensors",
        "sha256": digest,
    }
    (folder / "model.json").write_text(json.dumps(card, indent=1))
    return folder
