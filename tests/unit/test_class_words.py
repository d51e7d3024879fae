"""The words by which people refer to classes."""

import unicodedata

import pytest

from prithvi_qgis.core.masks.class_words import ClassWords, folded, split_words

CORINE = {0: "Pastures", 1: "Beaches, dunes, sands", 2: "Forêt"}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("pastures", 0),
        ("  BEACHES,dunes ,  sands", 1),
        ("beaches dunes sands", 1),
        (unicodedata.normalize("NFD", "Forêt"), 2),
        (unicodedata.normalize("NFC", "FORÊT"), 2),
        ("1", 1),
        ("2.0", 2),
        ("7", 7),
        ("1.5", None),
        ("Foret", None),
        ("nan", None),
        ("inf", None),
    ],
)
def test_a_class_is_found_by_its_name_in_any_spelling_or_by_its_value(text, value):
    words = ClassWords(CORINE)
    assert words.of_parameter(text) == words.of_label(text) == value


def test_a_number_is_a_value_in_a_parameter_and_a_name_in_a_text_field_that_has_it():
    words = ClassWords({0: "1", 1: "2", 2: "3"})
    assert (words.of_parameter("1"), words.of_label("1")) == (1, 0)
    assert (words.of_parameter("0"), words.of_label("0")) == (0, 0)


def test_a_name_of_two_classes_means_none_of_them():
    assert ClassWords({0: "Water", 3: "water"}).of_parameter("Water") is None


def test_names_with_commas_stay_whole_in_a_list():
    found = list(split_words("0; beaches, dunes,sands, Forêt,Beeches", ClassWords(CORINE).of_parameter))
    assert found == [("0", 0), ("beaches, dunes, sands", 1), ("Forêt", 2), ("Beeches", None)]


def test_folding_keeps_different_words_apart():
    assert folded("Forêt") != folded("Foret")
