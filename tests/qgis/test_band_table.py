"""The table of bands in the real form: filled by the rules, edited by hand, wrong ones marked before running."""

from __future__ import annotations

import threading
import time

import pytest
from osgeo import gdal
from qgis.core import QgsProject
from qgis.PyQt.QtCore import QPoint, QPointF, Qt, QTimer
from qgis.PyQt.QtGui import QWheelEvent
from qgis.PyQt.QtTest import QTest
from qgis.PyQt.QtWidgets import QApplication, QPushButton

from prithvi_qgis.algorithms.scenes import scene_preview
from prithvi_qgis.gui.widgets import scene_reader
from prithvi_qgis.gui.widgets.message_line import Severity
from support import rasters
from support.processing_form import SENTINEL2, add_scene, bands_of, open_form, settle, value_of, wait_for

pytestmark = pytest.mark.timeout(120)
SUCCESS, WARNING, ERROR = Severity.SUCCESS, Severity.WARNING, Severity.ERROR


@pytest.fixture()
def sentinel2(qgis_new_project, tmp_path):
    return add_scene(tmp_path / "s2.tif", rasters.scene(bands=13), SENTINEL2)


def test_the_bands_are_found_by_their_names_and_the_value_stays_empty(form, sentinel2):
    dialog = form(INPUT=sentinel2)
    panel = settle(dialog)
    assert panel.table.choice() == (2, 3, 4, 9, 12, 13)
    assert panel.table.severities() == [SUCCESS] * 6
    assert panel.table.lists()[2].currentText() == "4: B04 (red)"
    assert panel.state.text() == "Found automatically."
    assert value_of(dialog, "BANDS") == ""


def test_the_scaling_that_will_be_used_is_told(form, sentinel2):
    assert settle(form(INPUT=sentinel2)).scaling.text() == "Scaling: reflectance = DN x 0.0001 + 0 (the model's)."


def test_a_scaling_given_by_hand_is_told_at_once(form, sentinel2):
    dialog = form(INPUT=sentinel2)
    panel = settle(dialog)
    dialog.setParameters({"SCALE": 0.0002, "OFFSET": -0.1})
    wait_for(lambda: "DN x 0.0002 - 0.1 (as given)" in panel.scaling.text())


def test_another_layer_gives_another_table(form, sentinel2, tmp_path):
    dialog = form(INPUT=sentinel2)
    settle(dialog)
    landsat = ("SR_B1", "SR_B2", "SR_B3", "SR_B4", "SR_B5", "SR_B6", "SR_B7")
    layer = add_scene(tmp_path / "l8.tif", rasters.scene(bands=7), landsat)
    dialog.setParameters({"INPUT": layer})
    wait_for(lambda: bands_of(dialog).table.choice() == (2, 3, 4, 5, 6, 7))
    assert value_of(dialog, "BANDS") == ""


def test_a_missing_band_is_marked_before_running(form, tmp_path, qgis_new_project):
    layer = add_scene(tmp_path / "four.tif", rasters.scene(bands=4), ("B02", "B03", "B04", "B8A"))
    panel = settle(form(INPUT=layer))
    assert panel.table.severities() == [SUCCESS] * 4 + [ERROR] * 2
    assert panel.table.lists()[5].currentText().startswith("missing")
    assert panel.scaling.severity == ERROR
    assert "SWIR 1, SWIR 2 could not be found" in panel.scaling.text()
    assert panel.scaling.text().endswith("Choose them in the lists, or stack the missing bands into the scene.")


def test_choosing_the_missing_bands_by_hand_takes_the_mark_away(form, tmp_path, qgis_new_project):
    names = ("B02", "B03", "B04", "B8A", "first", "second")
    dialog = form(INPUT=add_scene(tmp_path / "odd.tif", rasters.scene(), names))
    panel = settle(dialog)
    panel.table.lists()[4].setCurrentIndex(5)
    assert value_of(dialog, "BANDS") == "1,2,3,4,5,"
    wait_for(lambda: panel.scaling.text() == "Choose a band for: SWIR 2.")
    panel.table.lists()[5].setCurrentIndex(6)
    assert value_of(dialog, "BANDS") == "1,2,3,4,5,6"
    wait_for(lambda: panel.scaling.text().startswith("Scaling: "))
    assert panel.table.severities() == [SUCCESS] * 4 + [Severity.PLAIN] * 2


def test_a_band_used_twice_is_a_warning(form, sentinel2):
    panel = settle(form(INPUT=sentinel2, BANDS="2,2,4,9,12,13"))
    assert panel.table.severities()[:3] == [WARNING, WARNING, SUCCESS]
    assert [n.text() for n in panel.notes if n.text()] == ["Band 2 is used more than once: blue, green."]


def test_a_band_that_says_it_is_another_is_a_warning(form, sentinel2):
    panel = settle(form(INPUT=sentinel2, BANDS="2,3,4,8,12,13"))
    assert panel.table.severities()[3] == WARNING
    assert "Band 8 says that it is broad NIR, and is used for narrow NIR." in [n.text() for n in panel.notes]


def test_what_is_chosen_by_hand_is_the_value_until_it_is_taken_back(form, sentinel2):
    dialog = form(INPUT=sentinel2)
    panel = settle(dialog)
    panel.table.lists()[3].setCurrentIndex(8)
    assert value_of(dialog, "BANDS") == "2,3,4,8,12,13"
    assert panel.state.text() == "Chosen by hand."
    (button,) = [b for b in panel.findChildren(QPushButton) if b.isVisible()]
    button.click()
    assert value_of(dialog, "BANDS") == ""
    assert panel.table.choice() == (2, 3, 4, 9, 12, 13)


def test_a_choice_by_hand_that_equals_the_automatic_one_is_portable(form, sentinel2):
    dialog = form(INPUT=sentinel2, BANDS="2,3,4,9,12,13")
    settle(dialog)
    assert value_of(dialog, "BANDS") == ""


def test_a_list_of_numbers_from_a_script_is_shown(form, sentinel2):
    dialog = form(INPUT=sentinel2, BANDS=[2, 3, 4, 8, 12, 13])
    panel = settle(dialog)
    assert panel.table.choice() == (2, 3, 4, 8, 12, 13)
    assert value_of(dialog, "BANDS") == "2,3,4,8,12,13"


def test_numbers_of_another_layer_do_not_stay(form, sentinel2, tmp_path):
    dialog = form(INPUT=sentinel2, BANDS="2,3,4,8,12,13")
    settle(dialog)
    dialog.setParameters({"INPUT": add_scene(tmp_path / "six.tif", rasters.scene(), rasters.BANDS)})
    wait_for(lambda: bands_of(dialog).table.choice() == (1, 2, 3, 4, 5, 6))
    assert value_of(dialog, "BANDS") == ""


@pytest.mark.parametrize("text", ["2,3", "2,3,4,9,12,99", "red"])
def test_a_value_that_does_not_fit_is_kept_and_told(form, sentinel2, text):
    dialog = form(INPUT=sentinel2, BANDS=text)
    panel = settle(dialog)
    assert value_of(dialog, "BANDS") == text
    assert panel.scaling.severity == ERROR
    assert "BANDS" in panel.scaling.text()


def test_values_that_cannot_be_reflectance_are_refused_before_running(form, tmp_path, qgis_new_project):
    layer = add_scene(tmp_path / "hot.tif", rasters.scene() * 0 + 60000, rasters.BANDS)
    panel = settle(form(INPUT=layer))
    assert panel.scaling.severity == ERROR
    assert "reflectance lies between 0 and 1" in panel.scaling.text()


def test_bands_without_names_are_taken_in_order_with_a_warning(form, tmp_path, qgis_new_project):
    panel = settle(form(INPUT=add_scene(tmp_path / "plain.tif", rasters.scene(), ())))
    assert panel.table.choice() == (1, 2, 3, 4, 5, 6)
    assert panel.table.severities() == [Severity.PLAIN] * 6
    assert panel.state.text() == "Taken in the model's order."
    assert any("does not name its bands" in n.text() for n in panel.notes)


def test_a_file_that_is_no_layer_of_the_project_is_read_too(form, tmp_path, qgis_new_project):
    path = rasters.write(tmp_path / "file.tif", rasters.scene(bands=13), names=SENTINEL2)
    assert settle(form(INPUT=path)).table.choice() == (2, 3, 4, 9, 12, 13)
    assert QgsProject.instance().mapLayers() == {}


def test_a_scene_that_cannot_be_opened_is_told_in_one_line(form, tmp_path, qgis_new_project):
    (tmp_path / "notes.tif").write_text("no raster")
    panel = settle(form(INPUT=str(tmp_path / "notes.tif")))
    assert panel.scaling.severity == ERROR
    assert "notes.tif cannot be read as a raster" in panel.scaling.text()


def test_a_layer_that_no_path_can_name_shows_its_bands(form, tmp_path, qgis_new_project):
    path = rasters.write(tmp_path / "six.tif", rasters.scene())
    layer = add_scene(f"{path}|option:NUM_THREADS=1")
    panel = settle(form(INPUT=layer))
    assert panel.table.choice() == (1, 2, 3, 4, 5, 6)
    assert panel.scaling.text().startswith("Scaling: reflectance")


def test_an_extent_beside_the_scene_is_told(form, sentinel2):
    dialog = form(INPUT=sentinel2)
    panel = settle(dialog)
    dialog.setParameters({"EXTENT": "0,10,0,10 [EPSG:32630]"})
    wait_for(lambda: "does not touch" in panel.scaling.text())
    dialog.setParameters({"EXTENT": "500100,500300,4499700,4499800 [EPSG:32630]"})
    wait_for(lambda: panel.scaling.text().startswith("Scaling: "))


def test_without_a_scene_the_form_asks_for_one(form, qgis_new_project):
    panel = settle(form())
    assert panel.scaling.text() == "Choose a scene to see its bands."
    assert not any(choice.isEnabled() for choice in panel.table.lists())


def test_a_slow_scene_never_holds_up_the_window(form, sentinel2, monkeypatch):
    """A disk or server that takes two seconds; the event loop must come round every 100 ms."""
    threads = []

    def slow(*arguments):
        threads.append(threading.current_thread())
        time.sleep(1)
        return original(*arguments)

    original = scene_preview.read_facts
    monkeypatch.setattr(scene_reader, "read_facts", slow)
    dialog = form()
    QApplication.processEvents()
    beats = []
    timer = QTimer()
    timer.timeout.connect(lambda: beats.append(time.monotonic()))
    timer.start(10)
    dialog.setParameters({"INPUT": sentinel2})
    panel = settle(dialog)
    timer.stop()
    assert panel.table.choice() == (2, 3, 4, 9, 12, 13)
    assert threads and threading.main_thread() not in threads
    assert max(b - a for a, b in zip(beats, beats[1:])) < 0.1


def test_a_form_closed_while_a_scene_is_read_does_no_harm(form, sentinel2, monkeypatch):
    done = threading.Event()

    def slow(*arguments):
        time.sleep(0.5)
        done.set()
        return original(*arguments)

    original = scene_preview.read_facts
    monkeypatch.setattr(scene_reader, "read_facts", slow)
    dialog = open_form({"INPUT": sentinel2})
    QTest.qWait(250)  # past the pause that waits for more input
    dialog.close()
    dialog.deleteLater()
    del dialog
    QTest.qWait(100)
    assert done.wait(5)
    QTest.qWait(300)


def test_the_table_can_be_used_with_the_keyboard_alone(form, sentinel2):
    dialog = form(INPUT=sentinel2)
    panel = settle(dialog)
    dialog.activateWindow()
    first, second = panel.table.lists()[:2]
    first.setFocus()
    QTest.keyClicks(first, "8")
    assert panel.table.choice()[0] == 8
    after = first.nextInFocusChain()
    while not (after.isVisible() and after.focusPolicy() & Qt.FocusPolicy.TabFocus):
        after = after.nextInFocusChain()
    assert after is second
    assert value_of(dialog, "BANDS") == "8,3,4,9,12,13"


def test_what_the_form_foretells_is_what_a_tagged_product_says(form, tmp_path, qgis_new_project):
    path = rasters.write(tmp_path / "s2.tif", rasters.scene() + 1000)
    dataset = gdal.OpenEx(path, gdal.OF_UPDATE)
    dataset.SetMetadataItem("PROCESSING_BASELINE", "05.09")
    del dataset
    panel = settle(form(INPUT=path))
    assert panel.scaling.text().endswith("DN x 0.0001 - 0.1 (Sentinel-2 processing baseline 05.09).")


def test_the_wheel_scrolls_the_form_and_changes_no_band(form, sentinel2):
    panel = settle(form(INPUT=sentinel2))
    choice = panel.table.lists()[0]
    middle = QPointF(choice.rect().center())
    none, down = QPoint(0, 0), QPoint(0, -120)
    buttons, keys = Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier
    turn = QWheelEvent(
        middle,
        QPointF(choice.mapToGlobal(middle.toPoint())),
        none,
        down,
        buttons,
        keys,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(choice, turn)
    assert panel.table.choice() == (2, 3, 4, 9, 12, 13)


def test_a_model_that_cannot_be_used_shows_no_table(form, sentinel2):
    dialog = form(INPUT=sentinel2, MODEL="no-such-model")
    panel = settle(dialog)
    assert not panel.table.isVisible()
    assert panel.scaling.text() == "Choose a model that can be used to see its bands."
    dialog.setParameters({"MODEL": "demo-water"})
    wait_for(lambda: panel.table.choice() == (2, 3, 4, 9, 12, 13))
    assert panel.table.isVisible()
