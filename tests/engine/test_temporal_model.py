"""A model of three dates says in vLLM what it says in plain TerraTorch, with and without dates and places."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
import rasterio
import torch

from prithvi_qgis.core.models.model_card import read_card
from prithvi_qgis.engine.importing.importer import ImportRequest, import_model
from prithvi_qgis.engine.inference import streaming
from prithvi_qgis.engine.model.model_folder import prepare_model
from prithvi_qgis.engine.model.vllm_backend import VllmBackend
from prithvi_qgis.engine.prepared_scene import PreparedScene
from prithvi_qgis.engine.reading.open_source import open_source
from support import VARIANT, trainings
from support.sources import HLS, request_for
from support.synthetic_scenes import blobs

pytestmark = pytest.mark.vllm

DAYS = ("2023-03-14", "2023-05-20", "2023-07-01")
CROP = {"class_path": "terratorch.datamodules.MultiTemporalCropClassificationDataModule"}


def training(backbone, **data):
    """As the published recipe for crops: three dates, 13 classes, tiles of 224."""
    args = trainings.several_dates(backbone=backbone, classes=13)
    args["backbone_img_size"] = 224
    config = trainings.configuration(args)
    config["model"]["init_args"]["tiled_inference_parameters"] = {
        "h_crop": 224, "h_stride": 192, "w_crop": 224, "w_stride": 192, "delta": 8
    }  # fmt: skip
    config["data"] = {**CROP, "init_args": {"data_root": "/nowhere", "expand_temporal_dimension": True, **data}}
    return config


@pytest.fixture(scope="module", params=["conditioned", "unconditioned"])
def crops(request, tmp_path_factory, _home):
    """An imported model, told dates and places or not, in vLLM; with TerraTorch's own, which never saw the import."""
    folder = tmp_path_factory.mktemp("crops")
    conditioned = request.param == "conditioned"
    config = training("prithvi_eo_v2_tiny_tl", use_metadata=True) if conditioned else training("prithvi_eo_tiny")
    model = trainings.random_model(config)
    if conditioned:  # random scales leave dates without a say
        with torch.no_grad():
            model.encoder.temporal_embed_enc.scale.fill_(2.0)
            model.encoder.location_embed_enc.scale.fill_(1.0)
    lines = []
    order = ImportRequest(*trainings.write(folder, config, model), f"crops-{request.param}")
    card = read_card(import_model(order, VARIANT, lambda percent, text: lines.append(text)))
    backend = VllmBackend(card, prepare_model(card), VARIANT, "float32", 2, 0.0)
    yield card, model, backend, lines
    backend.close()


@pytest.fixture
def dates(make_scene):
    """Three dates, the second one first; 500 x 300 pixels."""
    return [
        make_scene(300, 500, HLS.format(day), values=blobs(300, 500, seed=n) + np.uint16(200 * n))
        for n, day in enumerate(("2023140", "2023073", "2023182"))
    ]


def test_the_card_tells_what_the_training_says(crops):
    card, _, _, lines = crops
    conditioned = card.id == "crops-conditioned"
    assert (card.frames, card.tile, len(card.classes)) == (3, 224, 13)
    assert (card.location_coords, card.temporal_coords) == (conditioned, conditioned)
    assert card.classes[2].name == "Corn" and card.units == "dn" and card.mean[0] == 494.905781
    assert any("3 dates, 13 classes, tiles of 224" in line for line in lines)
    assert any("places and dates, and is told them" in line for line in lines) == conditioned
    assert any("agree on" in line for line in lines)


@pytest.mark.parametrize("given", ["both", "dates", "places", "neither"])
def test_logits_equal_plain_terratorch_whatever_is_known(given, crops):
    card, model, backend, _ = crops
    rng = np.random.default_rng(2)
    tiles = rng.normal(size=(2, 6, 3, 224, 224)).astype(np.float32)
    places = np.array([[41.5, -3.0], [-33.0, 151.0]], np.float32) if given in ("both", "places") else None
    days = np.array([[[2023, 72], [2023, 139], [2023, 181]], [[2018, 10], [2018, 20], [2019, 5]]], np.float32)
    days = days if given in ("both", "dates") else None
    named = {"location_coords": places, "temporal_coords": days}
    with torch.inference_mode():
        expected = model(
            torch.from_numpy(tiles), **{k: torch.from_numpy(v) for k, v in named.items() if v is not None}
        ).output.numpy()
    found = backend.infer(tiles, places, days)
    assert found.shape == (2, 13, 224, 224)
    assert len(np.unique(expected.argmax(1))) > 4
    assert np.abs(found - expected).max() < 2e-3 * expected.std()
    assert (found.argmax(1) == expected.argmax(1)).mean() >= 0.999
    if card.temporal_coords and days is not None:
        assert np.abs(backend.infer(tiles, places, days - 30) - found).max() > 1e-2
        assert np.abs(backend.infer(tiles, places) - found).max() > 1e-2


def test_a_mask_of_three_dates_equals_terratorchs_tiled_inference(crops, make_scene, tmp_path):
    from terratorch.tasks.tiled_inference import tiled_inference

    card, model, backend, _ = crops
    # Without a georeference there are no places, which tiled_inference could not give tile by tile.
    dates = []
    for n, day in enumerate(("2023140", "2023073", "2023182")):
        values = blobs(300, 500, seed=n) + np.uint16(200 * n)
        values[:, 100:140, 200:400] = 0
        dates.append(make_scene(name=HLS.format(day), values=values, transform=None, nodata=0))
    request = request_for(dates[0], dates[1:], tmp_path)
    source = open_source(request, card)
    try:
        streaming.stream(PreparedScene(request, card, source), backend, lambda m: None)
    finally:
        source.close()
    mean, std = (np.array(v, np.float32)[:, None, None] for v in (card.mean, card.std))
    cube = []
    for n in (1, 0, 2):  # in the order of time
        with rasterio.open(dates[n]) as src:
            values = src.read().astype(np.float32)
        cube.append(np.where(values == 0, 0, (values - mean) / std))
    flat = torch.from_numpy(np.concatenate(cube))[None]
    conditioned = (
        {"temporal_coords": torch.tensor([[[2023.0, 72], [2023, 139], [2023, 181]]])} if card.temporal_coords else {}
    )

    def forward(x):
        with torch.inference_mode():
            more = {k: v.expand(len(x), -1, -1) for k, v in conditioned.items()}
            return model(x.unflatten(1, (3, 6)).transpose(1, 2), **more).output

    logits = tiled_inference(forward, flat, crop=224, stride=192, delta=8, batch_size=2)[0].numpy()
    expected = logits.argmax(0)
    expected[100:140, 200:400] = 255
    with rasterio.open(tmp_path / "mask.tif") as src:
        mask = src.read(1)
    assert (mask == expected).mean() >= 0.999
    assert len(np.unique(mask)) > 4
    assert (mask == 255).sum() == 40 * 200


def test_each_tile_gets_its_place_and_all_get_the_days(crops, dates, tmp_path):
    card, model, backend, _ = crops
    seen = []

    class Watched:
        def __getattr__(self, name):
            return getattr(backend, name)

        def run(self, tiles, step):
            def watched(numbers, forward):
                def keep(pixels, coords, *more):
                    logits = forward(pixels, coords, *more)
                    seen.append((pixels, coords, more, logits.clone()))
                    return logits

                step(numbers, keep)

            backend.run(tiles, watched)

    request = request_for(dates[0], dates[1:], tmp_path)
    source = open_source(request, card)
    try:
        streaming.stream(PreparedScene(request, card, source), Watched(), lambda m: None)
    finally:
        source.close()
    conditioned = card.temporal_coords
    for pixels, coords, more, logits in seen:
        assert (coords is not None) == conditioned and bool(more) == conditioned
        named = {"location_coords": coords, "temporal_coords": more[0]} if conditioned else {}
        with torch.inference_mode():
            expected = model(pixels, **named).output
        assert torch.allclose(logits, expected, atol=2e-3 * float(expected.std()))
    if conditioned:
        assert len(torch.unique(torch.cat([s[1] for s in seen]), dim=0)) == sum(len(s[0]) for s in seen)


def test_a_model_of_one_date_is_told_its_day(make_scene, tmp_path):
    args = trainings.arguments(backbone="prithvi_eo_v2_tiny_tl", backbone_coords_encoding=["time"])
    config = trainings.configuration(args)
    card = read_card(
        import_model(
            ImportRequest(*trainings.write(tmp_path, config, trainings.random_model(config)), "one"),
            VARIANT,
            lambda *a: None,
        )
    )
    assert (card.frames, card.location_coords, card.temporal_coords) == (1, False, True)
    for name, known in ((HLS.format("2023073"), True), ("scene.tif", False)):
        source = open_source(request_for(make_scene(40, 50, name), (), tmp_path), card)
        source.close()
        assert (source.temporal is not None) == known
        assert any("it is told none" in w for w in source.warnings) != known
    assert dataclasses.replace(card, temporal_coords=False) != card


def test_half_precision_keeps_days_apart():
    from prithvi_qgis.engine.model.forward import keep_coordinates_exact, predict

    config = training("prithvi_eo_v2_tiny_tl", use_metadata=True)
    model = trainings.random_model(config)
    days = torch.tensor([[[2023.0, 72], [2023, 139], [2023, 181]]])
    exact = model.encoder.temporal_embed_enc(days)
    model = model.bfloat16()
    keep_coordinates_exact(model)
    found = model.encoder.temporal_embed_enc(days)
    assert found.dtype == torch.bfloat16
    assert (found.float() - exact.to(torch.bfloat16).float()).abs().max() < 0.01
    with torch.inference_mode():
        out = predict(model, torch.zeros(1, 6, 3, 224, 224), torch.tensor([[41.5, -3.0]]), days)
    assert torch.isfinite(out).all()


def test_the_crop_cards_facts_are_those_of_the_recipe(crops):
    from pathlib import Path

    card, published = crops[0], read_card(Path(__file__).parents[2] / "resources" / "models" / "crop-300m")
    for fact in ("bands", "frames", "tile", "units", "mean", "std", "scale"):
        assert getattr(card, fact) == getattr(published, fact), fact
    assert [c.name.lower() for c in card.classes] == [c.name.lower() for c in published.classes]
