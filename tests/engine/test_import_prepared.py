"""A model that another machine made ready is copied, held against its checksums and the allow-list, and checked."""

from __future__ import annotations

import hashlib
import json
import os
import shutil

import pytest
import torch

from prithvi_qgis.core.errors import ErrorCode, PrithviError
from prithvi_qgis.core.models.model_card import find_model, read_card
from prithvi_qgis.core.system import paths
from prithvi_qgis.engine.importing import self_check
from prithvi_qgis.engine.importing.importer import ImportRequest, import_model
from support import VARIANT

WEIGHTS = "model.safetensors"


pytestmark = pytest.mark.usefixtures("home")


@pytest.fixture
def bundled(card, tmp_path):
    """A model in a bundle."""
    folder = shutil.copytree(card.folder, tmp_path / "bundle" / "models" / "lake")
    edit(folder, id="lake")
    seal(folder)
    return folder


@pytest.fixture
def quick(monkeypatch):
    """Leaves out vLLM, the last step."""
    monkeypatch.setattr(self_check, "check_in_vllm", lambda *checked: 1.0)


def edit(folder, name="model.json", **changes):
    body = json.loads((folder / name).read_text())
    (folder / name).write_text(json.dumps({**body, **changes}))


def seal(folder):
    sums = (f"{hashlib.sha256(p.read_bytes()).hexdigest()}  models/lake/{p.name}\n" for p in folder.iterdir())
    (folder.parents[1] / "SHA256SUMS").write_text("".join(sums))


def run(config, checkpoint=None, model_id="", **more):
    said = []
    folder = import_model(
        ImportRequest(config, checkpoint, model_id, **more), VARIANT, lambda percent, text: said.append(text)
    )
    return folder, said


@pytest.mark.vllm
def test_a_bundled_model_is_copied_and_compared_in_vllm(bundled, home):
    folder, said = run(bundled / "model.json")
    assert folder == home / "models" / "lake"
    assert "vLLM and plain TerraTorch agree on 100.00% of a tile's pixels" in said
    assert sorted(p.name for p in folder.iterdir()) == ["config.json", "model.json", WEIGHTS]
    shutil.rmtree(bundled.parents[1])
    found = find_model("lake", paths.model_folders())
    assert hashlib.sha256((folder / WEIGHTS).read_bytes()).hexdigest() == found.sha256
    assert not list((home / "loaded").iterdir())


@pytest.mark.vllm
def test_vllm_that_disagrees_is_not_imported(bundled, home, monkeypatch):
    from prithvi_qgis.engine.model.vllm_backend import VllmBackend

    true = VllmBackend.infer
    monkeypatch.setattr(VllmBackend, "infer", lambda *a: true(*a)[:, ::-1])
    with pytest.raises(PrithviError, match="disagree"):
        run(bundled / "model.json")
    assert list((home / "models").iterdir()) == []


def test_id_names_and_the_place_of_the_weights_may_be_given(bundled, quick, tmp_path):
    moved = (bundled / WEIGHTS).rename(tmp_path / "weights.safetensors")
    classes = '[{"value":0,"name":"Dry"},{"value":1,"name":"Wet","color":"#ff0000"}]'
    folder, _ = run(bundled, moved, "sea", classes=classes)
    card = read_card(folder)
    assert (folder.name, card.id) == ("sea", "sea")
    assert [(c.name, c.color) for c in card.classes][1] == ("Wet", "#ff0000")


def test_a_model_without_checksums_says_so(bundled, quick):
    (bundled.parents[1] / "SHA256SUMS").unlink()
    edit(bundled, sha256="")
    folder, said = run(bundled / "model.json")
    assert any("could not be compared" in text for text in said)
    assert len(read_card(folder).sha256) == 64


def test_an_id_that_is_taken_is_refused_unless_it_is_to_be_replaced(bundled, quick):
    run(bundled / "model.json")
    with pytest.raises(PrithviError, match="OVERWRITE"):
        run(bundled / "model.json")
    run(bundled / "model.json", overwrite=True)


class Evil:
    """A pickle that would leave a trace."""

    def __init__(self, trace):
        self.trace = trace

    def __reduce__(self):
        return os.system, (f"touch {self.trace}",)


def _hostile_config(folder):
    body = json.loads((folder / "config.json").read_text())
    transform = {"class_path": "os.system", "init_args": {"command": f"touch {folder / 'ran'}"}}
    body["pretrained_cfg"]["data"]["init_args"]["test_transform"] = [transform]
    (folder / "config.json").write_text(json.dumps(body))
    seal(folder)


def _hostile_weights(folder):
    torch.save({"state_dict": {"x": Evil(folder / "ran")}}, folder / "model.pt")
    edit(folder, weights="model.pt", sha256="")
    seal(folder)


def _truncated(folder):
    with open(folder / WEIGHTS, "r+b") as f:
        f.truncate(5_000_000)
    edit(folder, sha256="")
    seal(folder)


def _other_weights(folder):
    """Whole and well-formed, but not those of the card."""
    from safetensors.torch import load_file, save_file

    tensors = load_file(folder / WEIGHTS)
    save_file({name: value * 1.01 for name, value in tensors.items()}, folder / WEIGHTS)
    seal(folder)


CASES = {
    "a changed card": (lambda f: edit(f, title="Other"), "model.json is not the file that was packed"),
    "a changed configuration": (lambda f: edit(f, "config.json", x=1), "config.json is not the file that was packed"),
    "other weights": (_other_weights, f"{WEIGHTS} is not the file that was packed"),
    "cut weights": (_truncated, "does not load"),
    "a hostile configuration": (_hostile_config, "os.system"),
    "hostile weights": (_hostile_weights, "does not load"),
    "no weights": (lambda f: (f / WEIGHTS).unlink(), "cannot be read"),
    "no configuration": (lambda f: (f / "config.json").unlink(), "config.json"),
    "a card that is none": (lambda f: (f / "model.json").write_text("{}"), "not a usable model card"),
    "an id that leads elsewhere": (lambda f: (edit(f, id="../up"), seal(f)), "'../up'"),
    "weights that lie elsewhere": (lambda f: (edit(f, weights="../x.pt"), seal(f)), "../x.pt"),
}


@pytest.mark.parametrize("case", CASES)
def test_what_is_wrong_is_one_line_and_leaves_nothing(case, bundled, quick, home):
    spoil, says = CASES[case]
    spoil(bundled)
    with pytest.raises(PrithviError) as e:
        run(bundled / "model.json")
    assert says in e.value.line and "\n" not in e.value.line and e.value.hint
    assert e.value.code is not ErrorCode.INTERNAL
    assert not (bundled / "ran").exists()
    assert not (home / "models").exists() or list((home / "models").iterdir()) == []


def test_a_yaml_still_needs_its_checkpoint(tmp_path):
    (tmp_path / "config.yaml").write_text("model: {}")
    with pytest.raises(PrithviError, match="CHECKPOINT is missing"):
        run(tmp_path / "config.yaml", model_id="mine")
