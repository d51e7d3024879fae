"""TerraTorch's own reading of a chip finds a card that is wrong."""

from __future__ import annotations

import copy
import dataclasses
import json

import numpy as np
import pytest
import yaml

from prithvi_qgis.core.errors import PrithviError
from prithvi_qgis.core.models.model_card import read_card
from prithvi_qgis.engine.importing.card_check import read_chip
from prithvi_qgis.engine.importing.classes import count_channels
from prithvi_qgis.engine.importing.model_args import coordinates, date_count, inference_args
from prithvi_qgis.engine.importing.model_files import model_card
from prithvi_qgis.engine.importing.normalization import chip_size, read_data
from prithvi_qgis.engine.importing.terratorch_config import read_training
from prithvi_qgis.engine.importing.tile_settings import plan_tiling
from support import trainings

DN = {
    "means": [330.0, 570.0, 590.0, 2320.0, 1970.0, 1190.0],
    "stds": [230.0, 270.0, 400.0, 780.0, 870.0, 720.0],
    "constant_scale": 1,
}
RESIZE = {"class_path": "albumentations.Resize", "init_args": {"height": 96, "width": 96}}
TENSOR = {"class_path": "ToTensorV2"}
DATES = [
    {"class_path": "terratorch.datasets.transforms.FlattenTemporalIntoChannels"},
    TENSOR,
    {"class_path": "UnflattenTemporalFromChannels", "init_args": {"n_timesteps": 3}},
]


def module(name, args=None, **data):
    config = trainings.configuration(args or trainings.arguments(classes=2))
    config["data"] = {"class_path": name, "init_args": data}
    return config


def without_tiling(config):
    del config["model"]["init_args"]["tiled_inference_parameters"]
    del config["model"]["init_args"]["model_args"]["backbone_img_size"]
    return config


def multimodal():
    args = {
        "backbone": "terramind_v1_tiny",
        "decoder": "UNetDecoder",
        "num_classes": 2,
        "backbone_modalities": ["S2L2A"],
    }
    config = trainings.configuration(args | {"backbone_bands": {"S2L2A": trainings.BANDS}})
    bands = {key: {"S2L2A": list(trainings.BANDS)} for key in ("dataset_bands", "output_bands")}
    numbers = {key: {"S2L2A": value} for key, value in DN.items()}
    config["data"] = {
        "class_path": "GenericMultiModalDataModule",
        "init_args": {"modalities": ["S2L2A"], "test_transform": [TENSOR], **bands, **numbers},
    }
    return config


def configurations():
    crops = trainings.several_dates(classes=2)
    return {
        "reflectance": trainings.configuration(trainings.arguments()),
        "stored numbers": trainings.configuration(trainings.arguments(), **DN),
        "float files times 10000": trainings.configuration(trainings.arguments(), **DN | {"constant_scale": 10000}),
        "Landsat": trainings.configuration(
            trainings.arguments(), means=[0.25, 0.26, 0.27, 0.44, 0.4, 0.3], stds=[0.1] * 6, constant_scale=2.75e-5
        ),
        "numbered bands": trainings.configuration(
            trainings.arguments(), dataset_bands=list(range(13)), output_bands=[1, 2, 3, 8, 11, 12]
        ),
        "bands of another order": trainings.configuration(
            trainings.arguments(), output_bands=["SWIR_2", "RED", "BLUE", "NIR_NARROW", "GREEN", "SWIR_1"]
        ),
        "resized": without_tiling(trainings.configuration(trainings.arguments(), test_transform=[RESIZE, TENSOR])),
        "several dates": trainings.configuration(
            trainings.several_dates(), expand_temporal_dimension=True, test_transform=DATES
        ),
        "Sen1Floods11": module("Sen1Floods11NonGeoDataModule", data_root="/x", bands=trainings.BANDS),
        "fire scars": module("FireScarsNonGeoDataModule", data_root="/x"),
        "crops": module("MultiTemporalCropClassificationDataModule", crops, data_root="/x"),
        "one modality": multimodal(),
    }


def imported(tmp_path, config):
    """The card as the import writes it, and what it came from."""
    (tmp_path / "config.yaml").write_text(yaml.safe_dump(config))
    training = read_training(tmp_path / "config.yaml")
    args = inference_args(training)
    count_channels(training, args)
    data, tiling = read_data(training, args), plan_tiling(training, args, chip_size(training))
    (tmp_path / "w.safetensors").touch()
    names = [{"value": v, "name": str(v), "color": "#000000"} for v in range(args["num_classes"])]
    facts = (training, data, tiling, {"classes": names}, coordinates(training, args), date_count(training, args))
    card = model_card("mine", *facts, tmp_path / "w.ckpt", tmp_path / "w.safetensors")
    (tmp_path / "model.json").write_text(json.dumps(card))
    return read_card(tmp_path), training, tiling.source


@pytest.mark.parametrize("name", configurations())
def test_terratorch_and_the_card_read_the_same_of_a_chip(name, tmp_path):
    chip = read_chip(*imported(tmp_path, configurations()[name]), tmp_path / "chips")
    assert chip is not None
    theirs, ours = chip
    np.testing.assert_allclose(theirs, ours, atol=1e-3)
    assert theirs.std() > 0.05


WRONG = {
    "means * 10000": lambda card: {"mean": tuple(m * 10000 for m in card.mean)},
    "stds * 10000": lambda card: {"std": tuple(s * 10000 for s in card.std)},
    "swapped bands": lambda card: {"bands": (card.bands[1], card.bands[0], *card.bands[2:])},
    "swapped means": lambda card: {"mean": (card.mean[1], card.mean[0], *card.mean[2:])},
    "other units": lambda card: {"units": "dn" if card.units == "reflectance" else "reflectance"},
    "another scale": lambda card: {"scale": card.scale * 2},
    "an offset": lambda card: {"offset": card.offset - 0.1},
    "another tile": lambda card: {"tile": card.tile * 2},
    "another band": lambda card: {"bands": (*card.bands[:3], "NIR_BROAD", *card.bands[4:])},
}


@pytest.mark.parametrize(
    "name", ["reflectance", "stored numbers", "Landsat", "resized", "Sen1Floods11", "one modality"]
)
@pytest.mark.parametrize("wrong", WRONG)
def test_a_card_that_is_wrong_is_found(wrong, name, tmp_path):
    card, training, source = imported(tmp_path, copy.deepcopy(configurations()[name]))
    if wrong == "another tile" and source not in ("tiled_inference_parameters", "test_transform"):
        pytest.skip("the training does not say the size of a tile")
    if wrong == "another band" and "NIR_BROAD" not in str(training.data):
        pytest.skip("the training's files have one near infrared")
    with pytest.raises(PrithviError) as e:
        read_chip(dataclasses.replace(card, **WRONG[wrong](card)), training, source, tmp_path / "chips")
    assert "\n" not in e.value.line


def test_swapped_dates_are_found(tmp_path):
    from prithvi_qgis.engine.importing.card_check import compare

    card, training, source = imported(tmp_path, configurations()["crops"])
    theirs, ours = read_chip(card, training, source, tmp_path / "chips")
    with pytest.raises(PrithviError, match="normalise"):
        compare(theirs, ours[:, :, ::-1], card)
