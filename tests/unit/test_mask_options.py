"""What may be asked of a mask: minimum probabilities, the smallest patch, classes to ignore."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from prithvi_qgis.core.errors import ErrorCode, PrithviError
from prithvi_qgis.core.masks.mask_options import (
    check_mask_options,
    read_ignore_classes,
    read_min_area,
    read_min_probability,
)
from prithvi_qgis.core.masks.mask_values import mask_values
from prithvi_qgis.core.models.model_card import ModelClass, Quantity, read_card
from prithvi_qgis.core.protocol.messages import Segment

DEMO = read_card(Path(__file__).parents[2] / "resources/models/demo-water")
NAMES = ("Land", "Water", "Forest, dense", "Forest, open", "ice", "Ice", "7")
CARD = dataclasses.replace(DEMO, classes=tuple(ModelClass(v, n, "#000000") for v, n in enumerate(NAMES)))
VALUES = dataclasses.replace(DEMO, classes=(), task="regression", quantity=Quantity("Biomass", "Mg/ha"))


@pytest.mark.parametrize(
    ("text", "amount", "ground"),
    [
        ("25", 25, False),
        (" 25 px ", 25, False),
        ("1 pixel", 1, False),
        ("5000 m2", 5000, True),
        ("0.5 ha", 5000, True),
        (".5HA", 5000, True),
        ("2e-3 km2", 2000, True),
        ("12 m²", 12, True),
    ],
)
def test_the_smallest_patch_is_read_in_pixels_and_in_areas(text, amount, ground):
    asked = read_min_area(text)
    assert (asked.amount, asked.ground) == (pytest.approx(amount), ground)


def test_nothing_asked_is_nothing():
    assert read_min_area(" ") is None
    assert read_min_probability("", CARD) == {} == read_min_probability("0", CARD)
    assert read_ignore_classes(" , ", CARD) == ()


@pytest.mark.parametrize(
    "text", ["x", "0", "0 px", "-5 px", "2.5 px", "5 acres", "1e999 ha", "nan", "5 5", "ha", "1e-400 m2"]
)
def test_an_area_that_is_none_is_refused_with_an_example(text):
    refused(lambda: read_min_area(text), "MIN_AREA", text.strip())


@pytest.mark.parametrize(
    ("text", "min_probabilities"),
    [
        ("0.6", {str(v): 0.6 for v in range(7)}),
        ("Water=0.7, 0=0.5", {"1": 0.7, "0": 0.5}),
        ("water = 0.7; LAND=.5", {"1": 0.7, "0": 0.5}),
        ("0.6, Water=0", {str(v): 0.6 for v in range(7) if v != 1}),
        ("Forest, open=0.4, Forest, dense=0.5", {"3": 0.4, "2": 0.5}),
        ("0.5,Forest,open=1", {**{str(v): 0.5 for v in range(7)}, "3": 1.0}),
        ("6=0.5", {"6": 0.5}),
    ],
)
def test_minimum_probabilities_are_read_by_name_and_value(text, min_probabilities):
    assert read_min_probability(text, CARD) == min_probabilities


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("60", "60"),
        ("-0.1", "-0.1"),
        ("nan", "nan"),
        ("Water", "Water"),
        ("Water=", "Water="),
        ("Water=70", "Water=70"),
        ("Snow=0.5", "Snow"),
        ("Ice=0.5", "Ice"),
        ("7=0.5", "7"),
        ("0.6, 0.7", "two numbers"),
        ("0,6", "6"),
        ("Forest, 0.4", "Forest"),
    ],
)
def test_what_is_no_probability_is_refused_with_the_piece(text, says):
    refused(lambda: read_min_probability(text, CARD), "MIN_PROBABILITY", says)


def test_classes_to_ignore_are_read_by_name_and_value_and_names_may_hold_commas():
    assert read_ignore_classes("water, 0", CARD) == (0, 1)
    assert read_ignore_classes("Forest, open, Forest, dense; 4", CARD) == (2, 3, 4)
    refused(lambda: read_ignore_classes("Water, Snow", CARD), "IGNORE_CLASSES", "Snow")
    refused(lambda: read_ignore_classes("ice", CARD), "IGNORE_CLASSES", "ice")  # two are called so


def test_bytes_last_for_254_classes():
    assert [dataclasses.astuple(mask_values(n)) for n in (2, 254)] == [("uint8", 255, 254)] * 2
    assert dataclasses.astuple(mask_values(255)) == ("uint16", 65535, 65534)


@pytest.mark.parametrize(
    ("card", "asked", "says"),
    [
        (CARD, {"min_probability": {"9": 0.5}}, "class 9"),
        (CARD, {"min_probability": {"1": 1.5}}, "1.5"),
        (CARD, {"min_probability": {"1": 0.5}, "pipeline": "stock"}, "PIPELINE=1"),
        (CARD, {"ignore_classes": (9,)}, "class 9"),
        (CARD, {"ignore_classes": tuple(range(7))}, "every class"),
        (CARD, {"min_area": "much"}, "much"),
        (VALUES, {"min_area": "5 px"}, "MIN_AREA"),
        (VALUES, {"min_probability": {"1": 0.5}}, "MIN_PROBABILITY"),
        (VALUES, {"ignore_classes": (1,)}, "IGNORE_CLASSES"),
        (VALUES, {"polygons": "p.gpkg"}, "POLYGONS"),
        (VALUES, {"probability": "p.tif"}, "PROBABILITY"),
        (VALUES, {"pipeline": "stock"}, "PIPELINE=1"),
    ],
)
def test_what_a_model_or_a_pipeline_cannot_do_is_refused(card, asked, says):
    refused(lambda: check_mask_options(Segment("s", "m", "o", **asked), card), says)
    check_mask_options(Segment("s", "m", "o"), card)


def test_text_for_classes_is_refused_where_there_are_none():
    refused(lambda: read_min_probability("0.6", VALUES), "MIN_PROBABILITY", "Biomass")
    refused(lambda: read_ignore_classes("0", VALUES), "IGNORE_CLASSES", "Biomass")


def refused(what, *words):
    with pytest.raises(PrithviError) as e:
        what()
    assert e.value.code is ErrorCode.PARAMETER_INVALID
    assert e.value.hint and "\n" not in e.value.line
    for word in words:
        assert word in e.value.line
