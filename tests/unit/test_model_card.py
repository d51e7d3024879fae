"""Model cards."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from prithvi_qgis.core.errors import ErrorCode, PrithviError
from prithvi_qgis.core.models.model_card import find_model, read_card

MODELS = Path(__file__).parents[2] / "resources/models"
DEMO = json.loads((MODELS / "demo-water/model.json").read_text())


def write(folder, **changes):
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "model.json").write_text(json.dumps({**DEMO, **changes}))
    return folder


def test_a_model_is_found_by_id_and_by_folder(tmp_path):
    mine = write(tmp_path / "models" / "mine", id="mine")
    assert find_model("mine", [tmp_path / "models", MODELS]).id == "mine"
    assert find_model(str(mine), [MODELS]).id == "mine"
    assert find_model("demo-water", [tmp_path / "models", MODELS]).classes[1].name == "Water"


def test_the_users_model_hides_a_shipped_one_of_the_same_id(tmp_path):
    write(tmp_path / "demo-water", title="My own")
    assert find_model("demo-water", [tmp_path, MODELS]).title == "My own"


@pytest.mark.parametrize("name", ["", "floods", "/nowhere", "."])
def test_an_unknown_model_is_told_with_the_known_ones(name, tmp_path):
    with pytest.raises(PrithviError) as e:
        find_model(name, [tmp_path, MODELS])
    assert e.value.code is ErrorCode.MODEL_UNKNOWN
    assert "demo-water" in e.value.hint


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"mean": [0.1]}, "6 bands, 1 means"),
        ({"std": [0, 1, 1, 1, 1, 1]}, "std 0"),
        ({"units": "percent"}, "percent"),
        ({"stride": 600}, "stride 600"),
        ({"classes": [{"value": 0, "name": "a", "color": "#000000"}]}, "class values [0]"),
        ({"classes": [{"value": v, "name": "a", "color": "red"} for v in (0, 1)]}, "red"),
        ({"weights": "../../secret.pt"}, "plain file name"),
        ({"tile": None}, "model.json"),
        ({"classes": [{"value": v, "name": "a", "color": "#000000"} for v in (1, 2, *range(300))]}, ", ...]"),
        ({"classes": [{"value": v, "name": "a", "color": "#000000", "ignore": True} for v in (0, 1)]}, "every class"),
        ({"classes": [{"value": v, "name": "a", "color": "#000000", "ignore": "yes"} for v in (0, 1)]}, "'yes'"),
        ({"task": "detection"}, "detection"),
        ({"task": "regression"}, "quantity"),
        ({"task": "regression", "quantity": {"name": " "}}, "no name"),
        ({"task": "regression", "quantity": {"name": "a", "min": 3, "max": 1}}, "min 3.0 and max 1.0"),
    ],
)
def test_a_broken_card_is_refused_with_what_is_wrong(changes, says, tmp_path):
    with pytest.raises(PrithviError) as e:
        read_card(write(tmp_path / "m", **changes))
    assert e.value.code is ErrorCode.MODEL_INVALID
    assert says in e.value.line


def test_a_missing_field_is_named(tmp_path):
    folder = write(tmp_path / "m")
    card = json.loads((folder / "model.json").read_text())
    del card["licence"]
    (folder / "model.json").write_text(json.dumps(card))
    with pytest.raises(PrithviError, match="licence"):
        read_card(folder)


def test_three_hundred_classes_are_as_good_as_two(tmp_path):
    classes = [{"value": v, "name": f"c{v}", "color": "#000000", "ignore": v == 7} for v in range(300)]
    card = read_card(write(tmp_path / "m", classes=classes))
    assert card.channels == 300
    assert [c.value for c in card.classes if c.ignore] == [7]


def test_a_card_of_a_regression_has_a_quantity_and_no_classes(tmp_path):
    quantity = {"name": "Biomass", "unit": "Mg/ha", "min": 0, "max": 300}
    card = read_card(write(tmp_path / "m", task="regression", quantity=quantity))
    assert (card.quantity.name, card.quantity.unit, card.quantity.high) == ("Biomass", "Mg/ha", 300)
    assert (card.classes, card.channels) == ((), 1)


def test_a_card_that_was_changed_is_read_again_and_so_is_its_pin(tmp_path):
    folder = write(tmp_path / "mine", id="mine", title="Old", revision="")
    assert read_card(folder).title == "Old"
    write(folder, id="mine", title="A new one", revision="")
    assert read_card(folder).title == "A new one"
    for digit in "ab":
        (tmp_path / "revisions.ini").write_text(f"[revisions]\nmine = {digit * 40}\n")
        os.utime(tmp_path / "revisions.ini", ns=(ord(digit), ord(digit)))  # files change faster here than clocks tick
        assert read_card(folder).revision == digit * 40
