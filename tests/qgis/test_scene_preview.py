"""The form foretells what the engine does: each scene is asked of both, in their own Pythons, and the answers compared."""

from __future__ import annotations

import dataclasses
import json
import os
import subprocess
from pathlib import Path

import numpy as np
import pytest
from osgeo import gdal

from prithvi_qgis.algorithms.scenes.scene_preview import automatic_bands, choose, preview_scene, read_facts
from prithvi_qgis.core.errors import PrithviError
from prithvi_qgis.core.models.model_card import read_card
from prithvi_qgis.core.protocol.stated_metadata import StatedBand, StatedMetadata
from prithvi_qgis.core.scenes.sensors import SENSORS
from prithvi_qgis.core.system import paths
from support import ROOT, granules, rasters, sentinel2

ENGINE = """
import json, sys
from pathlib import Path
from prithvi_qgis.core.models.model_card import read_card
from prithvi_qgis.core.errors import PrithviError
from prithvi_qgis.core.protocol.codec import decode
from prithvi_qgis.engine.reading.open_source import open_source
answers = []
for path, bands, scale, offset, extent, sensor, stated in json.load(sys.stdin):
    try:
        body = dict(type="Segment", source=path, model="", output="", bands=bands, extent=extent, scale=scale)
        request = decode(json.dumps({**body, "offset": offset, "sensor": sensor, "stated": stated}).encode())
        scene = open_source(request, read_card(Path(sys.argv[1])))
        answers.append([list(scene.bands), scene.scaling.text, scene.warnings, scene.notes])
        scene.close()
    except PrithviError as e:
        answers.append(e.line)
print(json.dumps(answers))
"""


@pytest.fixture(scope="module")
def card():
    return read_card(paths.resources() / "models" / "demo-water")


def odd_scene(folder: Path, name: str, kind: str, width: int = 500, height: int = 300) -> str:
    """Values from 30000 up, which are refused with their percentiles: a pixel read differently shows."""
    random = np.random.default_rng(3)
    pixels = random.uniform(3e4, 6e4, (6, height, width)) + np.arange(width) * 20.0
    options = {"names": rasters.BANDS, "kind": gdal.GDT_Float32}
    path = folder / f"{name}.tif"
    if kind == "nodata":
        pixels[:, :, :200] = -9999
        return rasters.write(path, pixels, nodata=-9999, **options)
    if kind == "nodata in one band":
        pixels[3, :100] = 0
        return rasters.write(path, pixels, nodata=0, **options)
    if kind == "undeclared fill":
        pixels[:, :, :200] = -9999
        pixels[3, :100] = -3.4e38
        return rasters.write(path, pixels, **options)
    if kind == "black in every band":
        pixels[:, :, :200] = 0
        return rasters.write(path, pixels, **options)
    if kind == "gap in a mosaic":
        tile = rasters.write(
            folder / "tile.tif", pixels[:, :, 200:], transform=(502000.0, *rasters.TRANSFORM[1:]), **options
        )
        path = path.with_suffix(".vrt")
        gdal.BuildVRT(str(path), [tile], outputBounds=(500000, 4497000, 505000, 4500000))
        return named_bands(path)
    if kind == "masks of band files":
        files = [rasters.write(folder / f"{b}.tif", pixels[n : n + 1], **options) for n, b in enumerate(rasters.BANDS)]
        for number, file in enumerate(files):
            dataset = gdal.OpenEx(file, gdal.OF_UPDATE)
            dataset.CreateMaskBand(gdal.GMF_PER_DATASET)
            mask = np.full((height, width), 255, np.uint8)
            mask[: 20 * number] = 0
            dataset.GetRasterBand(1).GetMaskBand().WriteArray(mask)
            del dataset
        path = path.with_suffix(".vrt")
        gdal.BuildVRT(str(path), files, separate=True)
        return named_bands(path)
    if kind == "two alpha bands":
        halves = np.ones((2, height, width))
        halves[0, :100] = halves[1, :, 200:] = 0
        rasters.write(path, np.concatenate([pixels, halves]), **options)
        dataset = gdal.OpenEx(str(path), gdal.OF_UPDATE)
        for number in (7, 8):
            dataset.GetRasterBand(number).SetColorInterpretation(gdal.GCI_AlphaBand)
        return str(path)
    if kind == "not a number":
        pixels[2, 50:] = np.nan
        return rasters.write(path, pixels, **options)
    if kind == "alpha":
        alpha = np.zeros((1, height, width))
        alpha[:, :, 250:] = 255
        rasters.write(path, np.concatenate([pixels, alpha]), **options)
        dataset = gdal.OpenEx(str(path), gdal.OF_UPDATE)
        dataset.GetRasterBand(7).SetColorInterpretation(gdal.GCI_AlphaBand)
    elif kind == "mask band":
        rasters.write(path, pixels, **options)
        dataset = gdal.OpenEx(str(path), gdal.OF_UPDATE)
        dataset.CreateMaskBand(gdal.GMF_PER_DATASET)
        mask = np.zeros((height, width), np.uint8)
        mask[100:, 100:] = 255
        dataset.GetRasterBand(1).GetMaskBand().WriteArray(mask)
    elif kind == "tiled":
        rasters.write(folder / "strips.tif", pixels, **options)
        gdal.Translate(
            str(path), str(folder / "strips.tif"), creationOptions=["TILED=YES", "BLOCKXSIZE=128", "BLOCKYSIZE=128"]
        )
    else:
        rasters.write(path, pixels, **options)
    return str(path)


def named_bands(path: Path) -> str:
    """The path of a VRT whose bands are given their names."""
    dataset = gdal.OpenEx(str(path), gdal.OF_UPDATE)
    for number, name in enumerate(rasters.BANDS, 1):
        dataset.GetRasterBand(number).SetDescription(name)
    return str(path)


def tagged(folder: Path, name: str, edit, pixels=None, **options) -> str:
    """A good scene with something more in its metadata."""
    path = rasters.write(folder / f"{name}.tif", rasters.scene() if pixels is None else pixels, **options)
    dataset = gdal.OpenEx(path, gdal.OF_UPDATE)
    edit(dataset)
    return path


def own_scaling(dataset) -> None:
    for number in range(1, 7):
        dataset.GetRasterBand(number).SetScale(0.0001)
        dataset.GetRasterBand(number).SetOffset(-0.05)


@pytest.fixture(scope="module")
def questions(tmp_path_factory):
    """(path, bands, scale, offset, extent, sensor's id, what a layer states) of scenes of every kind."""
    folder = tmp_path_factory.mktemp("odd")
    kinds = ("plain", "nodata", "nodata in one band", "not a number", "alpha", "mask band", "two alpha bands")
    kinds += ("undeclared fill", "black in every band", "gap in a mosaic", "masks of band files", "tiled")
    odd = [odd_scene(folder, k.replace(" ", "_"), k) for k in kinds]
    good = rasters.write(folder / "good.tif", rasters.scene())
    byte = rasters.write(folder / "byte.tif", rasters.scene().astype(np.uint8), names=rasters.BANDS)
    complex_ = rasters.write(folder / "complex.tif", rasters.scene(), kind=gdal.GDT_CFloat32)
    real = rasters.write(folder / "real.tif", (rasters.scene() * 1e-4).astype(np.float32))
    named = tagged(
        folder,
        "named",
        lambda d: [d.GetRasterBand(n).SetMetadataItem("BandName", b) for n, b in enumerate(rasters.BANDS, 1)],
        names=(),
    )
    baseline = tagged(folder, "baseline", lambda d: d.SetMetadataItem("PROCESSING_BASELINE", "04.00"))
    holed = rasters.scene().astype(np.int16)
    holed[:, :, :20], holed[:, :, 20:40], holed[:, :10] = -9999, 1234, 0
    filled = rasters.write(folder / "filled.tif", holed)
    landsat = tagged(folder, "landsat", lambda d: d.SetMetadataItem("SATELLITEID", "Landsat-8", "IMAGERY"))
    nobody = rasters.write(folder / "nobody.tif", rasters.scene(bands=5), names=())
    broad = rasters.write(folder / "broad.tif", rasters.scene(), names=("B02", "B03", "B04", "B08", "B11", "B12"))
    (folder / "text.tif").write_text("no raster")
    plain = [odd[0], odd[-1], good, byte, complex_, real, named, baseline, filled, landsat, nobody, broad]
    coarse = rasters.write(folder / "coarse.tif", rasters.scene(), transform=(5e5, 30.0, 0.0, 45e5, 0.0, -30.0))
    degrees = rasters.write(folder / "degrees.tif", rasters.scene(), transform=(10.0, 3e-4, 0.0, 60.0, 0.0, -3e-4))
    gdal.OpenEx(degrees, gdal.OF_UPDATE).SetProjection("EPSG:4326")
    plain += [
        *of_bands(folder),
        coarse,
        degrees,
        *odd[1:-1],
        tagged(folder, "own", own_scaling),
        rasters.write_palette(folder / "palette.tif"),
    ]
    part = (500300.0, 4497200.0, 503333.0, 4499000.0)
    found = [
        *((p, (), None, None, None) for p in plain),
        *((p, (), None, None, part) for p in odd),
        (good, (6, 5, 4, 3, 2, 1), None, None, None),
        (good, (1, 2, 3), None, None, None),
        (good, (1, 2, 3, 4, 5, 60), None, None, None),
        (good, (), 2e-4, None, None),
        (good, (), None, -0.1, None),
        (good, (), 5.0, 0.0, None),
        *of_sensors(folder, good),
        *of_layers(folder, odd[0]),
    ]
    return [(*question, "", None)[:7] if len(question) == 5 else (*question, None)[:7] for question in found]


def of_layers(folder: Path, plain: str) -> list[tuple]:
    """Scenes whose layers state something else than their files."""
    zeros = rasters.scene()
    zeros[:, :, :30] = 0
    declared = rasters.write(folder / "declared.tif", zeros, nodata=0, names=())
    layer = StatedMetadata("its layer", True)
    coarse = odd_scene(folder, "with_overview", "plain")
    gdal.OpenEx(coarse, gdal.OF_UPDATE).BuildOverviews("AVERAGE", [2])
    one_band = tuple(StatedBand(nodata=((4e4, 5e4),)) for _ in range(6))
    named = tuple(StatedBand(name, scale=2e-4, offset=-0.01, file_nodata=False) for name in rasters.BANDS)
    metres = tuple(StatedBand(scale=1e-4) for _ in range(6))
    return [
        (plain, (), None, None, None, "", dataclasses.replace(layer, bands=one_band)),
        (declared, (), None, None, None, "", dataclasses.replace(layer, bands=named, tags={"SENSING_TIME": "2023"})),
        (declared, (), None, None, None, "hls-s30", dataclasses.replace(layer, bands=named)),
        (declared, (), None, None, None, "", dataclasses.replace(layer, bands=named[:4])),
        (declared, (), None, None, None, "", dataclasses.replace(layer, bands=metres, crs="EPSG:2154")),
        (coarse, (), None, None, None, "", dataclasses.replace(layer, open_options=("OVERVIEW_LEVEL=0",))),
        (declared, (), None, None, None, "", StatedMetadata("its STAC item", False, bands=named)),
    ]


def of_bands(folder: Path) -> list[str]:
    """Scenes whose bands are identified, or not, by more than a description; and a Sentinel-2 stack with its offset."""
    counted = rasters.write(folder / "counted.tif", rasters.scene(), names=tuple(f"Band_{n}" for n in range(1, 7)))
    envi = rasters.write(folder / "envi.img", rasters.scene(), names=("",) * 6, driver="ENVI")
    header = Path(envi).with_suffix(".hdr")
    kept = [line for line in header.read_text().splitlines() if not line.startswith(("band names", "Band "))]
    kept += ["wavelength units = Nanometers", "wavelength = {2202.4, 1613.7, 864.7, 664.6, 559.8, 492.4}"]
    header.write_text("\n".join([*kept, "reflectance scale factor = 10000", ""]))
    centres = (0.443, 0.49, 0.56, 0.665, 0.705, 0.74, 0.783, 0.842, 0.865, 0.945, 1.375, 1.61, 2.19)
    pixels = rasters.scene(bands=13) + 1000
    pixels[10] = 1005
    offset = tagged(
        folder,
        "offset",
        lambda d: [
            d.GetRasterBand(n).SetMetadataItem("CENTRAL_WAVELENGTH_UM", str(um), "IMAGERY")
            for n, um in enumerate(centres, 1)
        ],
        pixels=pixels,
        names=(),
    )
    landsat = ((rasters.scene() * 1e-4 + 0.2) / 2.75e-5).astype(np.uint16)
    radiance = (rasters.scene() / 30).astype(np.float32)
    return [
        counted,
        envi,
        offset,
        rasters.write(folder / "collection2.tif", landsat),
        rasters.write(folder / "radiance.tif", radiance),
    ]


def of_sensors(folder: Path, good: str) -> list[tuple]:
    """Presets on files without names, on such that tell of themselves, and products."""
    thirteen = rasters.write(folder / "thirteen.tif", rasters.scene(bands=13), names=())
    gap = ((rasters.scene(bands=7) * 1e-4 + 0.2) / 2.75e-5).astype(np.uint16)
    gap[:, :, :30] = 0
    seven = rasters.write(folder / "seven.tif", gap, names=())
    origin = {
        "ACCODE": "LaSRC",
        "HLS_PROCESSING_TIME": "2022",
        "PRODUCT_URI": "S2A_N0400_R",
        "PROCESSING_BASELINE": "04.00",
    }
    hls = tagged(folder, "hls", lambda d: d.SetMetadata(origin))
    baseline = tagged(folder, "late", lambda d: d.SetMetadataItem("PROCESSING_BASELINE", "05.09"))
    broken = sentinel2.write_product(folder / "broken", "L1C", "05.09")
    sentinel2.image(broken, "B03").unlink()
    kinds = [("L1C", "02.09", False), ("L1C", "05.09", True), ("L2A", "05.09", False)]
    products = [sentinel2.write_product(folder, *kind) for kind in kinds]
    part = (600200.0, 4299200.0, 600900.0, 4299800.0)
    flat = granules.write_granule(folder / "flat", granules.L30, scaled=False)
    granules.write_granule(flat, granules.S30, without=("B12", "B03"))
    landsat = granules.write_granule(folder / "landsat", granules.LANDSAT)
    bands_apart = [flat / granules.L30, flat / granules.S30, flat, landsat]
    bands_apart.append(granules.file_of(landsat, granules.LANDSAT, "SR_B2"))
    return [
        *((str(p), (), None, None, extent) for p in products for extent in (None, part)),
        (str(broken), (), None, None, None),
        *((str(p), (), None, None, None) for p in bands_apart),
        (hls, (), None, None, None),
        *((path, (), None, None, None, s.id) for path in (thirteen, seven, good, baseline, hls) for s in SENSORS),
        (seven, (2, 3, 4, 5, 6, 7), None, None, None, "landsat-sr"),
        (good, (), None, None, None, "spot"),
    ]


@pytest.fixture(scope="module")
def engine_answers(questions):
    python = paths.venv_python("cpu")
    if not python.exists():
        pytest.fail("the CPU engine is not installed: make engine VARIANT=2")
    done = subprocess.run(
        [str(python), "-c", ENGINE, str(paths.resources() / "models" / "demo-water")],
        input=json.dumps(questions, default=dataclasses.asdict),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        env={**{k: v for k, v in os.environ.items() if k != "PYTHONHOME"}, "PYTHONPATH": str(ROOT)},
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def form_answer(card, path, bands, scale, offset, extent, sensor, stated):
    try:
        facts = dataclasses.replace(read_facts(path, Path(path).name, stated), sensor=sensor)
        outlook = preview_scene(facts, card, bands, (scale, offset), extent)
        return [list(choose(facts, card, bands)[0]), outlook.scaling, list(outlook.warnings), list(outlook.notes)]
    except PrithviError as e:
        return e.line


def test_form_and_engine_say_the_same_of_every_scene(card, questions, engine_answers):
    form_answers = [form_answer(card, *question) for question in questions]
    for question, form, engine in zip(questions, form_answers, engine_answers):
        assert form == engine, question
    far = [a[2][-1] for a in form_answers if isinstance(a, list) and a[2] and "RESOLUTION to 10" in a[2][-1]]
    assert "pixels of 30 m" in far[0] and "pixels of 16.74 x 33.42 m" in far[1]
    assert [f.partition(" has pixels of 30 m,")[0] for f in far[2:]] == [granules.L30, granules.LANDSAT]
    answers = {Path(question[0]).name: answer for question, answer in zip(questions, form_answers)}
    assert answers["envi.img"][0] == [6, 5, 4, 3, 2, 1]
    assert "reflectance = DN x 0.0001 - 0.1 (the offset seen in its cirrus band)" in answers["offset.tif"][1]
    refused = [a for a in form_answers if isinstance(a, str)]
    assert len({a.split(",")[0] for a in refused if "holds numbers" in a}) >= 16  # each its own percentiles
    assert (
        sum(
            "hold 1234 in every used band" in str(a) and "that the file does not declare" in str(a)
            for a in form_answers
        )
        == 1
    )


def test_a_choice_that_fails_still_shows_what_was_found(card, tmp_path):
    path = rasters.write(tmp_path / "four.tif", rasters.scene(bands=4), names=("B04", "B03", "B02", "B8A"))
    assert automatic_bands(read_facts(path, "four.tif"), card) == (3, 2, 1, 4, None, None)


def test_transparency_is_no_band_to_choose_automatically(card, tmp_path):
    path = rasters.write(tmp_path / "rgba.tif", rasters.scene(bands=7), names=())
    dataset = gdal.OpenEx(path, gdal.OF_UPDATE)
    dataset.GetRasterBand(1).SetColorInterpretation(gdal.GCI_AlphaBand)
    del dataset
    assert automatic_bands(read_facts(path, "rgba.tif"), card) == (2, 3, 4, 5, 6, 7)


def test_an_unreadable_scene_is_one_line(tmp_path):
    (tmp_path / "text.tif").write_text("no raster")
    with pytest.raises(PrithviError, match=r"text\.tif cannot be read as a raster"):
        read_facts(str(tmp_path / "text.tif"), "text.tif")
