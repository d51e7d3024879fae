"""Models that predict a quantity for each pixel."""

from __future__ import annotations

import dataclasses
import json

import numpy as np
import pytest
import rasterio
import torch

from prithvi_qgis.core.errors import ErrorCode, PrithviError
from prithvi_qgis.core.models.model_card import Quantity, read_card
from prithvi_qgis.core.protocol.messages import Segment
from prithvi_qgis.engine.importing.importer import ImportRequest, import_model
from prithvi_qgis.engine.inference import segment_scene, streaming
from prithvi_qgis.engine.model.model_folder import prepare_model
from prithvi_qgis.engine.model.model_loader import Loader
from prithvi_qgis.engine.model.torch_backend import TorchBackend
from prithvi_qgis.engine.prepared_scene import PreparedScene
from prithvi_qgis.engine.reading.rasterio_source import RasterioSource
from support import VARIANT, trainings
from support.stand_in import StandIn
from support.synthetic_scenes import blobs


class Numbers(StandIn):
    """Predicts ten times the first band; once a number that is none."""

    def forward(self, tiles, coords):
        out = 10 * tiles[:, :1]
        out[out > 20] = float("inf")
        return out


@pytest.fixture
def predicted(card, tmp_path):
    """A run with the stand-in: (numbers, tally, scene's first band as the model sees it)."""

    def go(path, **fields):
        quantity = Quantity("Above-ground biomass", "Mg/ha", 0.0, 300.0)
        model = dataclasses.replace(
            card, classes=(), task="regression", quantity=quantity, tile=64, stride=48, margin=4
        )
        request = Segment(str(path), str(card.folder), str(tmp_path / "v.tif"), **fields)
        scene = RasterioSource(str(path))
        try:
            scene.prepare(model, (), None, None)
            statistics, classes = streaming.stream(PreparedScene(request, model, scene), Numbers(), lambda m: None)
        finally:
            scene.close()
        assert classes == ()
        with rasterio.open(path) as src, rasterio.open(tmp_path / "v.tif") as out:
            band = (src.read(1) * 1e-4 - card.mean[0]) / card.std[0]
            return out.read(1), statistics, band, out.profile, out.tags(), (out.descriptions, out.units)

    return go


def test_numbers_are_blended_written_as_they_are_and_summed_up(make_scene, predicted, tmp_path):
    values = blobs(150, 700)
    hole = np.random.default_rng(3).random((150, 700)) < 0.05
    values[2, hole] = 0
    values[0, 40, 50] = 9000
    numbers, statistics, band, profile, tags, described = predicted(make_scene(values=values, nodata=0), memory_mb=1)
    assert (profile["dtype"], profile["nodata"], profile["compress"], profile["tiled"]) == (
        "float32",
        -9999,
        "deflate",
        True,
    )
    gone = hole | (10 * band > 20)
    assert (10 * band > 20).any()
    # A number that is none spoils what is blended with it: all of the pixel, nothing else.
    assert np.array_equal(numbers == -9999, gone)
    known = numbers[~gone]
    np.testing.assert_allclose(known, 10 * band[~gone], atol=1e-4)
    summary = statistics.values()
    assert summary == pytest.approx(
        {"mean": known.mean(dtype=float), "std": known.std(dtype=float), "min": known.min(), "max": known.max(),
         "pixels": known.size}
    )  # fmt: skip
    assert statistics.nodata == gone.sum()
    assert tags["PRITHVI_QUANTITY"] == "Above-ground biomass (Mg/ha)"
    assert described == (("Above-ground biomass",), ("Mg/ha",))
    with rasterio.open(tmp_path / "v.tif") as src:
        assert float(src.tags(1)["STATISTICS_MEAN"]) == pytest.approx(summary["mean"], rel=1e-6)
    style = (tmp_path / "v.qml").read_text()
    assert 'classificationMin="0" classificationMax="300"' in style and "#440154" in style


def test_a_scene_of_nothing_but_nodata_has_no_statistics_and_a_style(make_scene, predicted, tmp_path):
    numbers, statistics, *_ = predicted(make_scene(values=np.zeros((6, 9, 9), np.uint16), nodata=0))
    assert (numbers == -9999).all()
    assert statistics.values() == {"pixels": 0}
    assert "STATISTICS_MEAN" not in (tmp_path / "v.tif.aux.xml").read_text()


def training(decoder="UperNetDecoder", **more):
    args = trainings.arguments(decoder, **more)
    del args["num_classes"]
    config = trainings.configuration(args)
    config["model"]["class_path"] = "terratorch.tasks.PixelwiseRegressionTask"
    config["model"]["init_args"].update(loss="rmse", ignore_index=-1)
    config["data"]["class_path"] = "terratorch.datamodules.GenericNonGeoPixelwiseRegressionDataModule"
    del config["data"]["init_args"]["num_classes"]
    return config


def regression(config, seed=2):
    """TerraTorch's own model, whose numbers vary."""
    from terratorch.registry import MODEL_FACTORY_REGISTRY

    args = {k: v for k, v in config["model"]["init_args"]["model_args"].items() if k != "backbone_pretrained"}
    torch.manual_seed(seed)
    if args["decoder"] == "LinearDecoder":
        args.update(decoder_num_classes=1, num_outputs=1)
    model = MODEL_FACTORY_REGISTRY.build("EncoderDecoderFactory").build_model(
        task="regression", backbone_pretrained=False, **args
    )
    model.eval()
    with torch.inference_mode():
        last = [m for m in model.head.modules() if isinstance(m, torch.nn.Conv2d)][-1]
        spread = model(torch.randn(1, 6, 64, 64)).output.std()
        last.weight *= 40 / max(float(spread), 1e-3)
        last.bias += 120
    return model


@pytest.mark.parametrize("head", [{}, {"head_final_act": "torch.nn.LeakyReLU", "head_channel_list": [16, 8]}])
@pytest.mark.vllm
def test_an_imported_regression_says_in_vllm_what_plain_terratorch_says(head, home, make_scene, tmp_path):
    config = training(**head)
    model = regression(config)
    quantity = json.dumps({"name": "Above-ground biomass", "unit": "Mg/ha", "min": 0, "max": 300})
    lines = []
    files = trainings.write(tmp_path / "training", config, model)
    folder = import_model(ImportRequest(*files, "biomass", quantity), VARIANT, lambda percent, text: lines.append(text))
    assert any("one number a pixel (Above-ground biomass)" in line for line in lines)
    card = read_card(folder)
    assert (card.task, card.quantity) == ("regression", Quantity("Above-ground biomass", "Mg/ha", 0, 300))
    path = make_scene(64, 64)
    with rasterio.open(path) as src:
        reflectance = src.read().astype(np.float64) * 1e-4
    mean, std = (np.array(config["data"]["init_args"][k])[:, None, None] for k in ("means", "stds"))
    with torch.inference_mode():
        wanted = model(torch.from_numpy(((reflectance - mean) / std)[None].astype(np.float32))).output[0].numpy()
    assert wanted.std() > 1
    loader = Loader(VARIANT)
    request = Segment(str(path), str(folder), str(tmp_path / "v.tif"))
    try:
        result = segment_scene.run_segment(request, loader, lambda m: None)
        if not head:
            wide = make_scene(100, 300, name="wide.tif")
            segment_scene.run_segment(
                dataclasses.replace(request, source=str(wide), output=str(tmp_path / "w.tif")), loader,
                lambda m: None,
            )  # fmt: skip
    finally:
        loader.unload()
    with rasterio.open(tmp_path / "v.tif") as src:
        numbers = src.read(1)
    np.testing.assert_allclose(numbers, wanted, rtol=1e-3, atol=2e-3 * wanted.std())
    assert result.values["mean"] == pytest.approx(float(wanted.mean()), rel=1e-3)
    assert (result.classes, result.values["pixels"]) == ((), 64 * 64)
    if not head:  # the same pipeline with plain torch, over several tiles
        plain = TorchBackend(card, prepare_model(card), VARIANT, "float32", 2, fused=False)
        scene = RasterioSource(str(wide))
        scene.prepare(card, (), None, None)
        again = dataclasses.replace(request, source=str(wide), output=str(tmp_path / "x.tif"))
        streaming.stream(PreparedScene(again, card, scene), plain, lambda m: None)
        scene.close()
        with rasterio.open(tmp_path / "w.tif") as one, rasterio.open(tmp_path / "x.tif") as other:
            np.testing.assert_allclose(one.read(1), other.read(1), rtol=1e-3, atol=2e-3 * wanted.std())


def test_a_linear_regression_and_one_without_a_name_import(home, tmp_path, monkeypatch):
    from prithvi_qgis.engine.importing import self_check

    monkeypatch.setattr(self_check, "check_in_vllm", lambda *checked: 1.0)
    config = training("LinearDecoder")
    folder = import_model(
        ImportRequest(*trainings.write(tmp_path / "t", config, regression(config)), "linear"), VARIANT, lambda *a: None
    )
    assert read_card(folder).quantity == Quantity("Value", "", None, None)


def test_a_ready_regression_takes_another_name_and_unit_and_no_classes(home, tmp_path, monkeypatch):
    from prithvi_qgis.engine.importing import self_check

    monkeypatch.setattr(self_check, "check_in_vllm", lambda *checked: 1.0)
    config = training()
    ready = import_model(
        ImportRequest(*trainings.write(tmp_path / "t", config, regression(config)), "one"), "cpu", lambda *a: None
    )
    given = json.dumps({"name": "Biomass", "unit": "t/ha", "min": 0, "max": 200})
    other = import_model(ImportRequest(ready / "model.json", None, "other", given), "cpu", lambda *a: None)
    assert read_card(other).quantity == Quantity("Biomass", "t/ha", 0, 200)
    classes = '[{"value": 0, "name": "Land"}, {"value": 1, "name": "Water"}]'
    with pytest.raises(PrithviError, match="predicts a quantity, and CLASSES gives it no name") as e:
        import_model(ImportRequest(ready / "model.json", None, "third", classes), "cpu", lambda *a: None)
    assert e.value.code is ErrorCode.PARAMETER_INVALID
    assert not (ready.parent / "third").exists()


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ("[]", "no name"),
        ('{"unit": "m"}', "no name"),
        ('{"name": "a", "min": "x"}', "'x'"),
        ('{"name": "a", "min": 3, "max": 3}', "min of 3"),
        ("{", "no JSON"),
    ],
)
def test_a_quantity_that_does_not_fit_is_refused(given, says, home, tmp_path):
    files = trainings.write(tmp_path / "t", training(), torch.nn.Identity())
    with pytest.raises(PrithviError, match=says) as e:
        import_model(ImportRequest(*files, "m", given), VARIANT, lambda *a: None)
    assert e.value.code is ErrorCode.PARAMETER_INVALID


def test_card_and_configuration_must_agree_on_the_task(own_model):
    body = json.loads((own_model / "model.json").read_text())
    body.update(task="regression", quantity={"name": "Value"})
    (own_model / "model.json").write_text(json.dumps(body))
    with pytest.raises(PrithviError, match="card says regression") as e:
        prepare_model(read_card(own_model))
    assert e.value.code is ErrorCode.MODEL_INVALID
