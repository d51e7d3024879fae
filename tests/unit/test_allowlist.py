"""No code runs from a model folder."""

from __future__ import annotations

import copy
import json
from pathlib import Path

import pytest

from prithvi_qgis.core.errors import ErrorCode, PrithviError
from prithvi_qgis.engine.model.allowlist import check_config

DEMO = json.loads((Path(__file__).parents[2] / "resources/models/demo-water/config.json").read_text())


def test_the_demo_models_configuration_is_allowed():
    check_config(DEMO, "demo")


def changed(*path, value):
    config = copy.deepcopy(DEMO)
    part = config
    for step in path[:-1]:
        part = part[step]
    part[path[-1]] = value
    return config


ARGS = ("pretrained_cfg", "model", "init_args", "model_args")
DATA = ("pretrained_cfg", "data", "init_args")


@pytest.mark.parametrize(
    "config",
    [
        changed(*DATA, "test_transform", value=[{"class_path": "os.system", "init_args": {"command": "true"}}]),
        changed(*DATA, "test_transform", value=[{"class_path": "albumentations.pytorch.ToTensorV2 "}]),
        changed("pretrained_cfg", "data", "class_path", value="subprocess.Popen"),
        changed("pretrained_cfg", "model", "class_path", value="builtins.eval"),
        changed("pretrained_cfg", "model", "init_args", "model_factory", value="FullModelFactory"),
        changed(*ARGS, "backbone", value="timm_resnet50"),
        changed(*ARGS, "backbone", value=["prithvi_eo_v2_300"]),
        changed(*ARGS, "decoder", value="smp_DPT"),
        changed(*ARGS, "necks", value=[{"name": "EvilNeck"}]),
        changed(*ARGS, "aux_decoders", value=[{"decoder": "Evil"}]),
        changed("pretrained_cfg", "custom_modules_path", value="/tmp/evil"),
        changed(*ARGS, "head_final_act", value="os.getcwd"),
        changed(*ARGS, "head_kwargs", value={"final_act": "os.getcwd"}),
        changed(*ARGS, "head_final_act", value=["torch.nn.ReLU"]),
        changed("auto_map", value={"AutoConfig": "evil.Config"}),
        changed(*ARGS, "backbone_ckpt_path", value="/tmp/evil.pt"),
        changed("architectures", value=["LlamaForCausalLM"]),
        changed(*ARGS, "backbone_checkpoint_path", value="/tmp/evil.pt"),
        changed(*ARGS, "backbone_kwargs", value={"checkpoint_path": "/tmp/evil.pt"}),
        changed(*ARGS, "decoder_encoder_weights", value="imagenet"),
        changed(*ARGS, "decoder_kwargs", value={"encoder_name": "resnet18"}),
        changed(*ARGS, "decoder_activation", value="Module"),
        changed(*ARGS, "backbone", value="terramind_v1_base_tim"),
        changed("pretrained_cfg", "data", "class_path", value="terratorch.datamodules.evil.FireScarsNonGeoDataModule"),
    ],
)
def test_a_configuration_that_names_other_code_is_refused(config):
    with pytest.raises(PrithviError) as e:
        check_config(config, "hostile")
    assert e.value.code is ErrorCode.MODEL_FORBIDDEN


@pytest.mark.parametrize("missing", ["pretrained_cfg", "architectures"])
def test_a_configuration_without_a_needed_part_is_invalid(missing):
    config = copy.deepcopy(DEMO)
    del config[missing]
    with pytest.raises(PrithviError) as e:
        check_config(config, "broken")
    assert e.value.code is ErrorCode.MODEL_INVALID
