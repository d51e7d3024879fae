"""Models are checked before anything of them is loaded."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pytest

from prithvi_qgis.core.errors import ErrorCode, PrithviError
from prithvi_qgis.core.models.model_card import read_card
from prithvi_qgis.engine.model.model_folder import prepare_model


def test_the_folder_that_vllm_sees_holds_configuration_and_weights_only(own_model):
    (own_model / "modeling_evil.py").write_text("raise SystemExit")
    (own_model / "more.safetensors").write_text("not this")
    folder = prepare_model(read_card(own_model))
    assert sorted(os.listdir(folder)) == ["config.json", "model.safetensors"]
    config = json.loads((folder / "config.json").read_text())
    assert config["pretrained_cfg"]["model"]["init_args"]["model_args"]["backbone_pretrained"] is False


def test_a_folder_named_from_where_one_stands_is_found_from_anywhere(own_model, monkeypatch):
    monkeypatch.chdir(own_model.parent)
    folder = prepare_model(read_card(Path(own_model.name)))
    assert (folder / "model.safetensors").resolve() == own_model / "model.safetensors"


def test_a_hostile_configuration_runs_nothing(own_model, tmp_path):
    trace = tmp_path / "ran"
    config = json.loads((own_model / "config.json").read_text())
    transform = {"class_path": "os.system", "init_args": {"command": f"touch {trace}"}}
    config["pretrained_cfg"]["data"]["init_args"]["test_transform"] = [transform]
    (own_model / "config.json").write_text(json.dumps(config))
    with pytest.raises(PrithviError) as e:
        prepare_model(read_card(own_model))
    assert e.value.code is ErrorCode.MODEL_FORBIDDEN
    assert "os.system" in e.value.line
    assert not trace.exists()


def test_changed_weights_are_noticed(own_model):
    path = own_model / "model.safetensors"
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.write_bytes(bytes(data))
    with pytest.raises(PrithviError) as e:
        prepare_model(read_card(own_model))
    assert e.value.code is ErrorCode.MODEL_INVALID
    assert "are not the ones its card names" in e.value.line


def test_missing_weights_are_named(own_model):
    (own_model / "model.safetensors").unlink()
    with pytest.raises(PrithviError, match="model.safetensors"):
        prepare_model(read_card(own_model))


def test_a_checkpoint_that_would_run_code_when_unpickled_is_refused(own_model, tmp_path):
    import dataclasses

    import torch

    from prithvi_qgis.engine.model.torch_backend import load_model

    trace = tmp_path / "ran"

    class Evil:
        def __reduce__(self):
            return os.system, (f"touch {trace}",)

    torch.save({"state_dict": {"x": Evil()}}, own_model / "model.pt")
    card = dataclasses.replace(read_card(own_model), weights="model.pt")
    with pytest.raises(Exception, match="[Ww]eights"):
        load_model(card, own_model)
    assert not trace.exists()


@pytest.mark.parametrize(
    ("change", "says"),
    [("missing", "lack"), ("extra", "hold"), ("shape", "configuration needs"), ("nan", "not finite")],
)
def test_weights_that_do_not_fit_are_refused_by_name(change, says, card):
    import torch
    from safetensors.torch import load_file

    from prithvi_qgis.engine.model.torch_backend import load_model
    from prithvi_qgis.engine.model.weights import load_into

    tensors = load_file(card.folder / card.weights)
    name = next(n for n in sorted(tensors) if n.endswith("weight"))
    if change == "missing":
        del tensors[name]
    elif change == "extra":
        tensors["brand.new"] = torch.zeros(1)
    elif change == "shape":
        tensors[name] = tensors[name][:1]
    else:
        tensors[name] = tensors[name] * float("nan")
    model = load_model(card, card.folder)
    with pytest.raises(PrithviError) as e:
        load_into(model, tensors)
    assert e.value.code is ErrorCode.MODEL_INVALID
    assert says in e.value.line


def test_names_of_older_checkpoints_load(card):
    import torch
    from safetensors.torch import load_file

    from prithvi_qgis.engine.model.torch_backend import load_model
    from prithvi_qgis.engine.model.weights import load_into

    tensors = load_file(card.folder / card.weights)
    model = load_model(card, card.folder)
    older = {f"model.{n.replace('encoder.', 'encoder._timm_module.')}": torch.zeros_like(t) for n, t in tensors.items()}
    load_into(model, older)
    assert all(not p.any() for p in model.parameters())


def test_importing_the_package_loads_neither_qgis_nor_torch():
    import subprocess

    code = "import sys, prithvi_qgis, prithvi_qgis.core.protocol.messages; print([m for m in ('qgis', 'torch', 'numpy') if m in sys.modules])"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=os.environ)
    assert out.stdout.strip() == "[]"
