"""What the user set in QGIS counts before what the file holds: CRS, nodata, open options."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest
from osgeo import gdal
from qgis.core import QgsCoordinateReferenceSystem, QgsProject, QgsRasterLayer, QgsRasterRange

from prithvi_qgis.algorithms.scenes import layer_copy, scene_layer
from prithvi_qgis.algorithms.scenes.layer_metadata import crs_text, stated_by, with_nodata_per_band
from prithvi_qgis.algorithms.segmentation.read_parameters import read_parameters
from prithvi_qgis.core.protocol import messages
from prithvi_qgis.core.protocol.codec import decode, encode
from prithvi_qgis.core.protocol.stated_metadata import StatedBand, StatedMetadata
from prithvi_qgis.gui.widgets.scene_reader import chosen_scene
from support import granules, rasters, sentinel2
from support.algorithm_runs import Listening, run
from support.coverage_server import coverage_of
from support.processing_form import bands_of, wait_for

UTM31 = "EPSG:32631"
DERIVED = (
    'DERIVEDPROJCRS["turned",BASEPROJCRS["WGS 84 / UTM zone 30N",BASEGEOGCRS["WGS 84",DATUM["World Geodetic System '
    '1984",ELLIPSOID["WGS 84",6378137,298.257223563]]],CONVERSION["UTM zone 30N",METHOD["Transverse Mercator"],'
    'PARAMETER["Latitude of natural origin",0,ANGLEUNIT["degree",0.0174532925199433]],PARAMETER["Longitude of natural '
    'origin",-3,ANGLEUNIT["degree",0.0174532925199433]],PARAMETER["Scale factor at natural origin",0.9996],'
    'PARAMETER["False easting",500000],PARAMETER["False northing",0]]],DERIVINGCONVERSION["shift",METHOD["Affine '
    'parametric transformation",ID["EPSG",9624]],PARAMETER["A0",10],PARAMETER["A1",1],PARAMETER["A2",0],PARAMETER["B0",'
    '20],PARAMETER["B1",0],PARAMETER["B2",1]],CS[Cartesian,2],AXIS["x",east],AXIS["y",north],LENGTHUNIT["metre",1]]'
)


@pytest.fixture()
def layer(scene_file):
    return QgsRasterLayer(scene_file, "scene")


def test_a_plain_layer_states_nothing(layer, context, scene_file):
    assert stated_by(layer) is None
    QgsProject.instance().addMapLayer(layer)
    assert scene_layer.scene_of(layer, context).stated is None


def test_a_plain_layer_without_a_crs_states_nothing(tmp_path):
    source = rasters.write(tmp_path / "bare.tif", rasters.scene(), transform=None)
    assert stated_by(QgsRasterLayer(source, "bare")) is None


def test_a_crs_set_in_qgis_is_stated(layer, context):
    layer.setCrs(QgsCoordinateReferenceSystem(UTM31))
    assert stated_by(layer) == StatedMetadata("its layer", True, crs=UTM31)
    assert scene_layer.scene_of(layer, context).crs.authid() == UTM31


def test_a_crs_taken_away_in_qgis_is_warned_of(layer, context):
    layer.setCrs(QgsCoordinateReferenceSystem())
    scene = scene_layer.scene_of(layer, context)
    assert (scene.crs.authid(), scene.stated) == ("EPSG:32630", None)
    assert "has no CRS in QGIS; that of its file is used" in scene.warning


@pytest.mark.parametrize(
    "text", ["EPSG:4979", "EPSG:5972", f"WKT:{DERIVED}", "PROJ:+proj=laea +lat_0=40 +lon_0=-3 +ellps=bessel +units=m"]
)
def test_a_crs_keeps_what_wkt_1_would_lose(text, layer):
    crs = QgsCoordinateReferenceSystem(text)
    assert crs.isValid()
    layer.setCrs(crs)
    again = QgsCoordinateReferenceSystem(stated_by(layer).crs)
    assert again == crs


def test_a_bound_crs_keeps_its_datum_shift(layer):
    crs = QgsCoordinateReferenceSystem("PROJ:+proj=laea +lat_0=40 +ellps=intl +towgs84=-87,-98,-121 +type=crs")
    assert "BOUNDCRS" in crs_text(crs)


def test_nodata_set_in_qgis_is_stated_by_band(tmp_path):
    layer = QgsRasterLayer(rasters.write(tmp_path / "s.tif", rasters.scene(), nodata=0), "s")
    provider = layer.dataProvider()
    provider.setUseSourceNoDataValue(1, False)
    provider.setUserNoDataValue(2, [QgsRasterRange(5, 7), QgsRasterRange(9, math.nan)])
    bands = stated_by(layer).bands
    assert bands[0] == StatedBand(file_nodata=False)
    assert bands[1].nodata[0] == (5, 7)
    assert bands[1].nodata[1][0] == 9
    assert bands[1].nodata[1][1] > 1e300
    assert set(bands[2:]) == {StatedBand()}
    request = messages.Segment(source="s", model="m", output="o", stated=stated_by(layer))
    assert decode(encode(request)) == request


def test_open_ends_of_a_nodata_range_are_left_out(layer):
    layer.dataProvider().setUserNoDataValue(1, [QgsRasterRange(5, 7, QgsRasterRange.BoundsType.Exclusive)])
    (low, high), *_ = stated_by(layer).bands[0].nodata
    assert 5 < low < 5.001
    assert 6.999 < high < 7


def test_nodata_of_a_scaled_band_is_stated_as_stored(tmp_path):
    path = rasters.write(tmp_path / "s.tif", rasters.scene())
    dataset = gdal.Open(path, gdal.GA_Update)
    for number in range(1, 7):
        dataset.GetRasterBand(number).SetScale(1e-4)
        dataset.GetRasterBand(number).SetOffset(-0.1)
    del dataset
    layer = QgsRasterLayer(path, "s")
    layer.dataProvider().setUserNoDataValue(1, [QgsRasterRange(0.0003, 0.0003), QgsRasterRange(-0.1, -0.1)])
    assert stated_by(layer).bands[0].nodata == ((1003, 1003), (0, 0))


def test_open_options_travel_without_a_copy(segment, context, scene_file, tmp_path):
    layer = QgsRasterLayer(f"{scene_file}|option:NUM_THREADS=1", "with options")
    scene = scene_layer.scene_of(layer, context)
    assert (scene.path, scene.stated.open_options) == (scene_file, ("NUM_THREADS=1",))
    log = Listening()
    run(segment, context, log, INPUT=layer, OUTPUT=str(tmp_path / "mask.tif"))
    assert not any("temporary GeoTIFF" in line for line in log.said)


def test_one_file_with_two_rasters_is_not_named_twice(context, tmp_path):
    package = str(tmp_path / "two.gpkg")
    for table in ("a", "b"):
        source = gdal.Open(rasters.write(tmp_path / f"{table}.tif", rasters.scene(bands=3).astype(np.uint8)))
        options = [f"RASTER_TABLE={table}", *(["APPEND_SUBDATASET=YES"] if table == "b" else [])]
        gdal.Translate(package, source, format="GPKG", creationOptions=options)
    scenes = [
        scene_layer.scene_of(QgsRasterLayer(f"{package}|option:TABLE={table}", table), context) for table in ("a", "b")
    ]
    assert scenes[0].path == scenes[1].path == package
    assert scenes[0].identity != scenes[1].identity


def test_the_layer_of_a_project_is_used_by_name_and_by_path(segment, context, layer, scene_file, tmp_path):
    layer.setCrs(QgsCoordinateReferenceSystem(UTM31))
    layer.dataProvider().setUserNoDataValue(1, [QgsRasterRange(0, 0)])
    QgsProject.instance().addMapLayer(layer)
    file = str(tmp_path / "p.qgz")
    QgsProject.instance().write(file)
    QgsProject.instance().clear()
    QgsProject.instance().read(file)
    for given in ("scene", scene_file):
        values = {"INPUT": given, "OUTPUT": str(tmp_path / "m.tif")}
        stated = read_parameters(segment, values, context).request.stated
        assert (stated.crs, stated.bands[0].nodata) == (UTM31, ((0, 0),))


def test_each_date_states_its_own(segment, context, layer, tmp_path):
    from prithvi_qgis.algorithms.segmentation.read_parameters import Reader

    plain = QgsRasterLayer(rasters.write(tmp_path / "b.tif", rasters.scene()), "b")
    layer.setCrs(QgsCoordinateReferenceSystem(UTM31))
    found = Reader(segment, {"FRAMES": [plain, layer]}, context).layers("FRAMES")
    stated = [scene_layer.scene_of(one, context).stated for one in found]
    assert scene_layer.all_stated(stated) == (StatedMetadata("its layer", True), stated[1])
    assert scene_layer.all_stated([None, None]) == ()


def test_a_product_takes_what_a_layer_of_one_band_states(segment, context, tmp_path):
    folder = granules.write_granule(tmp_path / "granule", granules.S30)
    layer = QgsRasterLayer(str(granules.file_of(folder, granules.S30, "B03")), "green")
    layer.setCrs(QgsCoordinateReferenceSystem(UTM31))
    layer.dataProvider().setUserNoDataValue(1, [QgsRasterRange(0, 0)])
    QgsProject.instance().addMapLayer(layer)
    values = {"INPUT": scene_layer.input_of(layer), "OUTPUT": str(tmp_path / "m.tif")}
    job = read_parameters(segment, values, context)
    assert job.scene.crs.authid() == job.request.stated.crs == UTM31
    assert job.request.stated.bands == (StatedBand(nodata=((0, 0),)),) * 11
    assert chosen_scene(values["INPUT"], QgsProject.instance()).stated == stated_by(layer)


def test_nodata_of_some_bands_of_a_part_is_not_used_for_the_whole_product(context, tmp_path):
    root = sentinel2.write_product(tmp_path, "L1C", "05.09")
    layer = QgsRasterLayer(f"SENTINEL2_L1C:{root}/MTD_MSIL1C.xml:10m:EPSG_32630", "part")
    layer.dataProvider().setUserNoDataValue(1, [QgsRasterRange(7, 7)])
    scene = scene_layer.scene_of(layer, context)
    assert scene.stated is None
    assert "part: its nodata settings differ by band" in scene.warning


def test_the_mask_lies_where_the_layer_lies(segment, context, tmp_path):
    source = rasters.write(tmp_path / "s.tif", rasters.scene())
    layer = QgsRasterLayer(source, "s")
    layer.setCrs(QgsCoordinateReferenceSystem(UTM31))
    layer.dataProvider().setUserNoDataValue(3, [QgsRasterRange(0, 700)])
    results = run(segment, context, INPUT=layer, OUTPUT=str(tmp_path / "mask.tif"))
    mask = gdal.Open(results["OUTPUT"])
    assert mask.GetSpatialRef().GetAuthorityCode(None) == "32631"
    assert np.array_equal(mask.ReadAsArray() == 255, rasters.scene()[2] <= 700)


@pytest.mark.parametrize("role", ["INPUT", "REFERENCE"])
def test_nodata_set_in_qgis_counts_in_an_evaluation(provider, context, tmp_path, role):
    classes = np.zeros((1, 20, 30), np.uint8)
    classes[0, :, 10:] = 1
    classes[0, :4] = 2
    paths = {
        name: rasters.write(tmp_path / f"{name}.tif", classes, names=(), nodata=2) for name in ("INPUT", "REFERENCE")
    }
    layer = QgsRasterLayer(f"{paths[role]}|option:NUM_THREADS=1", "classes")
    layer.dataProvider().setUserNoDataValue(1, [QgsRasterRange(0, 0)])
    layer.dataProvider().setUseSourceNoDataValue(1, False)
    output = tmp_path / "figures.json"
    run(provider.algorithm("evaluate").create(), context, **{**paths, role: layer, "OUTPUT": str(output)})
    pixels = json.loads(output.read_text())["pixels"]
    assert (pixels["compared"], pixels["mask_nodata"]) == {"INPUT": (320, 160), "REFERENCE": (320, 120)}[role]


# -- the form ----------------------------------------------------------------------------------------------------------


def test_the_form_shows_nodata_and_scaling_of_the_layer(form, context, tmp_path):
    pixels = rasters.scene()
    pixels[:, :, :90] = 60000
    source = rasters.write(tmp_path / "filled.tif", pixels)
    layer = QgsRasterLayer(f"{source}|option:NUM_THREADS=1", "filled")
    for number in range(1, 7):
        layer.dataProvider().setUserNoDataValue(number, [QgsRasterRange(60000, 60000)])
    QgsProject.instance().addMapLayer(layer)
    panel = bands_of(form(INPUT=layer.id()))
    wait_for(lambda: "0.0001" in panel.scaling.text())


# -- copies ------------------------------------------------------------------------------------------------------------


@pytest.fixture()
def in_memory():
    """Name of a raster that only this process can open."""
    name = "/vsimem/layers-of-this-test.tif"
    yield name
    gdal.Unlink(name)
    gdal.Unlink(f"{name}.aux.xml")


def _copied(source, context, extent=None):
    scene = scene_layer.scene_of(QgsRasterLayer(source, "in memory"), context)
    scene.settle()
    assert scene.path == ""
    scene.leave_thread()
    path, stated = layer_copy.export(scene, extent, Listening(), context)
    return gdal.Open(path), stated


def test_a_copy_keeps_what_the_source_declares(context, scene_file, in_memory):
    source = gdal.Translate(in_memory, scene_file, creationOptions=["ALPHA=NO"])
    source.SetMetadata({"PROCESSING_BASELINE": "05.09"})
    source.SetMetadata({"ACQUISITIONDATETIME": "2023-03-14 10:40:21"}, "IMAGERY")
    for number in range(1, 7):
        band = source.GetRasterBand(number)
        band.SetScale(1e-4)
        band.SetOffset(-0.1)
        band.SetMetadataItem("CENTRAL_WAVELENGTH_UM", "0.49", "IMAGERY")
    gdal.SetThreadLocalConfigOption("GDAL_TIFF_INTERNAL_MASK", "YES")
    source.CreateMaskBand(gdal.GMF_PER_DATASET)
    gdal.SetThreadLocalConfigOption("GDAL_TIFF_INTERNAL_MASK", None)
    valid = np.full((64, 96), 255, np.uint8)
    valid[:, :10] = 0
    source.GetRasterBand(1).GetMaskBand().WriteArray(valid)
    del band, source
    copy, stated = _copied(in_memory, context)
    assert stated is None
    assert copy.GetMetadataItem("PROCESSING_BASELINE") == "05.09"
    assert copy.GetMetadataItem("ACQUISITIONDATETIME", "IMAGERY") == "2023-03-14 10:40:21"
    band = copy.GetRasterBand(1)
    assert (band.GetDescription(), band.GetScale(), band.GetOffset()) == ("B02", 1e-4, -0.1)
    assert band.GetMetadataItem("CENTRAL_WAVELENGTH_UM", "IMAGERY") == "0.49"
    assert np.array_equal(band.GetMaskBand().ReadAsArray(), valid)
    assert copy.ReadAsArray().tolist() == gdal.Open(scene_file).ReadAsArray().tolist()


def test_a_copy_through_qgis_has_all_values_and_states_nodata_and_crs(context, scene_file):
    with coverage_of(scene_file) as server:
        uri = f"url={server.rstrip('?')}&identifier=scene&crs=EPSG:32630&version=1.0.0&format=GTiff"
        served = QgsRasterLayer(uri, "served", "wcs")
        served.setCrs(QgsCoordinateReferenceSystem(UTM31))
        served.dataProvider().setUserNoDataValue(1, [QgsRasterRange(0, 600)])
        scene = scene_layer.scene_of(served, context)
        scene.leave_thread()
        path, stated = layer_copy.export(scene, None, Listening(), context)
    assert stated == stated_by(served)
    assert (stated.crs, stated.bands[0].nodata) == (UTM31, ((0, 600),))
    assert gdal.Open(path).ReadAsArray().tolist() == rasters.scene().tolist()


def test_a_copy_keeps_alpha(context, in_memory):
    driver = gdal.GetDriverByName("GTiff")
    source = driver.Create(in_memory, 8, 8, 7, gdal.GDT_UInt16, ["ALPHA=YES"])
    source.GetRasterBand(7).SetColorInterpretation(gdal.GCI_AlphaBand)
    del source
    copy, _ = _copied(in_memory, context)
    assert copy.GetRasterBand(7).GetColorInterpretation() == gdal.GCI_AlphaBand


def test_a_copy_of_bands_with_different_nodata_states_each(context, scene_file):
    source = gdal.Translate("/vsimem/two.vrt", scene_file, format="VRT")
    for number, value in enumerate((1, 2, 2, 2, 2), 1):
        source.GetRasterBand(number).SetNoDataValue(value)
    source.FlushCache()
    del source
    try:
        _, stated = _copied("/vsimem/two.vrt", context)
    finally:
        gdal.Unlink("/vsimem/two.vrt")
    assert [band.nodata for band in stated.bands] == [((1, 1),), *[((2, 2),)] * 4, ()]
    assert not any(band.file_nodata for band in stated.bands)


def test_an_extent_of_a_copied_layer_is_cut_to_whole_pixels(context, scene_file, in_memory):
    gdal.Translate(in_memory, scene_file)
    part, _ = _copied(in_memory, context, (500103, 4499703, 500297, 4499797))
    whole = gdal.Open(scene_file)
    assert part.GetGeoTransform() == (500100.0, 10.0, 0.0, 4499800.0, 0.0, -10.0)
    assert part.ReadAsArray().tolist() == whole.ReadAsArray(10, 20, 20, 10).tolist()
    assert [part.GetRasterBand(n).GetDescription() for n in range(1, 7)] == list(rasters.BANDS)


def test_a_layer_that_only_qgis_opens_is_copied_for_the_engine(segment, context, scene_file, tmp_path):
    source = str(tmp_path / "scene.grd")  # of R, which the engine does not open
    gdal.Translate(source, scene_file, format="RRASTER")
    log = Listening()
    layer = QgsRasterLayer(source, "of R")
    layer.setCrs(QgsCoordinateReferenceSystem(UTM31))
    QgsProject.instance().addMapLayer(layer)
    results = run(segment, context, log, INPUT=layer.id(), OUTPUT=str(tmp_path / "mask.tif"))
    direct = run(segment.create(), context, INPUT=scene_file, OUTPUT=str(tmp_path / "direct.tif"))
    assert any("temporary GeoTIFF" in s for s in log.said)
    copied, straight = gdal.Open(results["OUTPUT"]), gdal.Open(direct["OUTPUT"])
    assert copied.GetGeoTransform() == straight.GetGeoTransform()
    assert copied.ReadAsArray().tolist() == straight.ReadAsArray().tolist()
    assert copied.GetSpatialRef().GetAuthorityCode(None) == "32631"


def test_nodata_that_is_switched_off_stays_off_in_a_copy():
    off = StatedMetadata("its layer", True, bands=(StatedBand(file_nodata=False), StatedBand(nodata=((7, 7),))))
    stated = with_nodata_per_band(off, [1, 2])
    assert [band.nodata for band in stated.bands] == [(), ((7, 7), (2, 2))]


def test_nodata_of_a_layer_is_added_to_the_mask_that_its_copy_has(tmp_path):
    path = rasters.write(tmp_path / "mask.tif", np.array([[[1, 2, 3, 4]]], np.uint8), names=())
    gdal.SetConfigOption("GDAL_TIFF_INTERNAL_MASK", "YES")
    dataset = gdal.Open(path, gdal.GA_Update)
    dataset.CreateMaskBand(gdal.GMF_PER_DATASET)
    dataset.GetRasterBand(1).GetMaskBand().WriteArray(np.array([[0, 255, 255, 255]], np.uint8))
    del dataset
    gdal.SetConfigOption("GDAL_TIFF_INTERNAL_MASK", None)
    layer_copy.apply_nodata(path, StatedBand(nodata=((3.0, 3.0),)))
    dataset = gdal.Open(path)
    assert dataset.GetRasterBand(1).GetMaskBand().ReadAsArray().tolist() == [[0, 255, 0, 255]]
