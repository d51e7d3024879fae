"""The demonstration model's folder: card, configuration and weights say the same."""

from __future__ import annotations

import hashlib
import json
import struct
from pathlib import Path

import pytest

from prithvi_qgis.core.models.model_card import read_card

FOLDER = Path(__file__).resolve().parents[2] / "resources" / "models" / "demo-water"


@pytest.fixture(scope="module")
def card():
    return read_card(FOLDER)


def test_weights_are_those_that_the_card_names(card):
    assert hashlib.sha256((FOLDER / card.weights).read_bytes()).hexdigest() == card.sha256


def test_folder_stays_small_enough_for_the_plugin_repository():
    assert sum(p.stat().st_size for p in FOLDER.iterdir()) <= 15_000_000


def test_weights_are_plain_half_precision_tensors(card):
    with (FOLDER / card.weights).open("rb") as f:
        header = json.loads(f.read(struct.unpack("<Q", f.read(8))[0]))
    kinds = {v["dtype"] for k, v in header.items() if k != "__metadata__" and not k.endswith("num_batches_tracked")}
    assert kinds == {"F16"}


def test_configuration_agrees_with_the_card(card):
    config = json.loads((FOLDER / "config.json").read_text())["pretrained_cfg"]
    model = config["model"]["init_args"]
    assert model["model_args"]["backbone_bands"] == list(card.bands)
    assert model["model_args"]["num_classes"] == len(card.classes)
    assert config["input"]["data"]["pixel_values"]["shape"] == [len(card.bands), card.tile, card.tile]
    assert ("location_coords" in config["input"]["data"]) == card.location_coords
    tiled = model["tiled_inference_parameters"]
    assert (tiled["h_crop"], tiled["h_stride"], tiled["delta"]) == (card.tile, card.stride, card.margin)
    assert config["data"]["init_args"]["means"] == list(card.mean)
    assert config["data"]["init_args"]["stds"] == list(card.std)


def test_card_says_that_it_is_a_demonstration(card):
    assert "demonstration" in card.title.lower()
    assert "made scenes only" in card.description
