"""A checkpoint's weights are found under the names that trainers, wrappers and averages give them."""

from __future__ import annotations

import pytest
import torch

from prithvi_qgis.core.errors import PrithviError
from prithvi_qgis.engine.importing.checkpoint import read_checkpoint
from prithvi_qgis.engine.importing.model_args import compare_args, inference_args
from prithvi_qgis.engine.importing.terratorch_config import Training
from prithvi_qgis.engine.model.weights import modern_name
from support import trainings

NAMES = ("encoder.blocks.0.weight", "neck.2.fpn1.0.weight", "decoder.psp_modules.0.1.weight", "head.head.2.bias")


def weights(prefix="", value=1.0):
    return {f"{prefix}{name}": torch.full((1,), value) for name in NAMES}


def read(tmp_path, content, name="x.ckpt"):
    path = tmp_path / name
    torch.save(content, path)
    return read_checkpoint(path)[:2]


@pytest.mark.parametrize(
    "prefix",
    [
        "",
        "model.",
        "model._orig_mod.",
        "_orig_mod.model.",
        "_orig_mod.",
        "module.",
        "module.model.",
        "model.module.",
        "module._orig_mod.model.",
        "_forward_module.model.",
        "_fsdp_wrapped_module.model._fsdp_wrapped_module.",
        "model._checkpoint_wrapped_module.",
        "net.",
        "model.model.",
    ],
)
@pytest.mark.parametrize("place", ["state_dict", "model_state_dict", "model", "module", None])
def test_the_weights_are_found_under_each_prefix(prefix, place, tmp_path):
    state = weights(prefix)
    found, notes = read(tmp_path, {place: state, "epoch": 3} if place else state)
    assert set(found) == set(NAMES) and notes == []


def test_a_wrapper_inside_the_model_is_removed(tmp_path):
    state = {"model.encoder._orig_mod.blocks.0._checkpoint_wrapped_module.weight": torch.ones(1)}
    assert set(read(tmp_path, {"state_dict": state})[0]) == {"encoder.blocks.0.weight"}
    assert modern_name("_orig_mod.model.encoder._timm_module.x") == "encoder.x"


@pytest.mark.parametrize("prefix", ["ema_model.module.", "ema.", "model_ema.", "averaged_model.module.", "swa_model."])
def test_of_plain_and_averaged_weights_the_plain_ones_are_taken_and_it_is_said(prefix, tmp_path):
    state = {**weights(prefix, 2.0), f"{prefix.split('.')[0]}.n_averaged": torch.ones(()), **weights("model.")}
    found, notes = read(tmp_path, {"state_dict": state})
    assert set(found) == set(NAMES) and all(value == 1 for value in found.values())
    assert "averaged weights too" in notes[0] and "model" in notes[0]


def test_averaged_weights_alone_are_taken_and_it_is_said(tmp_path):
    found, notes = read(
        tmp_path, {"state_dict": {**weights("ema_model.module."), "ema_model.n_averaged": torch.ones(())}}
    )
    assert set(found) == set(NAMES) and "averaged ones" in notes[0]
    found, notes = read(
        tmp_path, {"n_averaged": torch.ones(()), **weights("module.")}
    )  # AveragedModel's own state_dict
    assert set(found) == set(NAMES)
    found, notes = read(tmp_path, {"state_dict_ema": weights()})
    assert set(found) == set(NAMES) and "state_dict_ema" in notes[0]


def test_a_second_state_dict_of_averages_is_said(tmp_path):
    found, notes = read(tmp_path, {"state_dict": weights(), "state_dict_ema": weights(value=2.0)})
    assert found[NAMES[0]] == 1 and "state_dict_ema" in notes[0]
    both = {"state_dict": weights("model.", 2.0), "current_model_state": weights("model."), "averaging_state": {}}
    found, notes = read(tmp_path, both)  # Lightning's WeightAveraging
    assert found[NAMES[0]] == 2 and "current_model_state" in notes[0]


def test_a_semantic_model_is_no_moving_average(tmp_path):
    assert read(tmp_path, {"state_dict": weights("semantic_model.")})[1] == []


def test_losses_metrics_and_auxiliary_heads_are_dropped_and_the_rest_is_kept_to_be_reported(tmp_path):
    more = {"criterion.weight": 1, "model.aux_heads.aux.0.weight": 1, "model.brand.new": 1}
    state = weights("model.") | {"train_metrics.x": torch.ones(1)} | {name: torch.ones(1) for name in more}
    assert set(read(tmp_path, {"state_dict": state})[0]) == {*NAMES, "brand.new"}


@pytest.mark.parametrize(
    "name", ["encoder.base_model.model.blocks.0.weight", "encoder.blocks.0.qkv.lora_A.default.weight"]
)
def test_adapters_are_refused_by_name(name, tmp_path):
    with pytest.raises(PrithviError, match="adapters") as e:
        read(tmp_path, {"state_dict": {**weights("model."), f"model.{name}": torch.ones(1)}})
    assert name in e.value.line


def test_the_weights_of_several_models_are_refused(tmp_path):
    with pytest.raises(PrithviError, match="several models: left, right"):
        read(tmp_path, {"state_dict": {**weights("left."), **weights("right.")}})


def test_safetensors_may_have_the_prefixes_too(tmp_path):
    from safetensors.torch import save_file

    save_file(weights("model._orig_mod."), tmp_path / "x.safetensors")
    assert set(read_checkpoint(tmp_path / "x.safetensors")[0]) == set(NAMES)


def test_arguments_that_are_not_those_of_the_weights_are_refused_by_name(tmp_path):
    training = Training("config.yaml", {"model_args": trainings.arguments()}, "X", {})
    args = inference_args(training)
    torch.save(
        {"state_dict": weights(), "hyper_parameters": {"model_args": trainings.arguments()}}, tmp_path / "x.ckpt"
    )
    saved = read_checkpoint(tmp_path / "x.ckpt").task
    compare_args(training, args, saved, "x.ckpt")
    args["necks"][0]["indices"] = [1, 1, 2, 3]  # the weights have the same shapes
    with pytest.raises(PrithviError, match="necks in config.yaml"):
        compare_args(training, args, saved, "x.ckpt")
    compare_args(training, args, {"lr": 1e-4}, "x.ckpt")
