"""Small trainings as TerraTorch leaves them: a LightningCLI YAML and a checkpoint, with random weights."""

from __future__ import annotations

import copy
from pathlib import Path

import torch
import yaml

BANDS = ["BLUE", "GREEN", "RED", "NIR_NARROW", "SWIR_1", "SWIR_2"]
PYRAMID = [
    {"name": "SelectIndices", "indices": [0, 1, 2, 3]},
    {"name": "ReshapeTokensToImage"},
    {"name": "LearnedInterpolateToPyramidal"},
]
LAST = [{"name": "SelectIndices", "indices": [3]}, {"name": "ReshapeTokensToImage"}]
DECODERS = {
    "UperNetDecoder": {"decoder_channels": 16, "necks": PYRAMID},
    "UNetDecoder": {"decoder_channels": [32, 16, 16, 8], "necks": PYRAMID},
    "FCNDecoder": {"decoder_channels": 16, "decoder_num_convs": 2, "necks": LAST},
    "LinearDecoder": {"decoder_upsampling_size": 16, "necks": LAST},
    "IdentityDecoder": {"necks": LAST},
    "MLPDecoder": {"necks": LAST, "decoder_activation": "GELU"},
    "smp_FPN": {"necks": PYRAMID},
    "DeepLabV3Plus": {"necks": PYRAMID},
}


def arguments(decoder="UperNetDecoder", backbone="prithvi_eo_tiny", classes=3, **more):
    """``model_args`` of a small model."""
    return {
        "backbone": backbone,
        "backbone_pretrained": True,
        "backbone_bands": list(BANDS),
        "backbone_img_size": 64,
        "decoder": decoder,
        "num_classes": classes,
        **copy.deepcopy(DECODERS[decoder]),
        **more,
    }


def terramind(**more):
    """``model_args`` of the smallest TerraMind on six bands of Sentinel-2 L2A."""
    necks = [{"name": "SelectIndices", "indices": [2, 5, 8, 11]}, {**PYRAMID[1], "remove_cls_token": False}, PYRAMID[2]]
    return {
        "backbone": "terramind_v1_tiny",
        "backbone_pretrained": True,
        "backbone_modalities": ["S2L2A"],
        "backbone_bands": {"S2L2A": list(BANDS)},
        "necks": necks,
        "decoder": "UNetDecoder",
        "decoder_channels": [32, 16, 16, 8],
        "num_classes": 3,
        **more,
    }


def several_dates(decoder="UperNetDecoder", frames=3, **more):
    """``model_args`` of a small model of several dates."""
    args = arguments(decoder, backbone_num_frames=frames, **more)
    for neck in args["necks"]:
        if neck["name"] == "ReshapeTokensToImage":
            neck["effective_time_dim"] = frames
    return args


def configuration(model_args, factory="EncoderDecoderFactory", **data):
    """What LightningCLI writes, with the sections that the import must not care for."""
    return {
        "seed_everything": 42,
        "trainer": {"callbacks": [{"class_path": "lightning.pytorch.callbacks.EarlyStopping", "init_args": {}}]},
        "model": {
            "class_path": "terratorch.tasks.SemanticSegmentationTask",
            "init_args": {
                "model_factory": factory,
                "model_args": model_args,
                "loss": "ce",
                "tiled_inference_parameters": {"h_crop": 64, "h_stride": 48, "w_crop": 64, "w_stride": 48, "delta": 4},
            },
        },
        "data": {
            "class_path": "terratorch.datamodules.GenericNonGeoSegmentationDataModule",
            "init_args": {
                "batch_size": 4,
                "num_workers": 0,
                "num_classes": model_args.get("num_classes"),
                "constant_scale": "1e-4",
                "dataset_bands": [*BANDS[:3], "NIR_BROAD", *BANDS[3:]],
                "output_bands": list(BANDS),
                "means": [0.11, 0.12, 0.13, 0.24, 0.21, 0.15],
                "stds": [0.05, 0.06, 0.07, 0.1, 0.11, 0.09],
                "train_transform": [{"class_path": "albumentations.RandomFog"}],
                "test_transform": [{"class_path": "albumentations.pytorch.ToTensorV2"}],
                **data,
            },
        },
        "optimizer": {"class_path": "torch.optim.AdamW", "init_args": {"lr": 1e-4}},
    }


def random_model(config, seed=1):
    """TerraTorch's own model for a configuration, with classes that all occur."""
    from terratorch.registry import MODEL_FACTORY_REGISTRY

    init = copy.deepcopy(config["model"]["init_args"])
    args = {k: v for k, v in init["model_args"].items() if k not in ("backbone_pretrained", "pretrained")}
    linear = args["decoder"] == "LinearDecoder"
    if linear:
        args.setdefault("decoder_num_classes", args["num_classes"])
    off = {"pretrained" if init["model_factory"] == "PrithviModelFactory" else "backbone_pretrained": False}
    torch.manual_seed(seed)
    model = MODEL_FACTORY_REGISTRY.build(init["model_factory"]).build_model(task="segmentation", **args, **off).eval()
    if linear and "decoder_num_classes" not in init["model_args"]:
        model.head = torch.nn.Identity()  # as TerraTorch versions do that know that the decoder makes the classes
    with torch.inference_mode():
        for module in (model.head, model.decoder):
            found = [m for m in module.modules() if isinstance(m, (torch.nn.Conv2d, torch.nn.ConvTranspose2d))]
            if found:
                last = found[-1]
                break
        frames = args.get("backbone_num_frames", args.get("num_frames", 1))
        frames = args.get("backbone_temporal_n_timestamps", frames)
        dates = (frames,) if frames > 1 else ()
        logits = model(torch.randn(2, len(BANDS), *dates, 64, 64)).output
        last.weight /= logits.std()
        last.bias /= logits.std()
        last.bias -= (logits / logits.std()).mean(dim=(0, 2, 3))
    return model


def write(folder: Path, config, model, *, name="last.ckpt", prefix="model.", old=False):
    """The two files; returns their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    yaml_path, checkpoint = folder / "config.yaml", folder / name
    yaml_path.write_text(yaml.safe_dump(config, sort_keys=False))
    rename = (lambda n: n.replace("encoder.", "encoder._timm_module.", 1)) if old else (lambda n: n)
    state = {prefix + rename(n): t.clone() for n, t in model.state_dict().items()}
    if name.endswith(".safetensors"):
        from safetensors.torch import save_file

        save_file({n: t.contiguous() for n, t in state.items()}, checkpoint)
    else:
        state["criterion.weight"] = torch.ones(3)
        if not prefix:
            del state["criterion.weight"]
        torch.save({"epoch": 3, "state_dict": state, "hyper_parameters": {"lr": 1e-4}}, checkpoint)
    return yaml_path, checkpoint
