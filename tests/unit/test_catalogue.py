"""The shipped cards, and what stands between a card and a run."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from prithvi_qgis.core.errors import ErrorCode, PrithviError
from prithvi_qgis.core.models.catalogue import ModelState, list_models, require_ready, size_text, state
from prithvi_qgis.core.models.model_card import read_card
from prithvi_qgis.core.models.revisions import is_revision

MODELS = Path(__file__).parents[2] / "resources/models"
PUBLISHED = ["burnscars-300m", "flood-300m", "flood-300m-vllm"]
STATES = {
    "demo-water": ModelState.READY,
    "crop-300m": ModelState.TO_IMPORT,
    **dict.fromkeys(PUBLISHED, ModelState.TO_DOWNLOAD),
}


def test_the_catalogue_holds_the_published_models_with_their_states():
    assert {card.id: now for card, now in list_models([MODELS])} == STATES


@pytest.mark.parametrize("name", sorted(STATES))
def test_a_shipped_card_is_named_as_its_folder(name):
    assert read_card(MODELS / name).id == name


@pytest.mark.parametrize("name", [*PUBLISHED, "crop-300m"])
def test_a_card_of_a_foreign_model_names_its_sources_and_what_is_unverified(name):
    card = read_card(MODELS / name)
    assert card.sources
    assert card.unverified


@pytest.mark.parametrize("name", PUBLISHED)
def test_a_download_is_pinned_or_says_that_it_is_not(name):
    card = read_card(MODELS / name)
    assert is_revision(card.revision) or any("revision" in fact for fact in card.unverified)
    assert not card.revision or len(dict(card.source.checksums)[card.weights]) == 64


def test_a_model_to_download_is_refused_with_the_command_that_fetches_it():
    with pytest.raises(PrithviError) as e:
        require_ready(read_card(MODELS / "flood-300m"))
    assert e.value.code is ErrorCode.MODEL_MISSING
    assert e.value.text == "flood-300m is not on this machine yet (1.3 GB)."
    assert "prithvi:downloadmodel --MODEL=flood-300m" in e.value.hint


def test_a_model_without_published_weights_says_so():
    with pytest.raises(PrithviError, match="No weights of crop-300m are published"):
        require_ready(read_card(MODELS / "crop-300m"))


def test_a_users_card_of_the_same_id_wins(tmp_path):
    body = json.loads((MODELS / "flood-300m" / "model.json").read_text())
    mine = tmp_path / "flood-300m"
    mine.mkdir()
    (mine / "model.json").write_text(json.dumps({**body, "title": "Mine"}))
    for name in ("config.json", body["weights"]):
        (mine / name).touch()
    found = {card.id: (card.title, now) for card, now in list_models([tmp_path, MODELS])}
    assert found["flood-300m"] == ("Mine", ModelState.READY)
    require_ready(read_card(mine))


def test_a_broken_card_does_not_hide_the_others(tmp_path):
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "model.json").write_text("{")
    assert len(list_models([tmp_path, MODELS])) == len(STATES)


def test_a_card_without_files_and_source_is_incomplete(tmp_path):
    shutil.copytree(MODELS / "demo-water", tmp_path / "m", ignore=shutil.ignore_patterns("*.safetensors"))
    assert state(read_card(tmp_path / "m")) is ModelState.INCOMPLETE


@pytest.mark.parametrize("pin", ["main", "0123", "[oops"])
def test_a_pin_that_is_no_commit_is_refused(tmp_path, pin):
    shutil.copytree(MODELS / "flood-300m", tmp_path / "flood-300m")
    section = pin if pin.startswith("[") else f"[revisions]\nflood-300m = {pin}\n"
    (tmp_path / "revisions.ini").write_text(section)
    with pytest.raises(PrithviError) as e:
        read_card(tmp_path / "flood-300m")
    assert e.value.code is ErrorCode.MODEL_INVALID
    assert "\n" not in e.value.line


def test_file_names_of_a_source_cannot_leave_the_folder(tmp_path):
    body = json.loads((MODELS / "flood-300m" / "model.json").read_text())
    body["source"]["files"] = ["../../x.pt"]
    (tmp_path / "model.json").write_text(json.dumps(body))
    with pytest.raises(PrithviError, match="plain file name"):
        read_card(tmp_path)


@pytest.mark.parametrize(("size", "text"), [(24_000_000, "24 MB"), (1_276_900_000, "1.3 GB")])
def test_sizes_read_as_people_say_them(size, text):
    assert size_text(size) == text
