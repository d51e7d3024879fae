"""Scenes of STAC items as the engine reads them: the same reflectance, whatever says how it is stored."""

from __future__ import annotations

import json

import numpy as np
import pytest
import rasterio
from rasterio.crs import CRS

from prithvi_qgis.core.errors import ErrorCode, PrithviError
from prithvi_qgis.core.folder_runs.fingerprint import fingerprint
from prithvi_qgis.core.folder_runs.scene_discovery import find_scenes
from prithvi_qgis.core.protocol.messages import Segment
from prithvi_qgis.engine.reading.open_source import open_source
from prithvi_qgis.engine.reading.read_windows import ReadWindow
from support.synthetic_scenes import NAMES, blobs

SENTINEL2 = {"platform": "sentinel-2b", "s2:processing_baseline": "05.09"}
BASE = blobs(40, 50).astype(np.float64)  # reflectance * 10000


@pytest.fixture
def read(tmp_path, card):
    """Opens the scene of an item; returns the request, the source, its reflectance and its nodata."""
    sources = []

    def open_item(assets, properties=None, **fields):
        body = {"type": "Feature", "id": "one", "properties": properties or {}, "assets": assets}
        (tmp_path / "item.json").write_text(json.dumps(body))
        (found,) = find_scenes(str(tmp_path / "item.json"), "", False, tmp_path / "out")
        request = Segment(found.source, "", "", source_name=found.name, stated=found.stated, **fields)
        source = open_source(request, card)
        sources.append(source)
        pixels, empty = np.empty((6, 40, 50), source.dtype), np.empty((40, 50), bool)
        source.read_window(ReadWindow(0, 0, 40, 50), pixels, empty)
        scale, offset = (np.array(v)[:, None, None] for v in (source.scaling.scale, source.scaling.offset))
        return request, source, pixels * scale + offset, empty

    yield open_item
    for source in sources:
        source.close()


@pytest.fixture
def apart(make_scene):
    """Writes a file for each band; returns assets with ``fields``."""

    def write(values, fields=None, names=NAMES, **options):
        assets = {}
        for number, name in enumerate(names):
            path = make_scene(values=values[number : number + 1], names=[""], name=f"{name}.tif", **options)
            assets[name] = {"href": f"./{path.name}", "eo:bands": [{"name": name}], **(fields or {})}
        return assets

    return write


def raster(**facts):
    return {"raster:bands": [facts]}


def close(reflectance):
    return np.allclose(reflectance, BASE * 1e-4, atol=1e-6)


@pytest.mark.parametrize(
    ("added", "facts", "properties"),
    [
        (1000, raster(scale=1e-4, offset=-0.1), SENTINEL2),
        (1000, raster(scale=1e-4), SENTINEL2),
        (1000, {"raster:scale": 1e-4, "raster:offset": -0.1}, {}),
        (1000, {}, SENTINEL2),
        (
            1000,
            {},
            {"constellation": "sentinel-2", "s2:product_uri": "S2B_MSIL2A_20230520T104629_N0509_R051_T30SXH_.SAFE"},
        ),
        (0, raster(scale=1e-4, offset=-0.1), {**SENTINEL2, "earthsearch:boa_offset_applied": True}),
        (0, {}, {**SENTINEL2, "earthsearch:boa_offset_applied": True}),
        (0, raster(scale=1e-4, offset=-0.1), {"platform": "sentinel-2a", "s2:processing_baseline": "02.14"}),
        (0, {}, {"platform": "sentinel-2a", "s2:processing_baseline": "03.01"}),
        (0, raster(scale=0.01, unit="%"), {}),
    ],
)
def test_reflectance_is_that_of_the_item(added, facts, properties, read, apart):
    assert close(read(apart((BASE + added).astype(np.uint16), facts), properties)[2])


def test_landsats_numbers_become_reflectance(read, apart):
    values = np.round((BASE * 1e-4 + 0.2) / 2.75e-5).astype(np.uint16)
    _, source, reflectance, _ = read(
        apart(values, raster(scale=2.75e-5, offset=-0.2), ("blue", "green", "red", "nir08", "swir16", "swir22")),
        {"platform": "landsat-8"},
    )
    assert np.allclose(reflectance, BASE * 1e-4, atol=2e-5)
    assert source.scaling.text == "its STAC item's scale 2.75e-05 offset -0.2"


def test_each_band_of_a_stack_and_of_one_raster_has_its_own_scaling(read, apart, make_scene):
    factors = np.array([1, 2, 4, 1, 2, 4])[:, None, None]
    scales = [1e-4 / n for n in (1, 2, 4, 1, 2, 4)]
    assets = apart((BASE * factors).astype(np.uint16))
    for asset, scale in zip(assets.values(), scales):
        asset["raster:scale"] = scale
    assert close(read(assets)[2])
    whole = make_scene(values=(BASE * factors).astype(np.uint16)[::-1], names=[""] * 6)
    bands = [{"name": n, "raster:scale": s} for n, s in zip(reversed(NAMES), reversed(scales))]
    _, source, reflectance, _ = read({"data": {"href": whole.name, "bands": bands}})
    assert close(reflectance) and source.bands == (6, 5, 4, 3, 2, 1)


def test_a_statement_without_a_list_of_bands_is_of_all_bands(read, make_scene):
    values = (BASE + 1000).astype(np.int16)
    values[:, :5] = -9999
    path = make_scene(values=values)
    *_, reflectance, empty = read(
        {"d": {"href": path.name, "raster:scale": 1e-4, "raster:offset": -0.1, "nodata": -9999}}
    )
    assert empty[:5].all() and not empty[5:].any() and np.allclose(reflectance[:, 5:], BASE[:, 5:] * 1e-4, atol=1e-6)


def test_the_files_own_scaling_and_nodata_count_and_contradictions_are_said(read, make_scene):
    values = (BASE + 500).astype(np.uint16)
    values[:, :5], values[3, 5:7] = 0, 700
    path = make_scene(values=values, nodata=0)
    with rasterio.open(path, "r+") as out:
        out.scales, out.offsets = (1e-4,) * 6, (-0.05,) * 6
    bands = [{"name": n, "raster:scale": 1e-4, "raster:offset": -0.1, "nodata": 700} for n in NAMES]
    _, source, reflectance, empty = read({"data": {"href": path.name, "bands": bands}}, scale=None)
    assert np.allclose(reflectance[:, 7:], BASE[:, 7:] * 1e-4, atol=1e-6)
    assert empty[:5].all() and not empty[5:].any()
    assert source.warnings == [
        "Its STAC item gives scale 0.0001 offset -0.1, but scale 0.0001 offset -0.05 is used as the file declares it, of "
        "every band of one.",
        "Its STAC item gives nodata 700, but 0 is used as the file declares it, of every band of one.",
    ]


def test_floats_that_are_reflectance_stay_as_they_are(read, apart):
    values = (BASE * 1e-4).astype(np.float32)
    facts = raster(scale=1e-4, offset=-0.1, data_type="uint16", nodata=0)
    _, source, reflectance, _ = read(apart(values, facts), SENTINEL2)
    assert close(reflectance) and "describes uint16 values" in source.warnings[0]
    assert close(read(apart(values, raster(data_type="float32", nodata="nan")), SENTINEL2)[2])


def test_an_offset_that_was_taken_out_already_is_seen_and_said(read, apart):
    item = {**SENTINEL2, "earthsearch:boa_offset_applied": False}
    _, source, reflectance, _ = read(apart(BASE.astype(np.uint16), raster(scale=1e-4, offset=-0.1)), item)
    assert close(reflectance)
    assert "one does not carry the offset that its STAC item's scaling takes off" in source.warnings[0]
    hazy = apart((BASE + 650).astype(np.uint16), raster(scale=1e-4, offset=-0.1))
    assert "Dark pixels of one become -0.03" in read(hazy, item)[1].warnings[0]


def test_an_item_that_scales_reflectance_again_is_refused(read, apart):
    facts = raster(scale=1e-4, data_type="float32")
    with pytest.raises(PrithviError, match="its STAC item's scale 0.0001 offset 0 turns into") as e:
        read(apart((BASE * 1e-4).astype(np.float32), facts))
    assert e.value.code is ErrorCode.SCALING_UNKNOWN


def test_nodata_of_the_item_is_that_of_files_without(read, apart):
    values = BASE.astype(np.int16)
    values[2, :9] = -9999
    *_, empty = read(apart(values, raster(scale=1e-4, nodata=-9999)))
    assert empty[:9].all() and not empty[9:].any()


def test_the_grid_of_the_item_places_files_without_georeference(read, apart):
    grid = {"proj:epsg": 32630, "proj:transform": [10, 0, 5e5, 0, -10, 46e5], "proj:shape": [40, 50]}
    _, source, *_ = read(apart(BASE.astype(np.uint16), grid, transform=None))
    assert source.full_grid.located and source.full_grid.crs.to_epsg() == 32630
    projjson = {**grid, "proj:epsg": None, "proj:projjson": CRS.from_epsg(32631).to_dict(projjson=True)}
    _, source, *_ = read(apart(BASE.astype(np.uint16), projjson, transform=None))
    assert source.full_grid.crs.to_epsg() == 32631
    _, source, *_ = read(apart(BASE.astype(np.uint16), {**grid, "proj:shape": [80, 100]}, transform=None))
    assert not source.full_grid.located and "100 x 80 pixels instead of 50 x 40" in source.warnings[0]


def test_bands_are_missing_because_an_asset_is_malformed(read, apart):
    assets = apart(BASE.astype(np.uint16))
    del assets["B04"]["href"]
    with pytest.raises(PrithviError, match='red could not be found.* In its STAC item, asset "B04" has no href') as e:
        read(assets)
    assert e.value.code is ErrorCode.BANDS_MISSING


def test_an_item_without_a_raster_fails_with_its_own_line(read):
    with pytest.raises(PrithviError, match="The STAC item one has no asset that is a raster of known bands") as e:
        read({"qa": {"href": "q.tif"}, "fmask": {"href": "f.tif"}})
    assert e.value.code is ErrorCode.SOURCE_UNREADABLE


def test_tags_that_all_files_of_a_stack_share_are_those_of_the_stack(read, apart):
    tags = {"PROCESSING_BASELINE": "05.09", "SENSING_TIME": "2023-05-20"}
    _, source, reflectance, _ = read(apart((BASE + 1000).astype(np.uint16), tags=tags), {"platform": "sentinel-2b"})
    assert close(reflectance)
    files = apart((BASE + 1000).astype(np.uint16), tags=tags)
    _, source, reflectance, _ = read(files, {"platform": "sentinel-2b", "s2:processing_baseline": "03.01"})
    assert close(reflectance) and "gives processing baseline 03.01, but 05.09 is used" in source.warnings[0]


def test_a_mask_is_of_what_its_item_states(read, apart, card):
    assets = apart(BASE.astype(np.uint16), raster(scale=1e-4))
    prints = {fingerprint(read(assets, {"platform": name})[0], card) for name in ("sentinel-2a", "sentinel-2b")}
    prints.add(fingerprint(read(apart(BASE.astype(np.uint16), raster(scale=2e-4)))[0], card))
    assert len(prints) == 3
