"""A training's YAML and checkpoint become a model that says in vLLM what it said in TerraTorch."""

from __future__ import annotations

import copy
import json

import numpy as np
import pytest
import torch

from prithvi_qgis.core.errors import PrithviError
from prithvi_qgis.core.models.model_card import find_model, read_card
from prithvi_qgis.core.system import paths
from prithvi_qgis.engine.importing import importer
from prithvi_qgis.engine.importing.importer import ImportRequest
from prithvi_qgis.engine.model.forward import predict
from prithvi_qgis.engine.model.model_folder import prepare_model
from prithvi_qgis.engine.model.vllm_backend import VllmBackend
from support import VARIANT, trainings
from support.imports import import_training as run

pytestmark = [pytest.mark.usefixtures("home"), pytest.mark.vllm]


def same_in_vllm(folder, model, coords=None):
    """The imported model in vLLM against TerraTorch's own, which never saw the import."""
    card = read_card(folder)
    dates = (card.frames,) if card.frames > 1 else ()
    tiles = np.random.default_rng(3).normal(0, 1, (1, 6, *dates, card.tile, card.tile)).astype(np.float32)
    places = None if coords is None else np.array([coords], np.float32)
    with torch.inference_mode():
        wanted = predict(model, torch.from_numpy(tiles), None if places is None else torch.from_numpy(places)).numpy()
    backend = VllmBackend(card, prepare_model(card), VARIANT, "float32", 1, 0.0)
    try:
        found = backend.infer(tiles, places)
    finally:
        backend.close()
    assert len(np.unique(wanted.argmax(1))) > 1
    assert (found.argmax(1) == wanted.argmax(1)).mean() >= 0.999
    np.testing.assert_allclose(found, wanted, atol=2e-3 * wanted.std())


@pytest.mark.parametrize("decoder", trainings.DECODERS)
def test_a_model_with_each_decoder_says_in_vllm_what_it_said_in_terratorch(decoder, tmp_path):
    config = trainings.configuration(trainings.arguments(decoder))
    model = trainings.random_model(config)
    folder = run(trainings.write(tmp_path, config, model))
    assert folder == paths.home() / "models" / "mine"
    assert sorted(p.name for p in folder.iterdir()) == ["config.json", "model.json", "model.safetensors"]
    assert [p.name for p in folder.parent.iterdir()] == ["mine"]
    same_in_vllm(folder, model)


def test_a_linear_decoder_with_a_head_of_its_own_loads(tmp_path, quick):
    config = trainings.configuration(trainings.arguments("LinearDecoder", decoder_num_classes=3))
    model = trainings.random_model(config)
    folder = run(trainings.write(tmp_path, config, model))
    from safetensors.torch import load_file

    assert torch.equal(load_file(folder / "model.safetensors")["head.head.2.weight"], model.head.head[2].weight)


def test_a_model_with_places_gets_them(tmp_path):
    args = trainings.arguments(backbone="prithvi_eo_v2_tiny_tl", backbone_coords_encoding=["location"])
    config = trainings.configuration(args)
    model = trainings.random_model(config)
    folder = run(trainings.write(tmp_path, config, model))
    assert read_card(folder).location_coords
    same_in_vllm(folder, model, (48.1, 11.6))


@pytest.mark.parametrize("backbone", ["prithvi_eo_v1_100", "prithvi_eo_v2_300", "prithvi_eo_v2_600_tl"])
def test_larger_backbones_say_the_same_cut_down_to_four_layers(backbone, tmp_path):
    # 64 is no multiple of the 14 pixels that a patch of the largest one has.
    config = trainings.configuration(trainings.arguments(backbone=backbone, backbone_depth=4))
    model = trainings.random_model(config)
    folder = run(trainings.write(tmp_path, config, model))
    assert not read_card(folder).location_coords  # nothing says that training gave any
    same_in_vllm(folder, model)


@pytest.mark.parametrize("size", ["tiny", "small"])
def test_terramind_says_in_vllm_what_it_said_in_terratorch(size, tmp_path):
    config = trainings.configuration(trainings.terramind(backbone=f"terramind_v1_{size}"))
    model = trainings.random_model(config)
    folder = run(trainings.write(tmp_path, config, model))
    assert read_card(folder).bands == tuple(trainings.BANDS)
    same_in_vllm(folder, model)


@pytest.mark.parametrize("pooling", ["mean", "concat"])
def test_a_temporal_wrapper_says_in_vllm_what_it_said_in_terratorch(pooling, tmp_path):
    args = trainings.arguments(
        "UNetDecoder", backbone_use_temporal=True, backbone_temporal_pooling=pooling, backbone_temporal_n_timestamps=3
    )
    config = trainings.configuration(args, expand_temporal_dimension=True, test_transform=None)
    model = trainings.random_model(config)
    folder = run(trainings.write(tmp_path, config, model))
    assert read_card(folder).frames == 3
    same_in_vllm(folder, model)


def test_the_old_factory_and_old_names_load(tmp_path):
    args = {
        "backbone": "prithvi_eo_tiny",
        "pretrained": True,
        "bands": trainings.BANDS,
        "num_frames": 1,
        "in_channels": 6,
        "backbone_img_size": 64,
        "backbone_out_indices": [0, 1, 2, 3],
        "decoder": "UperNetDecoder",
        "decoder_channels": 16,
        "decoder_scale_modules": True,
        "num_classes": 2,
    }
    config = trainings.configuration(args, "PrithviModelFactory")
    model = trainings.random_model(config)
    folder = run(trainings.write(tmp_path, config, model, old=True))
    same_in_vllm(folder, model)


@pytest.mark.parametrize(
    ("name", "prefix"),
    [
        ("weights.pt", ""),
        ("weights.safetensors", ""),
        ("x.safetensors", "model."),
        ("x.ckpt", "model._orig_mod."),
        ("x.ckpt", "_orig_mod.model."),
        ("x.ckpt", "module."),
    ],
)
def test_each_kind_of_checkpoint_loads(name, prefix, tmp_path, quick):
    config, model = quick
    folder = run(trainings.write(tmp_path, config, model, name=name, prefix=prefix))
    from safetensors.torch import load_file

    found = load_file(folder / "model.safetensors")
    for key, value in model.state_dict().items():
        assert key.endswith("pos_embed") or torch.equal(found[key], value)


@pytest.fixture
def quick(monkeypatch):
    """A training, and an import whose last step, vLLM, is left out."""
    from prithvi_qgis.engine.importing import self_check

    monkeypatch.setattr(self_check, "check_in_vllm", lambda *checked: 1.0)
    config = trainings.configuration(trainings.arguments())
    return config, trainings.random_model(config)


def test_the_card_tells_what_the_training_says(tmp_path, quick):
    card = read_card(run(trainings.write(tmp_path, *quick)))
    assert card.bands == tuple(trainings.BANDS)
    assert (card.tile, card.stride, card.margin) == (64, 48, 4)
    assert card.units == "reflectance" and card.scale == 1e-4
    assert card.mean[3] == 0.24 and card.std[5] == 0.09
    assert [c.name for c in card.classes] == ["Class 0", "Class 1", "Class 2"]
    assert len({c.color for c in card.classes}) == 3
    assert not card.location_coords
    assert find_model("mine", paths.model_folders()) == card


def test_means_of_digital_numbers_are_known_by_their_size(tmp_path, quick):
    config, model = quick
    config["data"]["init_args"].update(means=[1000, 1, 1, 1, 1, 1], stds=[9] * 6, constant_scale=1)
    card = read_card(run(trainings.write(tmp_path, config, model)))
    assert card.units == "dn" and card.scale == 1e-4


def test_a_known_data_module_brings_its_own_means_and_names(tmp_path, quick):
    args = trainings.arguments(classes=2)
    config = trainings.configuration(args)
    config["data"] = {"class_path": "FireScarsNonGeoDataModule", "init_args": {"batch_size": 1}}
    card = read_card(run(trainings.write(tmp_path, config, trainings.random_model(config))))
    assert card.mean[0] == pytest.approx(0.0333497)
    assert [c.name for c in card.classes] == ["Not burned", "Burn scar"]
    assert (card.resolution_m, card.unverified) == (30.0, ())


def test_a_pixel_size_that_the_training_does_not_say_is_unknown_in_the_card(tmp_path, quick):
    lines = []
    order = ImportRequest(*trainings.write(tmp_path, *quick), "mine")
    card = read_card(importer.import_model(order, "cpu", lambda percent, text: lines.append(text)))
    assert card.resolution_m == 0
    assert [fact.partition(":")[0] for fact in card.unverified] == ["resolution_m"]
    assert any("does not say the size of its pixels" in line for line in lines)


def test_names_and_colours_are_taken_as_given(tmp_path, quick):
    given = [{"value": 1, "name": "B"}, {"value": 0, "name": "A", "color": "#FF0000"}, {"value": 2, "name": "C"}]
    card = read_card(run(trainings.write(tmp_path, *quick), classes=json.dumps(given)))
    assert [(c.value, c.name) for c in card.classes] == [(0, "A"), (1, "B"), (2, "C")]
    assert card.classes[0].color == "#ff0000"


def test_what_only_training_uses_is_neither_made_nor_taken_over(tmp_path, quick):
    config, model = quick
    trace = tmp_path / "ran"
    evil = [{"class_path": "os.system", "init_args": {"command": f"touch {trace}"}}]
    config["trainer"]["callbacks"] = config["data"]["init_args"]["train_transform"] = evil
    config["model"]["init_args"]["model_args"]["backbone_ckpt_path"] = "/somewhere/prithvi.pt"
    config["model"]["init_args"]["model_args"]["aux_decoders"] = [{"name": "aux", "decoder": "FCNDecoder"}]
    reference = copy.deepcopy(config)
    files = trainings.write(tmp_path, reference, model)
    checkpoint = torch.load(files[1], weights_only=True)
    checkpoint["state_dict"]["model.aux_heads.aux.0.convs.0.weight"] = torch.zeros(1)
    torch.save(checkpoint, files[1])
    text = (run(files) / "config.json").read_text()
    assert not trace.exists()
    assert not any(word in text for word in ("os.system", "ckpt_path", "aux_decoders"))


def test_an_id_that_is_taken_is_refused_unless_it_is_to_be_replaced(tmp_path, quick):
    files = trainings.write(tmp_path, *quick)
    folder = run(files)
    (folder / "mark").touch()
    with pytest.raises(PrithviError, match="OVERWRITE"):
        run(files)
    assert (folder / "mark").exists()
    run(files, overwrite=True)
    assert not (folder / "mark").exists()
    assert [p.name for p in folder.parent.iterdir()] == ["mine"]


def test_a_model_on_which_vllm_disagrees_is_not_imported(tmp_path, monkeypatch, home):
    config = trainings.configuration(trainings.arguments("LinearDecoder"))
    files = trainings.write(tmp_path, config, trainings.random_model(config))
    true = VllmBackend.infer
    monkeypatch.setattr(VllmBackend, "infer", lambda *a: true(*a)[:, ::-1])
    with pytest.raises(PrithviError, match="disagree"):
        run(files)
    assert list((home / "models").iterdir()) == []
    assert list((home / "loaded").iterdir()) == []
