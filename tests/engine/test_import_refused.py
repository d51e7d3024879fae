"""What cannot be imported is told in one line; nothing hostile runs, and nothing is left."""

from __future__ import annotations

import copy

import pytest
import torch
import yaml

from prithvi_qgis.core.errors import ErrorCode, PrithviError
from prithvi_qgis.engine.importing import importer
from support import trainings
from support.imports import import_training as run

pytestmark = pytest.mark.usefixtures("home")


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
