"""Items as the public catalogues write them: which rasters form the scene, and what is stated about it."""

from __future__ import annotations

import json

import pytest

from prithvi_qgis.core.errors import ErrorCode, PrithviError
from prithvi_qgis.core.folder_runs.scene_discovery import find_scenes
from prithvi_qgis.core.protocol.codec import decode, encode
from prithvi_qgis.core.protocol.messages import Segment
from prithvi_qgis.core.scenes.stack_names import refuse_unusable, stacked_bands

COG = "image/tiff; application=geotiff; profile=cloud-optimized"
SIX = ["BLUE", "GREEN", "RED", "NIR_NARROW", "SWIR_1", "SWIR_2"]
KEYS = ["blue", "green", "red", "nir08", "swir16", "swir22"]
SENTINEL2 = ["B02", "B03", "B04", "B8A", "B11", "B12"]
EARTH_SEARCH = {"platform": "sentinel-2b", "instruments": ["msi"], "s2:processing_baseline": "05.09"}


def item(assets, properties=None, name="one", **more):
    return {"type": "Feature", "id": name, "properties": properties or {}, "assets": assets, **more}


def scenes(tmp_path, *items, **more):
    body = items[0] if len(items) == 1 else {"type": "FeatureCollection", "features": list(items), **more}
    (tmp_path / "items.json").write_text(json.dumps(body))
    return find_scenes(str(tmp_path / "items.json"), "", False, tmp_path / "out")


def scene(tmp_path, assets, properties=None, **more):
    (found,) = scenes(tmp_path, item(assets, properties, **more))
    return found


def earth_search(offset=-0.1, **raster):
    """Assets of Earth Search v1: a COG and its JPEG 2000 twin for each band."""
    bands = [{"nodata": 0, "data_type": "uint16", "scale": 0.0001, "offset": offset, **raster}]
    assets = {}
    for key, name in zip(KEYS, SENTINEL2):
        facts = {"eo:bands": [{"name": key, "common_name": key}], "raster:bands": bands, "roles": ["data"]}
        assets[key] = {"href": f"https://x.org/{name}.tif", "type": COG, **facts}
        assets[f"{key}-jp2"] = {"href": f"s3://esa/{name}.jp2", "type": "image/jp2", **facts}
    assets["visual"] = {"href": "https://x.org/TCI.tif", "type": COG, "eo:bands": [{"name": n} for n in KEYS[:3]]}
    assets["scl"] = {"href": "https://x.org/SCL.tif", "type": COG, "raster:bands": [{"data_type": "uint8"}]}
    return assets


def scalings(found):
    return {(band.scale, band.offset) for band in found.stated.bands}


def reason(found):
    with pytest.raises(PrithviError) as e:
        refuse_unusable(found.source)
    assert e.value.code is ErrorCode.SOURCE_UNREADABLE
    return e.value.text


# -- Sentinel-2's offset -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("properties", "declared", "used", "said"),
    [
        ({"earthsearch:boa_offset_applied": False}, -0.1, -0.1, ""),
        ({"earthsearch:boa_offset_applied": True}, -0.1, 0.0, "note: taken out of the stored values already"),
        ({"sentinel:boa_offset_applied": True}, -0.1, 0.0, "note: taken out of the stored values already"),
        ({"earthsearch:boa_offset_applied": True}, 0, 0.0, "note: taken out of the stored values already"),
        ({}, -0.1, -0.1, ""),
        ({}, None, -0.1, "note: gives no offset; that of processing baseline 05.09 is applied"),
        ({"earthsearch:boa_offset_applied": False}, 0, -0.1, "warning: but sets boa_offset_applied to false"),
        ({}, 0, 0.0, "warning: unless it was taken out: 0 is applied"),
        ({"s2:processing_baseline": "02.14"}, -0.1, 0.0, "warning: processing baseline 02.14, which has none"),
        ({"s2:processing_baseline": "03.01", "earthsearch:boa_offset_applied": False}, 0, 0.0, ""),
        ({"s2:processing_baseline": "03.01"}, None, None, ""),
        ({"s2:processing_baseline": None}, -0.1, -0.1, ""),
    ],
)
def test_the_offset_of_sentinel2_is_applied_once(properties, declared, used, said, tmp_path):
    found = scene(tmp_path, earth_search(declared), {**EARTH_SEARCH, **properties})
    assert scalings(found) == {(0.0001, used)}
    lines = [f"note: {line}" for line in found.stated.notes] + [f"warning: {line}" for line in found.stated.warnings]
    assert (len(lines), all(part in "".join(lines) for part in said.split(": ", 1))) == (1 if said else 0, True)


def test_cogs_are_used_before_their_jpeg_2000_twins_and_pictures(tmp_path):
    found = scene(tmp_path, earth_search(), EARTH_SEARCH)
    assert stacked_bands(found.source) == [(b, f"https://x.org/{n}.tif") for b, n in zip(SIX, SENTINEL2)]


def test_jpeg_2000_files_are_esas_whatever_was_done_to_the_cogs(tmp_path):
    twins = {k: v for k, v in earth_search(0).items() if k.endswith("-jp2")}
    found = scene(tmp_path, twins, {**EARTH_SEARCH, "earthsearch:boa_offset_applied": True})
    assert {offset for _, offset in scalings(found)} == {0.0} and "unless it was taken out" in found.stated.warnings[0]
    twins = {k: {f: v for f, v in a.items() if f != "raster:bands"} for k, a in twins.items()}
    found = scene(tmp_path, twins, {**EARTH_SEARCH, "earthsearch:boa_offset_applied": True})
    assert found.stated.tags["PROCESSING_BASELINE"] == "05.09"


@pytest.mark.parametrize(
    ("properties", "more", "baseline"),
    [
        ({"s2:processing_baseline": "05.09", "platform": "Sentinel-2B"}, {}, "05.09"),
        ({"sentinel:processing_baseline": "04.00", "constellation": "sentinel-2"}, {}, "04.00"),
        ({"processing:version": "05.11", "platform": "sentinel-2a"}, {}, "05.11"),
        ({"processing:version": "N0511", "platform": "sentinel-2a"}, {}, ""),
        (
            {"platform": "sentinel-2a", "s2:product_uri": "S2B_MSIL2A_20230520T104629_N0509_R051_T30SXH_2023.SAFE"},
            {},
            "05.09",
        ),
        ({}, {"name": "S2B_MSIL2A_20250302T095029_N0511_R079_T33UXP_20250302T104753"}, "05.11"),
        ({"processing:version": "2.00", "platform": "landsat-9"}, {}, ""),
        ({"s2:processing_baseline": "04.00"}, {"name": "HLS.S30.T30SXH.2023140T104629.v2.0"}, ""),
        ({"s2:processing_baseline": 5.09, "platform": "sentinel-2a"}, {}, "05.09"),
        ({"s2:processing_baseline": ["x"], "platform": "sentinel-2a"}, {}, ""),
    ],
)
def test_the_processing_baseline_is_a_tag_of_the_scene(properties, more, baseline, tmp_path):
    assets = {n: {"href": f"./{n}.tif", "type": COG, "eo:bands": [{"name": n}]} for n in SENTINEL2}
    stated = scene(tmp_path, assets, properties, **more).stated
    assert (stated.tags.get("PROCESSING_BASELINE", ""), stated.bands[0].scale) == (baseline, None)


# -- catalogues --------------------------------------------------------------------------------------------------------


def test_planetary_computers_sentinel2_is_stacked_by_its_keys(tmp_path):
    common = dict(zip(("B02", "B03", "B04", "B05", "B06", "B08", "B8A", "B11", "B12"), "blue green red".split()))
    common.update(B05="rededge", B06="rededge", B08="nir", B8A="rededge", B11="swir16", B12="swir22")
    assets = {
        k: {"href": f"{k}.tif", "type": COG, "eo:bands": [{"name": k, "common_name": v}]} for k, v in common.items()
    }
    assets["preview"] = {"href": "p.json", "type": "application/json", "eo:bands": [{"name": k} for k in SENTINEL2]}
    assets["visual"] = {"href": "v.tif", "type": COG, "eo:bands": [{"name": k} for k in SENTINEL2]}
    files = dict(stacked_bands(scene(tmp_path, assets, {"platform": "Sentinel-2A"}).source))
    assert [files[band].rpartition("/")[2] for band in SIX] == [f"{name}.tif" for name in SENTINEL2]
    assert files["NIR_BROAD"].endswith("B08.tif") and files["RED_EDGE_2"].endswith("B06.tif")


def test_planetary_computers_landsat_has_its_scaling(tmp_path):
    raster = [{"unit": None, "scale": 2.75e-05, "nodata": 0, "offset": -0.2, "data_type": "uint16"}]
    name = "LC08_L2SP_200033_20230520_02_T1"
    assets = {
        key: {
            "href": f"https://x.org/{name}_SR_B{n}.TIF?sig=s",
            "eo:bands": [{"name": f"OLI_B{n}", "common_name": key}],
        }
        for n, key in enumerate(KEYS, 2)
    }
    for asset in assets.values():
        asset["raster:bands"] = raster
    assets["lwir11"] = {"href": f"https://x.org/{name}_ST_B10.TIF", "eo:bands": [{"common_name": "lwir11"}]}
    found = scene(tmp_path, assets, {"platform": "landsat-8", "instruments": ["oli", "tirs"]})
    assert [band for band, _ in stacked_bands(found.source)] == SIX
    assert scalings(found) == {(2.75e-05, -0.2)} and found.stated.bands[0].nodata == ((0.0, 0.0),)
    assert found.stated.tags == {"platform": "landsat-8", "instruments": "oli tirs"}


def test_hls_items_without_a_platform_are_numbered_by_their_product(tmp_path):
    name = "HLS.L30.T30SXH.2023140T104629.v2.0"
    keys = ["B02", "B03", "B04", "B05", "B06", "B07", "B10", "B11", "Fmask"]
    for files in (f"https://x.org/{name}", "./renamed"):
        assets = {k: {"href": f"{files}.{k}.tif", "type": COG, "roles": ["data"]} for k in keys}
        found = dict(stacked_bands(scene(tmp_path, assets, name=name, collection="HLSL30_2.0").source))
        assert [found[band].split(".")[-2] for band in SIX] == ["B02", "B03", "B04", "B05", "B06", "B07"]


def test_copernicus_items_of_stac_11_use_the_finest_file_of_each_band(tmp_path):
    sizes = {"B02": (60, 10, 20), "B03": (10, 20), "B04": (20, 10), "B8A": (60, 20), "B11": (20,), "B12": (20, 60)}
    assets = {}
    for (name, of_band), common, nm in zip(sizes.items(), KEYS, (490, 560, 665, 865, 1610, 2190)):
        for m in of_band:
            assets[f"{name}_{m}m"] = {
                "href": f"s3://eodata/{name}_{m}m.jp2", "type": "image/jp2", "gsd": 10, "nodata": 0,
                "data_type": "uint16", "raster:scale": 0.0001, "raster:offset": -0.1, "proj:code": "EPSG:32630",
                "bands": [{"name": name, "eo:common_name": common, "eo:center_wavelength": nm / 1000}],
            }  # fmt: skip
    assets["Product"] = {"href": "https://x.org/p", "type": "application/zip"}
    found = scene(tmp_path, assets, {"platform": "sentinel-2b", "processing:version": "05.10"})
    assert [file[12:-4] for _, file in stacked_bands(found.source)] == [f"{n}_{min(of)}m" for n, of in sizes.items()]
    assert scalings(found) == {(0.0001, -0.1)}
    assert (found.stated.crs, found.stated.bands[0].wavelength_nm, found.stated.tags["PROCESSING_BASELINE"]) == (
        "EPSG:32630",
        490,
        "05.10",
    )


def test_the_files_grid_tells_its_pixel_size_before_its_gsd(tmp_path):
    coarse = {"href": "B04_20m.tif", "gsd": 10, "proj:transform": [20, 0, 0, 0, -20, 0]}
    fine = {"href": "B04.tif", "gsd": 10, "proj:transform": [10, 0, 0, 0, -10, 0]}
    assets = {n: {"href": f"{n}.tif"} for n in SENTINEL2} | {"B04_20m": coarse, "B04_10m": fine}
    del assets["B04"]
    assert dict(stacked_bands(scene(tmp_path, assets).source))["RED"].endswith("/B04.tif")


# -- one raster of several bands ---------------------------------------------------------------------------------------


def test_bands_of_one_raster_have_their_own_scalings(tmp_path):
    bands = [{"name": k, "eo:common_name": k, "raster:scale": 10.0**-n, "nodata": -9999} for n, k in enumerate(KEYS, 1)]
    found = scene(tmp_path, {"data": {"href": "https://x.org/all.tif?sig=secret", "type": COG, "bands": bands}})
    assert found.source == "https://x.org/all.tif?sig=secret" and found.key == "https://x.org/all.tif"
    assert [b.scale for b in found.stated.bands] == [10.0**-n for n in range(1, 7)]
    assert [b.name for b in found.stated.bands] == KEYS


def test_lists_of_eo_and_raster_bands_are_one_and_a_single_object_is_of_all(tmp_path):
    eo = [{"name": n} for n in SENTINEL2]
    raster = [{"scale": 1e-4, "nodata": n} for n in range(6)]
    both = scene(tmp_path, {"data": {"href": "a.tif", "eo:bands": eo, "raster:bands": raster}}).stated
    assert [(b.name, b.scale, b.nodata[0][0]) for b in both.bands] == [(n, 1e-4, i) for i, n in enumerate(SENTINEL2)]
    one = scene(tmp_path, {"data": {"href": "a.tif", "eo:bands": eo, "raster:bands": raster[:1]}}).stated
    assert [(b.scale, b.nodata[0][0]) for b in one.bands] == [(1e-4, 0)] * 6
    lost = scene(tmp_path, {"data": {"href": "a.tif", "eo:bands": eo, "raster:bands": raster[:4]}})
    assert 'asset "data" lists different numbers of bands (6 eo:bands, 4 raster:bands)' in reason(lost)


def test_what_is_stated_of_an_asset_without_a_list_of_bands_is_of_all(tmp_path):
    (band,) = scene(tmp_path, {"data": {"href": "a.tif", "raster:scale": 1e-4, "nodata": -9999}}).stated.bands
    assert (band.name, band.scale, band.nodata) == ("", 1e-4, ((-9999, -9999),))


def test_the_data_of_several_rasters_without_listed_bands_is_the_scene(tmp_path):
    assets = {
        "image": {"href": "a.tif", "roles": ["data"]},
        "quality": {"href": "q.tif", "roles": ["data-mask"]},
        "MTL": {"href": "m.json"},
    }
    assert scene(tmp_path, assets).source.endswith("/a.tif")
    del assets["image"]["roles"]
    assert "has no asset that is a raster of known bands" in reason(scene(tmp_path, assets))


def test_the_asset_with_most_known_bands_is_the_scene(tmp_path):
    rgb = {"href": "rgb.tif", "type": COG, "eo:bands": [{"common_name": k} for k in ("red", "green", "blue")]}
    apart = {n: {"href": f"{n}.tif", "type": COG} for n in SENTINEL2}
    whole = {"href": "all.tif", "type": COG, "eo:bands": [{"name": n} for n in SENTINEL2]}
    assert len(stacked_bands(scene(tmp_path, {"truecolor": rgb, **apart}).source)) == 6
    assert scene(tmp_path, {"truecolor": rgb, "all": whole, **apart}).source.endswith("all.tif")


# -- where facts stand -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("holder", ["band", "asset", "item", "definition", "collection"])
def test_facts_stand_in_band_asset_item_or_definition(holder, tmp_path):
    facts = {"raster:scale": 2e-4, "raster:offset": -0.2, "nodata": "-9999", "data_type": "int16", "unit": "1"}
    assets = {n: {"href": f"{n}.tif", "bands": [{"name": n}]} for n in SENTINEL2}
    properties, more = {}, {}
    if holder == "band":
        for asset in assets.values():
            asset["bands"][0].update(facts)
    elif holder == "asset":
        for asset in assets.values():
            asset.update(facts)
    elif holder == "item":
        properties = facts
    else:
        more = {"item_assets": dict.fromkeys(SENTINEL2, facts)}
    one = item(assets, properties, collection="c", **(more if holder == "definition" else {}))
    body = {"collections": [{"id": "other", "item_assets": {}}, {"id": "c", **more}]} if holder == "collection" else {}
    found, _ = scenes(tmp_path, one, item(assets, name="two", collection="d"), **body)
    band = found.stated.bands[0]
    assert (band.scale, band.offset, band.nodata, band.dtype) == (2e-4, -0.2, ((-9999, -9999),), "int16")


def test_a_bands_own_fact_counts_before_its_assets_and_its_assets_before_the_items(tmp_path):
    assets = {n: {"href": f"{n}.tif", "raster:scale": 2.0, "nodata": 2} for n in SENTINEL2}
    assets["B02"]["bands"] = [{"name": "B02", "raster:scale": 3.0}]
    found = scene(tmp_path, assets, {"raster:scale": 1.0, "raster:offset": 1.0, "nodata": 1})
    blue, green = found.stated.bands[:2]
    assert (blue.scale, blue.offset, blue.nodata, green.scale) == (3, 1, ((2, 2),), 2)


def test_bands_of_the_first_versions_are_indices_of_the_items_list(tmp_path):
    properties = {"eo:bands": [{"name": n, "common_name": k} for n, k in zip(SENTINEL2, KEYS)]}
    assets = {f"asset{n}": {"href": f"{n}.tif", "eo:bands": [n]} for n in range(6)}
    assert [band for band, _ in stacked_bands(scene(tmp_path, assets, properties).source)] == SIX


@pytest.mark.parametrize(
    ("value", "ranges"),
    [(0, [0]), ("-9999", [-9999]), ("nan", []), ("-inf", []), (float("nan"), []), ([0, 65535], [0, 65535]), (None, [])],
)
def test_nodata_is_a_number_a_text_or_several(value, ranges, tmp_path):
    stated = scene(tmp_path, {"B02": {"href": "a.tif", "nodata": value, "raster:scale": 1.0}}).stated
    assert stated.bands[0].nodata == tuple((n, n) for n in ranges)


@pytest.mark.parametrize(
    ("unit", "scale", "found", "warned"),
    [
        ("%", 0.01, 1e-4, False),
        ("percent", None, 0.01, False),
        ("1", 1e-4, 1e-4, False),
        ("DN", 1e-4, 1e-4, False),
        (None, 1e-4, 1e-4, False),
        ("W.m-2.sr-1.um-1", 0.01, 0.01, True),
    ],
)
def test_units_that_are_not_reflectance_are_converted_or_said(unit, scale, found, warned, tmp_path):
    stated = scene(tmp_path, {"B02": {"href": "a.tif", "raster:bands": [{"unit": unit, "scale": scale}]}}).stated
    assert (stated.bands[0].scale, bool(stated.warnings)) == (found, warned)


@pytest.mark.parametrize(
    ("fields", "crs"),
    [
        ({"proj:code": "EPSG:32630"}, "EPSG:32630"),
        ({"proj:epsg": 32630}, "EPSG:32630"),
        ({"proj:epsg": None, "proj:wkt2": "PROJCRS[]"}, "PROJCRS[]"),
        ({"proj:code": None, "proj:projjson": {"type": "ProjectedCRS"}}, '{"type": "ProjectedCRS"}'),
        ({"proj:epsg": "32630"}, ""),
        ({}, "EPSG:4326"),
    ],
)
def test_the_crs_stands_in_several_forms_nearest_first(fields, crs, tmp_path):
    grid = {"proj:transform": [10, 0, 5e5, 0, -10, 46e5, 0, 0, 1], "proj:shape": [40, 50]}
    stated = scene(tmp_path, {"B02": {"href": "a.tif", **fields, **grid}}, {"proj:epsg": 4326}).stated
    assert (stated.crs, stated.transform, stated.shape) == (crs, (5e5, 10, 0, 46e5, 0, -10), (40, 50))
    assert bool(stated.warnings) == (crs == "")


# -- malformed ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("asset", "text"),
    [
        ({}, "has no href"),
        ({"href": None}, "has no href"),
        ({"href": 5}, "has no href"),
        ("B04.tif", "is not an object"),
        ({"href": "a.tif", "eo:bands": "red"}, "has eo:bands that is no list"),
        ({"href": "a.tif", "raster:bands": [5]}, "has raster:bands that is no object"),
        ({"href": "a.tif", "raster:bands": [{"scale": "abc"}]}, 'has raster:scale "abc", which is no number'),
        ({"href": "a.tif", "raster:scale": 0}, "has raster:scale 0"),
        ({"href": "a.tif", "nodata": {}}, "has nodata {}, which is no number"),
    ],
)
def test_a_malformed_asset_is_left_out_and_named(asset, text, tmp_path):
    good = {n: {"href": f"{n}.tif"} for n in SENTINEL2}
    found = scene(tmp_path, {**good, "B04": asset, "notes": asset})
    assert [band for band, _ in stacked_bands(found.source)] == [b for b in SIX if b != "RED"]
    assert found.stated.warnings == (f'in its STAC item, asset "B04" {text}: it is left out.',)
    assert f'asset "B04" {text}' in reason(scene(tmp_path, {"B04": asset}))


@pytest.mark.parametrize(
    ("odd", "text"),
    [
        (5, "is not an object"),
        (None, "is not an object"),
        (item(None), "has no assets"),
        (item([]), "has no assets"),
        (item({"B02": {"href": "a.tif"}}, [1]), "has properties that is no object"),
        (item({"qa": {"href": "q.tif"}, "scl": {"href": "s.tif"}}), "has no asset that is a raster of known bands"),
    ],
)
def test_a_malformed_item_fails_alone(odd, text, tmp_path):
    good = item({n: {"href": f"{n}.tif"} for n in SENTINEL2}, name="good")
    first, second = scenes(tmp_path, odd, good)
    assert text in reason(first) and len(stacked_bands(second.source)) == 6


def test_null_lists_state_nothing(tmp_path):
    assets = {n: {"href": f"{n}.tif", "eo:bands": None, "raster:bands": [None], "roles": None} for n in SENTINEL2}
    found = scene(tmp_path, assets, None)
    assert [band for band, _ in stacked_bands(found.source)] == SIX and not found.stated.warnings


@pytest.mark.parametrize("body", ["5", "[]", '{"type": "Collection"}', '{"type": "FeatureCollection", "features": 5}'])
def test_what_is_not_a_collection_of_items_ends_in_one_line(body, tmp_path):
    (tmp_path / "items.json").write_text(body)
    with pytest.raises(PrithviError, match="it is not a STAC Item"):
        find_scenes(str(tmp_path / "items.json"), "", False, tmp_path / "out")


ODD = (None, True, 0, -1, 1e308, float("nan"), 10**400, "", "x", [], [None], [1], {}, {"a": 1}, [{}], "EPSG:1", -5.5)


def places(value, path=()):
    """Yield the path of every value in a JSON document."""
    yield path
    keys = value if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ()
    for key in keys:
        yield from places(value[key], (*path, key))


def test_no_odd_value_ends_a_list_or_a_message(tmp_path):
    grid = {"proj:epsg": 32630, "proj:transform": [10, 0, 0, 0, -10, 0], "proj:shape": [5, 5]}
    bands = [
        {"name": n, "nodata": 0, "unit": "%", "raster:scale": 1e-4, "eo:center_wavelength": 0.5} for n in SENTINEL2[:2]
    ]
    assets = {"data": {"href": "a.tif", "bands": bands}, "red": earth_search()["red"]}
    whole = item(assets, {**EARTH_SEARCH, **grid, "datetime": "2023-05-20"}, item_assets={"red": {"gsd": 10}})
    odd = []
    for *path, last in filter(None, places(whole)):
        for value in ODD:
            one = holder = json.loads(json.dumps(whole))
            for key in path:
                holder = holder[key]
            holder[last] = value
            odd.append({**one, "type": "Feature"})
    found = scenes(tmp_path, *odd)
    assert len(found) == len(odd) > 500
    for one in found:
        decode(encode(Segment(one.source, "", "", stated=one.stated)))
