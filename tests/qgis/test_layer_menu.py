"""The right-click menu of raster layers, as a person uses it."""

from __future__ import annotations

import functools
import http.server
import re
import shutil
import threading
from pathlib import Path

import numpy as np
import pytest
from osgeo import gdal
from qgis.core import Qgis, QgsProject, QgsVectorLayer
from qgis.PyQt.QtGui import QDesktopServices

from prithvi_qgis.algorithms.layers import result_layer
from prithvi_qgis.core.system import paths
from prithvi_qgis.gui import open_dialog, recent_models, result_message
from support import rasters
from support.coverage_server import coverage_of
from support.layer_menu import NOW, layer_of, names, segment
from support.qgis_window import wait_for

pytestmark = pytest.mark.timeout(300)


def test_raster_layers_get_the_entries_and_lose_them_on_unload(desktop, menu):
    assert desktop.titles() == ["Prithvi segment...", NOW]
    for _, submenu, layer_type, all_layers in desktop.actions:
        assert (submenu, layer_type, all_layers) == ("Prithvi", Qgis.LayerType.Raster, True)
    assert all(not action.icon().isNull() for action, *_ in desktop.actions)
    menu.unload()
    assert desktop.actions == []
    assert result_layer.listeners == []
    menu.__init__(desktop)  # for the fixture's own unload


def test_a_click_segments_the_layer_and_tells_areas_with_a_report(desktop, menu, scene_file, monkeypatch):
    opened = []
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: opened.append(url.toLocalFile()))
    text = segment(desktop, layer_of(scene_file, "Flood of May"))
    assert re.fullmatch(r"Flood of May: Water [\d.]+ ha \(\d+ %\), Land [\d.]+ ha \(\d+ %\)\.", text)
    assert names() == ["Flood of May - demo-water", "Flood of May"]
    (button,) = desktop.buttons()
    assert button.text() == "Open report"
    button.click()
    assert Path(opened[0]).read_text().startswith("<!DOCTYPE html>")


def test_all_selected_rasters_are_segmented_and_others_named(desktop, menu, scene_file):
    one, two = layer_of(scene_file, "one"), layer_of(scene_file, "two")
    roads = QgsVectorLayer("LineString?crs=EPSG:32630", "roads", "memory")
    QgsProject.instance().addMapLayer(roads)
    desktop.select(one, two, roads)
    desktop.click(NOW)
    wait_for(lambda: len(desktop.said()) == 2)
    assert any("roads is no raster layer and was left out." in s for s in desktop.said())
    assert any(re.match(r"2 layers segmented, together Water [\d.]+ ha", s) for s in desktop.said())
    assert {"one - demo-water", "two - demo-water"} <= set(names())
    button = next(b for b in desktop.buttons() if b.menu())
    assert sorted(a.text() for a in button.menu().actions()) == ["one", "two"]


def test_layers_that_a_server_draws_are_refused_with_the_reason_and_the_rest_is_done(desktop, menu, scene_file):
    tiles = layer_of("type=xyz&url=http://localhost/%7Bz%7D/%7Bx%7D/%7By%7D.png&zmax=3&zmin=0", "tiles", "wms")
    scene = layer_of(scene_file, "scene")
    desktop.select(tiles, scene)
    desktop.click(NOW)
    wait_for(lambda: len(desktop.said()) == 2)
    assert any("The layer tiles (wms) is drawn by a server and has no pixels of its own." in s for s in desktop.said())
    assert "scene - demo-water" in names()


def test_the_message_says_which_layer_failed_and_why(desktop, menu, scene_file, tmp_path):
    narrow = layer_of(rasters.write(tmp_path / "narrow.tif", rasters.scene(bands=4), names=()), "narrow")
    text = segment(desktop, narrow, layer_of(scene_file, "good"))
    assert "good: Water" in text
    assert "narrow.tif has 4 bands" in text
    assert desktop.bar.items()[0].level() == Qgis.MessageLevel.Warning


def as_vrt(scene_file: str, folder: Path) -> str:
    gdal.BuildVRT(str(folder / "scene.vrt"), scene_file).FlushCache()
    return str(folder / "scene.vrt")


def as_geopackage(scene_file: str, folder: Path) -> str:
    """A GeoPackage raster holds a picture of at most four bands; six do not fit."""
    gdal.Translate(
        str(folder / "scene.gpkg"), scene_file, format="GPKG", bandList=[1, 2, 3, 4], outputType=gdal.GDT_Byte
    ).FlushCache()
    return str(folder / "scene.gpkg")


def in_memory(scene_file: str, folder: Path) -> str:
    gdal.Translate("/vsimem/scene.tif", scene_file).FlushCache()
    return "/vsimem/scene.tif"


@pytest.mark.parametrize("make", [as_vrt, in_memory])
def test_layers_of_every_kind_give_the_same_mask_as_their_file(desktop, menu, scene_file, tmp_path, make):
    segment(desktop, layer_of(scene_file, "plain"))
    text = segment(desktop, layer_of(make(scene_file, tmp_path), "other"))
    assert text.startswith("other: Water")
    masks = [
        gdal.Open(QgsProject.instance().mapLayersByName(f"{n} - demo-water")[0].source()) for n in ("plain", "other")
    ]
    assert np.array_equal(masks[0].ReadAsArray(), masks[1].ReadAsArray())
    assert masks[0].GetGeoTransform() == masks[1].GetGeoTransform()


def test_a_geopackage_raster_is_read_as_what_it_is(desktop, menu, scene_file, tmp_path):
    text = segment(desktop, layer_of(as_geopackage(scene_file, tmp_path), "packed"))
    assert text.startswith("packed has 3 bands")  # the engine opened it, and does not take alpha for a band


class Ranges(http.server.SimpleHTTPRequestHandler):
    """Serves pieces of files, as the stores of satellite images do."""

    def do_GET(self):
        path = Path(self.translate_path(self.path))
        asked = re.fullmatch(r"bytes=(\d+)-(\d*)", self.headers.get("Range", ""))
        if not path.is_file() or not asked:
            return super().do_GET()
        data = path.read_bytes()
        part = data[int(asked[1]) : int(asked[2] or len(data)) + 1]
        self.send_response(206)
        self.send_header("Content-Range", f"bytes {asked[1]}-{int(asked[1]) + len(part) - 1}/{len(data)}")
        self.send_header("Content-Length", str(len(part)))
        self.end_headers()
        self.wfile.write(part)
        return None

    def log_message(self, *_):
        pass


@pytest.fixture()
def url(scene_file, tmp_path):
    gdal.Translate(str(tmp_path / "cog.tif"), scene_file, format="COG").FlushCache()
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Ranges, directory=str(tmp_path)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"/vsicurl/http://127.0.0.1:{server.server_port}/cog.tif"
    server.shutdown()
    server.server_close()


def test_a_cloud_optimised_geotiff_is_segmented_by_its_url(desktop, menu, url):
    assert segment(desktop, layer_of(url, "remote")).startswith("remote: Water")


def test_a_layer_of_a_coverage_server_is_copied_and_gives_the_mask_of_its_file(desktop, menu, scene_file):
    segment(desktop, layer_of(scene_file, "plain"))
    with coverage_of(scene_file) as server:
        source = f"url={server.rstrip('?')}&identifier=scene&crs=EPSG:32630&version=1.0.0&format=GTiff"
        assert segment(desktop, layer_of(source, "served", "wcs")).startswith("served: Water")
    masks = [
        gdal.Open(QgsProject.instance().mapLayersByName(f"{n} - demo-water")[0].source()) for n in ("plain", "served")
    ]
    assert np.array_equal(masks[0].ReadAsArray(), masks[1].ReadAsArray())
    assert masks[0].GetGeoTransform() == masks[1].GetGeoTransform()


def test_a_model_that_was_used_comes_first_and_stays(desktop, menu, scene_file, tmp_path, monkeypatch):
    home = tmp_path / "home"
    shutil.copytree(paths.resources() / "models" / "demo-water", home / "models" / "my-flood")
    card = home / "models" / "my-flood" / "model.json"
    card.write_text(card.read_text().replace('"demo-water"', '"my-flood"').replace("Water (demonstration)", "My flood"))
    monkeypatch.setattr(paths, "model_folders", lambda: [home / "models", paths.resources() / "models"])
    menu._recent.used("my-flood", str(card.parent))
    assert desktop.titles() == ["Prithvi segment...", "Segment with My flood", NOW]
    menu._recent.used("demo-water", str(paths.resources() / "models" / "demo-water"))
    assert desktop.titles() == ["Prithvi segment...", NOW, "Segment with My flood"]
    again = recent_models.RecentModels()  # another session
    assert [c.id for c in again.cards()] == ["demo-water", "my-flood"]
    shutil.rmtree(card.parent)
    assert [c.id for c in again.cards()] == ["demo-water"]


def test_the_form_opens_with_the_layer_or_a_row_for_each(desktop, menu, scene_file, monkeypatch, qgis_iface):
    opened = []
    show = open_dialog.show
    monkeypatch.setattr(open_dialog, "show", lambda iface, layers: opened.append(show(qgis_iface, layers)))
    one, two = layer_of(scene_file, "one"), layer_of(scene_file, "two")
    desktop.select(two)
    desktop.click("Prithvi segment...")
    assert opened[0].algorithm().id() == "prithvi:segment"
    assert opened[0].createProcessingParameters()["INPUT"] == two.id()
    desktop.select(one, two)
    desktop.click("Prithvi segment...")
    panel = opened[1].mainWidget()
    assert sorted(panel.valueForParameter(row, "INPUT") for row in range(panel.batchRowCount())) == sorted(
        [one.id(), two.id()]
    )
    for dialog in opened:
        dialog.close()


def test_long_lists_of_failures_are_shortened():
    text = result_message.failed_text([f"scene {n} failed." for n in range(9)])
    assert text == "scene 0 failed. scene 1 failed. scene 2 failed. 6 more failed; see the log messages."
