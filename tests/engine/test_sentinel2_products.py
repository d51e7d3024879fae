"""Sentinel-2 products as they are downloaded, opened as one scene."""

from __future__ import annotations

import logging
import shutil
import zipfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
import rasterio

from prithvi_qgis.core.errors import ErrorCode, PrithviError
from prithvi_qgis.core.scenes.product_files import is_product
from prithvi_qgis.core.scenes.sentinel2 import find_product
from prithvi_qgis.engine.reading.rasterio_source import RasterioSource
from prithvi_qgis.engine.reading.read_windows import ReadWindow
from prithvi_qgis.engine.reading.whole_scene import read_reflectance
from support import sentinel2

SIX = ("B02", "B03", "B04", "B8A", "B11", "B12")
KINDS = [("L1C", "02.09"), ("L1C", "05.09"), ("L2A", "02.14"), ("L2A", "05.09")]


@pytest.fixture(scope="module")
def products(tmp_path_factory):
    """(level, baseline) to the folder; its zip lies beside it."""
    folder = tmp_path_factory.mktemp("products")
    made = {kind: sentinel2.write_product(folder, *kind) for kind in KINDS}
    for root in made.values():
        sentinel2.pack(root)
    return made


@pytest.fixture
def product(products, tmp_path):
    """A copy to break."""
    root = products["L1C", "05.09"]
    return Path(shutil.copytree(root, tmp_path / root.name))


def prepared(source, card, **more):
    scene = RasterioSource(str(source))
    scene.prepare(card, (), None, None, **more)
    return scene


def refused(source):
    with pytest.raises(PrithviError) as e:
        RasterioSource(str(source))
    assert "\n" not in e.value.line
    return e.value


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("packed", [False, True])
def test_a_product_is_one_scene_on_the_10_m_grid_with_its_own_scaling(kind, packed, products, card):
    root = products[kind]
    scene = prepared(root.with_suffix(".zip") if packed else root, card)
    late = kind[1] > "04"
    numbers = sentinel2.stacked(SIX, 1000 if late else 0)
    reflectance, empty = read_reflectance(scene)
    assert np.array_equal(empty, numbers[0] == 0)
    expected = np.where(empty, 0, numbers * 1e-4 - (0.1 if late else 0))
    assert reflectance.shape == (6, sentinel2.SIDE, sentinel2.SIDE)
    assert np.allclose(reflectance, expected, atol=1e-7)
    assert scene.bands == (1, 2, 3, 4, 5, 6)
    assert f"offset {-0.1 if late else 0:g}" in scene.scaling.text
    assert scene.grid.transform == rasterio.Affine(10, 0, sentinel2.LEFT, 0, -10, sentinel2.TOP)
    assert scene.grid.crs.to_epsg() == 32630
    assert f"Sentinel-2 {kind[0]} product, processing baseline {kind[1]}" in scene.notes[0]
    assert "20 m bands, each pixel repeated (nearest neighbour)" in scene.notes[0]
    scene.close()


def test_every_name_of_a_product_leads_to_the_same_scene(products):
    root = products["L1C", "05.09"]
    archive, main = root.with_suffix(".zip"), "MTD_MSIL1C.xml"
    names = [
        root,
        root / main,
        f"SENTINEL2_L1C:{root}/{main}:10m:EPSG_32630",
        f"SENTINEL2_L1C:{root}/{main}:TCI:EPSG_32630",
        f"SENTINEL2_L1C_TILE:{next(root.glob('GRANULE/*'))}/MTD_TL.xml:10m",
    ]
    zipped = [
        archive,
        f"/vsizip/{archive}/{root.name}/{main}",
        f"/vsizip/{{{archive}}}/{root.name}/{main}",
        f"SENTINEL2_L1C:/vsizip/{archive}/{root.name}/{main}:20m:EPSG_32630",
    ]
    assert {find_product(str(n)).path for n in names} == {str(root)}
    assert {find_product(str(n)).path for n in zipped} == {str(archive)}
    assert all(is_product(str(n)) for n in [*names, *zipped])


def test_what_is_no_product_is_told_apart(make_scene, tmp_path):
    (tmp_path / "other.zip").write_bytes(b"PK\x05\x06" + bytes(18))
    for other in (make_scene(), tmp_path, tmp_path / "other.zip", "/vsicurl/https://host/scene.tif", "", "<V>" * 9999):
        assert not is_product(str(other))
        assert find_product(str(other)) is None


def test_the_stack_holds_what_gdals_own_driver_reads(products):
    for (level, _), root in products.items():
        product = find_product(str(root))
        with rasterio.open(product.vrt) as stack:
            numbers = dict(zip(stack.descriptions, stack.read()))
        for metres in (10, 20):
            with rasterio.open(f"SENTINEL2_{level}:{root}/MTD_MSI{level}.xml:{metres}m:EPSG_32630") as theirs:
                assert theirs.crs.to_epsg() == 32630
                for number, text in enumerate(theirs.descriptions, 1):
                    name = text.partition(",")[0]
                    band = f"B0{name[1]}" if len(name) == 2 else name
                    if band in numbers:
                        thinned = numbers.pop(band)[:: metres // 10, :: metres // 10]
                        assert np.array_equal(theirs.read(number), thinned), band
        assert not numbers


def test_threads_read_any_window_of_a_zipped_product(products, card):
    scene = prepared(products["L2A", "05.09"].with_suffix(".zip"), card)
    expected = sentinel2.stacked(SIX, 1000)
    corners = [(r, c) for r in range(0, 97, 13) for c in range(0, 91, 11)]

    def read(corner):
        (row, col), pixels = corner, np.empty((6, 23, 29), scene.dtype)
        scene.read_window(ReadWindow(row, col, row + 23, col + 29), pixels, np.empty((23, 29), bool))
        return pixels

    with ThreadPoolExecutor(8) as pool:
        parts = list(pool.map(read, corners))
    assert all(np.array_equal(v, expected[:, r : r + 23, c : c + 29]) for v, (r, c) in zip(parts, corners))
    scene.close()


def test_a_zip_is_opened_a_few_times_a_band_and_not_for_each_box_of_its_files(products, monkeypatch):
    """Its directory is read each time, which takes long on a network disk."""
    opened = []
    plain = zipfile.ZipFile
    monkeypatch.setattr(zipfile, "ZipFile", lambda *given: opened.append(given) or plain(*given))
    product = find_product(str(products["L1C", "05.09"].with_suffix(".zip")))
    assert len(opened) <= 3 + 3 * len(product.bands)


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("fault", ["missing", "truncated", "empty", "other"])
def test_a_band_that_is_broken_is_named(fault, packed, product):
    path = sentinel2.image(product, "B11")
    data = path.read_bytes()
    if fault == "missing":
        path.unlink()
    elif fault == "truncated":
        path.write_bytes(data[: len(data) * 2 // 3])
    elif fault == "empty":
        path.write_bytes(b"")
    else:
        path.write_bytes(sentinel2.image(product, "B02").read_bytes())
    error = refused(sentinel2.pack(product) if packed else product)
    says = {"other": "has 120 x 120 pixels, not 60 x 60"}.get(fault, f"is {fault}")
    assert error.code is ErrorCode.SOURCE_UNREADABLE
    assert f"is incomplete: its band B11 {says} (GRANULE/" in error.text


def test_a_band_that_no_published_model_needs_may_be_missing_and_it_is_said(product, card):
    sentinel2.image(product, "B06").unlink()
    scene = prepared(product, card)
    assert scene.bands == (1, 2, 3, 4, 5, 6)
    assert "B06 is missing and is left out." in scene.notes[0]
    scene.close()


def test_pixels_damaged_inside_a_file_are_an_error_and_not_zeros(product, card):
    """GDAL reads over them with several threads decoding; the engine allows it one."""
    path = sentinel2.image(product, "B04")
    data = bytearray(path.read_bytes())
    start = data.index(b"\xff\x93") + 2
    data[start - 8 : start - 4] = (1 << 24).to_bytes(4, "big")  # the tile's length now lies
    path.write_bytes(data)
    logging.disable(logging.ERROR)
    try:
        with pytest.raises(PrithviError, match="cannot be read as a raster") as e:
            prepared(product, card)
    finally:
        logging.disable(logging.NOTSET)
    assert e.value.code is ErrorCode.SOURCE_UNREADABLE


@pytest.mark.parametrize(
    ("fault", "says"),
    [
        ("no metadata", "holds neither MTD_MSIL1C.xml nor MTD_MSIL2A.xml"),
        ("no tile metadata", "MTD_TL.xml is missing"),
        ("no grid", "the grid in its MTD_TL.xml cannot be read"),
        ("no quantification", "its metadata have no QUANTIFICATION_VALUE"),
        ("two granules", "is made of 2 granules"),
        ("band not listed", "MTD_MSIL1C.xml lists no B12 of 20 m"),
    ],
)
def test_metadata_that_do_not_do_are_one_line(fault, says, product):
    main = product / "MTD_MSIL1C.xml"
    tile = next(product.glob("GRANULE/*")) / "MTD_TL.xml"
    text = main.read_text()
    if fault == "no metadata":
        main.unlink()
    elif fault == "no tile metadata":
        tile.unlink()
    elif fault == "no grid":
        tile.write_text("<x/>")
    elif fault == "no quantification":
        main.write_text(text.replace("QUANTIFICATION_VALUE", "X"))
    elif fault == "two granules":
        main.write_text(text.replace("GRANULE/L1C_T30SXH", "GRANULE/L1C_T30SXG", 1))
    else:
        main.write_text(text.replace("_B12<", "_B99<"))
    assert says in refused(product).text


def test_a_zip_that_ends_early_or_holds_several_products_is_one_line(product, tmp_path):
    archive = sentinel2.pack(product)
    cut = tmp_path / "S2A_MSIL1C_cut.zip"
    cut.write_bytes(archive.read_bytes()[:-500])
    assert "S2A_MSIL1C_cut.zip is no complete zip file" in refused(cut).text
    with zipfile.ZipFile(archive, "a") as out:
        out.writestr("S2A_OTHER.SAFE/MTD_MSIL1C.xml", "<x/>")
    assert "holds 2 Sentinel-2 products" in refused(archive).text


def test_a_baseline_that_comes_without_its_offset_is_a_warning(product):
    main = product / "MTD_MSIL1C.xml"
    main.write_text(main.read_text().replace("RADIO_ADD_OFFSET", "X"))
    assert "of processing baseline 05.09 and lists no offset" in RasterioSource(str(product)).warnings[0]


def test_a_preset_serves_a_stack_without_names(make_scene, card):
    values = np.stack([np.full((40, 50), 1000 + 100 * n, np.uint16) for n in range(13)])
    values[:, :3] = 0
    scene = prepared(make_scene(values=values, names=()), card, sensor="sentinel2-l1c-04")
    reflectance, empty = read_reflectance(scene)
    assert scene.bands == (2, 3, 4, 9, 12, 13)
    assert empty.sum() == 150
    assert np.allclose(reflectance[:, 5, 5], [0.01, 0.02, 0.03, 0.08, 0.11, 0.12], atol=1e-6)
    assert any("declares no nodata; 0 is taken as nodata" in line for line in scene.notes)
    assert any("their order is B01 B02" in line for line in scene.notes)


def test_the_mask_of_a_product_says_what_it_was_made_of(products, tmp_path, segment):
    segment(products["L2A", "05.09"].with_suffix(".zip"))
    with rasterio.open(tmp_path / "mask.tif") as mask:
        tags = mask.tags()
        assert mask.transform == rasterio.Affine(10, 0, sentinel2.LEFT, 0, -10, sentinel2.TOP)
        assert np.array_equal(mask.read(1) == 255, sentinel2.stacked(("B02",))[0] == 0)
    assert "Sentinel-2 L2A product, processing baseline 05.09" in tags["PRITHVI_SENSOR"]
    assert tags["PRITHVI_SOURCE"].endswith(".zip")
