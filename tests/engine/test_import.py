"""A training's YAML and checkpoint become a model that says in vLLM what it said in TerraTorch."""

from __future__ import annotations

import copy
import json

import numpy as np
import pytest
import torch
import trainings
import yaml
from conftest import VARIANT

from prithvi_qgis.contract import paths
from prithvi_qgis.contract.cards import find_model, read_card
from prithvi_qgis.contract.errors import ErrorCode, PrithviError
from prithvi_qgis.engine.backend_vllm import VllmBackend
from prithvi_qgis.engine.importing import importer
from prithvi_qgis.engine.importing.importer import Order
from prithvi_qgis.engine.models import prepare_model
from prithvi_qgis.engine.predict import predict


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    """A data folder for each test."""
    monkeypatch.setenv("PRITHVI_QGIS_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


def run(files, model_id="mine", **more):
    return importer.import_model(Order(*files, model_id, **more), VARIANT, lambda percent, text: None)


def same_in_vllm(folder, model, coords=None):
    """The imported model in vLLM against TerraTorch's own, which never saw the import."""
    card = read_card(folder)
    tiles = np.random.default_rng(3).normal(0, 1, (1, 6, card.tile, card.tile)).astype(np.float32)
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
    ("name", "prefix"), [("weights.pt", ""), ("weights.safetensors", ""), ("x.safetensors", "model.")]
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

    monkeypatch.setattr(self_check, "check_in_vllm", lambda card, model, device: 1.0)
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
    order = Order(*trainings.write(tmp_path, *quick), "mine")
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


def _set(path, value):
    def change(config, state):
        part = config
        for key in path[:-1]:
            part = part[key]
        part[path[-1]] = value

    return change


def _drop(*path):
    def change(config, state):
        part = config
        for key in path[:-1]:
            part = part[key]
        del part[path[-1]]

    return change


def _tensor(name, edit):
    def change(config, state):
        state[name] = edit(state.get(name))

    return change


ARGS, DATA = ("model", "init_args", "model_args"), ("data", "init_args")
HEAD = "head.head.2.weight"
CASES = {
    "a tensor of another shape": (_tensor(HEAD, lambda t: t[:, :1]), "the configuration needs"),
    "a missing tensor": (lambda c, s: s.pop(HEAD), "lack"),
    "a tensor too many": (_tensor("brand.new", lambda t: torch.zeros(1)), 'hold "brand.new"'),
    "another number of classes": (_set((*ARGS, "num_classes"), 5), "the configuration needs"),
    "weights that are not numbers": (_tensor(HEAD, lambda t: t * float("nan")), "not finite"),
    "a hostile model class": (_set(("model", "class_path"), "os.system"), "os.system"),
    "a hostile data class": (_set(("data", "class_path"), "os.system"), "os.system"),
    "a hostile class inside the model": (_set((*ARGS, "decoder_norm"), {"class_path": "os.system"}), "os.system"),
    "a hostile transform": (_set((*DATA, "test_transform"), [{"class_path": "os.system"}]), "os.system"),
    "a hostile transform in a dict": (_set((*DATA, "test_transform"), {"class_path": "os.system"}), "os.system"),
    "a hostile class inside a neck": (
        _set((*ARGS, "necks"), [{"name": "SelectIndices", "x": {"class_path": "os.system"}}]),
        "os.system",
    ),
    "an unknown decoder": (_set((*ARGS, "decoder"), "EvilDecoder"), "EvilDecoder"),
    "an unknown backbone": (_set((*ARGS, "backbone"), "timm_resnet18"), "timm_resnet18"),
    "an unknown neck": (_set((*ARGS, "necks"), [{"name": "Evil"}]), "Evil"),
    "an unknown factory": (_set(("model", "init_args", "model_factory"), "Evil"), "Evil"),
    "an argument that TerraTorch does not know": (_set((*ARGS, "decoder_depth_of"), 3), "cannot build"),
    "no means": (_drop(*DATA, "means"), "has no means"),
    "means in a file": (_set((*DATA, "means"), "means.npy"), "means.npy"),
    "too few means": (_set((*DATA, "means"), [0.1]), "1 means for 6 bands"),
    "means that are words": (_set((*DATA, "means"), ["a"] * 6), "'a'"),
    "a std of nothing": (_set((*DATA, "stds"), [0] * 6), "the std 0"),
    "a band that nobody knows": (_set((*DATA, "output_bands"), ["VV"] * 6), "'VV'"),
    "too few bands": (_set((*DATA, "output_bands"), ["RED"]), "1 bands"),
    "weights of fewer dates": (_set((*ARGS, "backbone_num_frames"), 3), "the configuration needs"),
    "more dates than anybody has": (_set((*ARGS, "backbone_num_frames"), 1000), "1000 dates"),
    "adapters": (_set((*ARGS, "peft_config"), {"method": "LORA"}), "peft_config"),
    "a regression of several numbers": (_set(("model", "class_path"), "PixelwiseRegressionTask"), "3 numbers a pixel"),
    "a hostile activation": (_set((*ARGS, "head_final_act"), "os.getcwd"), "os.getcwd"),
    "a hostile activation inside": (_set((*ARGS, "head_kwargs"), {"final_act": "os.getcwd"}), "os.getcwd"),
    "no classes": (_drop(*ARGS, "decoder"), "decoder"),
    "a tile that is no square": (
        _set(("model", "init_args", "tiled_inference_parameters", "h_crop"), 32),
        "Only squares",
    ),
    "no model section": (_drop("model"), '"model"'),
    "no data section": (_drop("data"), '"data"'),
    "no model_args": (_drop(*ARGS), "model_args"),
}


def _places(part, path=()):
    yield path
    inner = part.items() if isinstance(part, dict) else enumerate(part) if isinstance(part, list) else ()
    for key, value in inner:
        yield from _places(value, (*path, key))


def test_nothing_that_may_stand_in_a_yaml_ends_in_a_traceback(tmp_path, monkeypatch):
    config = trainings.configuration(trainings.arguments())
    transform = {"class_path": "albumentations.Resize", "init_args": {"height": 64, "width": 64}}
    config["data"]["init_args"]["test_transform"].append(transform)
    (tmp_path / "c.yaml").touch()
    monkeypatch.setattr(importer, "_build", None)  # nothing comes as far
    broken = []
    for path in _places(config):
        for value in (None, "x", "", [], {}, 3, -1, 0.5, [{}], [None], {"a": []}, float("nan"), float("inf"), True):
            spoilt = copy.deepcopy(config)
            if path:
                _set(path, value)(spoilt, {})
            else:
                spoilt = value
            (tmp_path / "c.yaml").write_text(yaml.safe_dump(spoilt))
            try:
                run((tmp_path / "c.yaml", tmp_path / "no.ckpt"))
            except PrithviError as e:
                assert "\n" not in e.line
            except Exception as e:
                broken.append((path, value, repr(e)))
    assert broken == []


@pytest.fixture(scope="module")
def trained():
    config = trainings.configuration(trainings.arguments())
    return config, trainings.random_model(config)


@pytest.mark.parametrize("case", CASES)
def test_what_cannot_be_imported_is_told_in_one_line_and_leaves_nothing(case, trained, tmp_path, home):
    change, says = CASES[case]
    config, model = copy.deepcopy(trained[0]), trained[1]
    state = dict(model.state_dict())
    change(config, state)
    (tmp_path / "c.yaml").write_text(yaml.safe_dump(config))
    torch.save({"state_dict": {f"model.{k}": v for k, v in state.items()}}, tmp_path / "c.ckpt")
    refused(tmp_path / "c.yaml", tmp_path / "c.ckpt", says, home)


def refused(config, checkpoint, says, home, **more):
    with pytest.raises(PrithviError) as e:
        run((config, checkpoint), **more)
    assert says in e.value.line
    assert "\n" not in e.value.line and len(e.value.line) < 500
    assert e.value.hint and e.value.code is not ErrorCode.INTERNAL
    assert not (home / "models").exists() or list((home / "models").iterdir()) == []


def test_a_hostile_pickle_runs_nothing(trained, tmp_path, home):
    import os

    trace = tmp_path / "ran"

    class Evil:
        def __reduce__(self):
            return os.system, (f"touch {trace}",)

    config, checkpoint = trainings.write(tmp_path, *trained)
    torch.save({"state_dict": {}, "more": Evil()}, checkpoint)
    refused(config, checkpoint, "more than weights", home)
    assert not trace.exists()


def test_a_hostile_yaml_runs_nothing(trained, tmp_path, home):
    trace = tmp_path / "ran"
    config, checkpoint = trainings.write(tmp_path, *trained)
    config.write_text(f"model: !!python/object/apply:os.system ['touch {trace}']\n")
    refused(config, checkpoint, "no plain YAML", home)
    assert not trace.exists()


@pytest.mark.parametrize("name", ["last.ckpt", "last.safetensors"])
def test_a_truncated_checkpoint_is_refused(name, trained, tmp_path, home):
    config, checkpoint = trainings.write(tmp_path, *trained, name=name)
    checkpoint.write_bytes(checkpoint.read_bytes()[:5000])
    refused(config, checkpoint, "damaged", home)


def test_missing_files_are_named(trained, tmp_path, home):
    config, checkpoint = trainings.write(tmp_path, *trained)
    refused(tmp_path / "no.yaml", checkpoint, "no.yaml", home)
    refused(config, tmp_path / "no.ckpt", "no.ckpt", home)
    refused(config, config, "config.yaml", home)


@pytest.mark.parametrize("model_id", ["", "../up", "a/b", ".hidden", "demo-water", "x" * 65])
def test_ids_that_cannot_be_are_refused(model_id, trained, tmp_path, home):
    refused(*trainings.write(tmp_path, *trained), "ID", home, model_id=model_id)


@pytest.mark.parametrize(
    ("classes", "says"),
    [
        ("{", "no JSON"),
        ("{}", "no list"),
        ('[{"value":0,"name":"a"}]', "1 classes; the model predicts 3"),
        ('[{"value":0,"name":"a"},{"value":0,"name":"b"},{"value":1,"name":"c"}]', "once each"),
        ('[{"value":0,"name":"a","color":"red"},{"name":"b"},{"name":"c"}]', "#rrggbb"),
        ('[{"value":0},{"value":1},{"value":2}]', "no name"),
    ],
)
def test_classes_that_do_not_fit_are_refused(classes, says, trained, tmp_path, home):
    refused(*trainings.write(tmp_path, *trained), says, home, classes=classes)
