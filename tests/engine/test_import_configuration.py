"""What stands in a training's YAML means to the import what it means to TerraTorch, or is refused by name."""

from __future__ import annotations

import copy
import sys

import pytest
import yaml

from prithvi_qgis.core.errors import ErrorCode, PrithviError
from prithvi_qgis.engine.importing.model_args import date_count, inference_args
from prithvi_qgis.engine.importing.model_files import seen_resolution
from prithvi_qgis.engine.importing.normalization import chip_size, read_data
from prithvi_qgis.engine.importing.terratorch_config import read_training
from prithvi_qgis.engine.importing.tile_settings import plan_tiling
from prithvi_qgis.engine.model.allowlist import CLASS_PATHS, resolve_class
from support import trainings

RESIZE = {"class_path": "albumentations.Resize", "init_args": {"height": 224, "width": 224}}
TENSOR = {"class_path": "albumentations.pytorch.ToTensorV2"}


def read(tmp_path, config):
    """Training, arguments and data facts of a configuration, given as an object or as text."""
    path = tmp_path / "config.yaml"
    path.write_text(config if isinstance(config, str) else yaml.safe_dump(config))
    training = read_training(path)
    args = inference_args(training)
    return training, args, read_data(training, args)


def resolution(tmp_path, config):
    training, args, data = read(tmp_path, config)
    return seen_resolution(data, plan_tiling(training, args, chip_size(training)))


def small(**data):
    return trainings.configuration(trainings.arguments(), **data)


def refusal(tmp_path, config):
    with pytest.raises(PrithviError) as e:
        read(tmp_path, config)
    assert "\n" not in e.value.line
    return e.value.line


LONG_PATHS = {
    "terratorch.tasks.segmentation_tasks.SemanticSegmentationTask": "terratorch.tasks.SemanticSegmentationTask",
    "terratorch.tasks.regression_tasks.PixelwiseRegressionTask": "terratorch.tasks.PixelwiseRegressionTask",
    "terratorch.datamodules.sen1floods11.Sen1Floods11NonGeoDataModule": (
        "terratorch.datamodules.Sen1Floods11NonGeoDataModule"
    ),
    "terratorch.datamodules.generic_pixel_wise_data_module.GenericNonGeoSegmentationDataModule": (
        "terratorch.datamodules.GenericNonGeoSegmentationDataModule"
    ),
    "terratorch.datasets.transforms.FlattenTemporalIntoChannels": (
        "terratorch.datasets.transforms.FlattenTemporalIntoChannels"
    ),
    "albumentations.augmentations.geometric.resize.Resize": "albumentations.Resize",
    "albumentations.augmentations.crops.transforms.CenterCrop": "albumentations.CenterCrop",
    "albumentations.augmentations.geometric.flip.HorizontalFlip": "albumentations.HorizontalFlip",
    "albumentations.augmentations.geometric.transforms.HorizontalFlip": "albumentations.HorizontalFlip",
    "albumentations.pytorch.transforms.ToTensorV2": "albumentations.pytorch.ToTensorV2",
    "Resize": "albumentations.Resize",
}


@pytest.mark.parametrize("path", LONG_PATHS)
def test_a_class_is_known_by_each_path_that_leads_to_it(path):
    assert resolve_class(path) == LONG_PATHS[path]


@pytest.mark.parametrize("path", sorted(CLASS_PATHS))
def test_each_canonical_path_exists_in_the_installed_libraries(path):
    import importlib

    module, _, name = resolve_class(path).rpartition(".")
    assert getattr(importlib.import_module(module), name).__name__ == name


@pytest.mark.parametrize(
    "path",
    [
        "os.Resize",
        "evil_module_of_a_config.Resize",
        "albumentations.core.transforms_interface.BasicTransform",
        "albumentations.augmentations.geometric.resize.LongestMaxSize",
        "terratorch.cli_tools.SemanticSegmentationTask",
        "terratorch.tasks.os.Resize",
        "terratorch.datamodules.torchgeo_data_module.TorchNonGeoDataModule",
        "terratorch.datamodules.nowhere.Sen1Floods11NonGeoDataModule",
        "terratorch.datamodules.fire_scars.Sen1Floods11NonGeoDataModule",
        "albumentations..Resize",
        "albumentations.__init__.Resize",
        "albumentations.Resize ",
        "albumentations.augmentations.geometric.resize.Resize.apply",
        "",
        None,
        3,
        ["albumentations.Resize"],
    ],
)
def test_any_other_path_is_refused(path):
    assert resolve_class(path) == ""


def test_a_module_outside_the_known_packages_is_not_imported(tmp_path, monkeypatch):
    (tmp_path / "evil_module_of_a_config.py").write_text("raise SystemExit('it ran')")
    (tmp_path / "albumentations_evil.py").write_text("raise SystemExit('it ran')")
    monkeypatch.syspath_prepend(tmp_path)
    assert resolve_class("evil_module_of_a_config.Resize") == resolve_class("albumentations_evil.Resize") == ""
    assert "evil_module_of_a_config" not in sys.modules


def test_values_are_found_at_each_place_where_lightning_lets_them_stand(tmp_path):
    plain = read(tmp_path, small())
    config = small()
    nested = copy.deepcopy(config)
    nested["data"]["dict_kwargs"] = {"means": nested["data"]["init_args"].pop("means")}
    assert read(tmp_path, nested)[2] == plain[2]
    assert read(tmp_path, {"fit": config, "ckpt_path": None})[2] == plain[2]
    args = config["model"]["init_args"]["model_args"]
    moved = copy.deepcopy(config)
    for group in ("backbone", "decoder"):
        keys = [key for key in args if key.startswith(f"{group}_")]
        inner = {key.removeprefix(f"{group}_"): args[key] for key in keys}
        moved["model"]["init_args"]["model_args"][f"{group}_kwargs"] = inner
        for key in keys:
            del moved["model"]["init_args"]["model_args"][key]
    assert read(tmp_path, moved)[1:] == plain[1:]
    flat = {"data.init_args.means" if k == "means" else k: v for k, v in config.items()}
    flat["data.init_args.means"] = config["data"]["init_args"].pop("means")
    assert read(tmp_path, flat)[2] == plain[2]


def test_anchors_merges_and_numbers_without_a_point_are_read_as_jsonargparse_reads_them(tmp_path):
    text = yaml.safe_dump(small()).replace(
        "decoder_channels: 16", "decoder_channels: &width 16\n      backbone_drop_path: 1e-1"
    )
    _, args, data = read(tmp_path, text)
    assert args["backbone_drop_path"] == 0.1 and data.scale == 1e-4
    merged = "common: &common {batch_size: 2, means: [.1,.1,.1,.2,.2,.1]}\n" + text.replace(
        "  init_args:\n    batch_size: 4", "  init_args:\n    <<: *common\n    batch_size: 4", 1
    ).replace("    means:\n    - 0.11\n    - 0.12\n    - 0.13\n    - 0.24\n    - 0.21\n    - 0.15\n", "")
    assert read(tmp_path, merged)[2].mean == (0.1, 0.1, 0.1, 0.2, 0.2, 0.1)


@pytest.mark.parametrize(
    ("place", "value", "says"),
    [
        (("model",), "model.yaml", "model in another file, model.yaml"),
        (("data",), "data.yml", "data in another file"),
        (("data", "init_args"), "args.yaml", "data.init_args in another file"),
        (("model", "init_args", "model_args"), "args.yaml", "model.init_args.model_args in another file"),
        (("model", "class_path"), "terratorch.tasks.ClassificationTask", "classification of whole images"),
        (("model", "class_path"), "ObjectDetectionTask", "instance segmentation"),
        (("data", "class_path"), "terratorch.datamodules.PASTISDataModule", "PASTISDataModule"),
    ],
)
def test_what_is_elsewhere_or_of_another_kind_is_refused_by_name(place, value, says, tmp_path):
    config = small()
    part = config
    for key in place[:-1]:
        part = part[key]
    part[place[-1]] = value
    assert says in refusal(tmp_path, config)


def test_the_arguments_of_a_task_alone_are_refused(tmp_path):
    assert "hparams.yaml" in refusal(tmp_path, small()["model"]["init_args"])


def test_bands_are_named_by_enumeration_by_number_or_by_the_backbone(tmp_path):
    names = [f"HLSBands.{band}" for band in trainings.BANDS]
    config = small(dataset_bands=names, output_bands=names)
    config["model"]["init_args"]["model_args"]["backbone_bands"] = names
    _, args, data = read(tmp_path, config)
    assert data.bands == tuple(trainings.BANDS) and args["backbone_bands"] == trainings.BANDS
    numbered = small(dataset_bands=list(range(13)), output_bands=[1, 2, 3, 8, 11, 12])
    _, _, data = read(tmp_path, numbered)
    assert data.bands == tuple(trainings.BANDS) and "numbers its bands" in data.notes[0]
    numbered["model"]["init_args"]["model_args"]["backbone_bands"] = [1, 2, 3, 8, 11, 12]
    assert "calls a band '1'" in refusal(tmp_path, numbered)


DN_MEANS, DN_STDS = [330, 570, 590, 2320, 1970, 1190], [230, 270, 400, 780, 870, 720]


def test_means_have_the_units_of_what_the_data_module_gives(tmp_path):
    reflectance = read(tmp_path, small())[2]
    assert (reflectance.units, reflectance.scale, reflectance.offset) == ("reflectance", 1e-4, 0)
    stored = read(tmp_path, small(means=DN_MEANS, stds=DN_STDS, constant_scale=1))[2]
    assert (stored.units, stored.scale) == ("dn", 1e-4)
    multiplied = read(tmp_path, small(means=DN_MEANS, stds=DN_STDS, constant_scale=10000))[2]
    assert (multiplied.units, multiplied.mean[3]) == ("dn", 2320)
    landsat = read(tmp_path, small(means=[0.25] * 6, stds=[0.1] * 6, constant_scale=0.0000275))[2]
    assert (landsat.units, landsat.scale, landsat.offset) == ("reflectance", 2.75e-5, -0.2)
    assert landsat.mean[0] == pytest.approx(0.05) and "Landsat" in landsat.notes[0]


@pytest.mark.parametrize(
    ("data", "says"),
    [
        ({"means": DN_MEANS, "stds": DN_STDS, "constant_scale": 0.0001}, "do not fit its constant_scale"),
        ({"constant_scale": 10000}, "do not fit its constant_scale"),
        ({"constant_scale": 0.001}, "multiplies stored numbers by 0.001"),
        ({"constant_scale": 0.00392}, "multiplies stored numbers by 0.00392"),
        ({"means": [87, 81, 67, 90, 80, 70], "stds": [58] * 6, "constant_scale": 1}, "neither reflectance"),
        ({"means": [0] * 6, "stds": [1] * 6, "constant_scale": 1}, "leave open"),
        ({"means": [9000] * 6, "stds": [1500] * 6, "constant_scale": 1}, "Landsat Collection 2"),
    ],
)
def test_means_that_cannot_be_of_reflectance_are_refused(data, says, tmp_path):
    line = refusal(tmp_path, small(**data))
    assert says in line and "constant_scale" in line


def known(name, **data):
    config = trainings.configuration(trainings.arguments(classes=2))
    config["data"] = {"class_path": name, "init_args": {"bands": list(trainings.BANDS), **data}}
    return config


@pytest.mark.parametrize(
    ("name", "metres"),
    [("FireScarsNonGeoDataModule", 68.57), ("Sen1Floods11NonGeoDataModule", 22.86)],
)
def test_chips_that_were_shrunk_enlarge_the_pixels_that_the_model_saw(name, metres, tmp_path):
    assert resolution(tmp_path, known(name, test_transform=[RESIZE, TENSOR])) == (metres, [])
    assert resolution(tmp_path, known(name, train_transform=[RESIZE, TENSOR])) == (metres, [])
    longest = {"class_path": "albumentations.LongestMaxSize", "init_args": {"max_size": 224}}
    composed = {"class_path": "albumentations.Compose", "init_args": {"transforms": [longest, TENSOR]}}
    assert resolution(tmp_path, known(name, train_transform=[composed])) == (metres, [])


def test_crops_are_tiles_and_keep_the_size_of_pixels(tmp_path):
    crop = {"class_path": "albumentations.RandomCrop", "init_args": {"height": 256, "width": 256}}
    whole = {"class_path": "albumentations.Resize", "init_args": {"height": 512, "width": 512}}
    for transforms in ([crop, TENSOR], [whole, TENSOR], [TENSOR]):
        config = known("FireScarsNonGeoDataModule", train_transform=transforms)
        assert resolution(tmp_path, config) == (30.0, [])
    config = known("FireScarsNonGeoDataModule", train_transform=[crop, RESIZE])
    assert resolution(tmp_path, config)[0] == round(30 * 256 / 224, 2)


def test_a_resize_of_chips_of_unknown_size_is_a_fact_that_is_not_verified(tmp_path):
    metres, unverified = resolution(tmp_path, small(val_transform=[RESIZE, TENSOR]))
    assert metres == 0 and any("Resize to 224 pixels in val_transform" in line for line in unverified)
    random = {"class_path": "albumentations.RandomResizedCrop", "init_args": {"size": [224, 224]}}
    metres, unverified = resolution(tmp_path, known("FireScarsNonGeoDataModule", train_transform=[random]))
    assert metres == 0 and "RandomResizedCrop" in unverified[0]


def temporal(**more):
    config = small()
    config["model"]["init_args"]["model_args"].update(backbone_use_temporal=True, **more)
    return config


def test_the_dates_of_a_temporal_wrapper_are_its_own(tmp_path):
    for more, dates in (
        ({"backbone_temporal_n_timestamps": 4}, 4),
        ({"backbone_temporal_pooling": "diff"}, 2),
        ({"backbone_temporal_subset_lengths": [2, 3]}, 5),
    ):
        training, args, _ = read(tmp_path, temporal(**more))
        assert date_count(training, args) == dates
    off = temporal(backbone_temporal_pooling="mean")
    off["model"]["init_args"]["model_args"]["backbone_use_temporal"] = False
    _, args, _ = read(tmp_path, off)
    assert not any("temporal" in key for key in args)


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ({"backbone_temporal_pooling": "mean"}, "backbone_use_temporal"),
        ({"backbone_temporal_n_timestamps": 1}, "backbone_use_temporal"),
        ({"backbone_temporal_n_timestamps": 3, "backbone_num_frames": 3}, "backbone_num_frames"),
        ({"backbone_temporal_n_timestamps": 3, "backbone_temporal_pooling": "keep"}, "keep"),
    ],
)
def test_a_temporal_wrapper_that_cannot_run_is_refused_by_name(more, says, tmp_path):
    assert says in refusal(tmp_path, temporal(**more))


def terramind(backbone_modalities, bands=None, name="GenericNonGeoSegmentationDataModule", **data):
    config = trainings.configuration({"backbone": "terramind_v1_tiny", "decoder": "UNetDecoder", "num_classes": 2})
    args = config["model"]["init_args"]["model_args"]
    args["backbone_modalities"] = backbone_modalities
    if bands:
        args["backbone_bands"] = bands
    config["data"]["class_path"] = name
    config["data"]["init_args"].update(data)
    return config


def test_terramind_takes_one_optical_modality(tmp_path):
    dn = {"means": DN_MEANS, "stds": DN_STDS, "constant_scale": 1}
    for modalities, bands in ((["S2L2A"], {"S2L2A": trainings.BANDS}), ([{"HLS": 6}], None)):
        _, args, data = read(tmp_path, terramind(modalities, bands, **dn))
        assert data.bands == tuple(trainings.BANDS)
        assert args.get("backbone_bands") == bands
    whole = terramind(
        ["S2L1C"], dataset_bands=None, output_bands=None, **dn | {"means": [900] * 13, "stds": [400] * 13}
    )
    assert read(tmp_path, whole)[2].bands[9:11] == ("WATER_VAPOR", "CIRRUS")
    one = {key: {"S2L2A": value} for key, value in dn.items()}
    one |= {key: {"S2L2A": list(trainings.BANDS)} for key in ("dataset_bands", "output_bands")}
    module = "GenericMultiModalDataModule"
    config = terramind(["S2L2A"], {"S2L2A": trainings.BANDS}, module, modalities=["S2L2A"], **one)
    training, _, data = read(tmp_path, config)
    assert training.modality == "S2L2A" and data.units == "dn" and data.mean[0] == 330


@pytest.mark.parametrize(
    ("config", "says"),
    [
        (terramind(["S2L2A", "S1GRD"]), "S2L2A, S1GRD"),
        (terramind(["S1GRD"]), "S1GRD"),
        (terramind(["tok_sen2l2a@224"]), "tok_sen2l2a"),
        (terramind(["DEM"]), "DEM"),
        (terramind(None), "backbone_modalities"),
        (terramind(["S2L2A"], {"S1GRD": ["VV", "VH"]}), "S1GRD"),
        (terramind(["S2L2A"], trainings.BANDS), "no list of bands a modality"),
        (terramind(["S2L2A"], None, "GenericMultiModalDataModule", modalities=["S2L2A", "DEM"]), "S2L2A, DEM"),
    ],
)
def test_other_modalities_are_refused_by_name(config, says, tmp_path):
    assert says in refusal(tmp_path, config)


def test_parts_that_open_or_download_are_forbidden_in_decoders_of_smp(tmp_path):
    from prithvi_qgis.engine.importing.model_files import vllm_config
    from prithvi_qgis.engine.model.allowlist import check_config

    config = small()
    config["model"]["init_args"]["model_args"] |= {"decoder": "smp_FPN", "decoder_encoder_weights": "imagenet"}
    training, args, data = read(tmp_path, config)
    with pytest.raises(PrithviError, match="decoder_encoder_weights") as e:
        check_config(vllm_config(training, args, data, plan_tiling(training, args), False), "config.yaml")
    assert e.value.code is ErrorCode.MODEL_FORBIDDEN
