"""Another project is begun during a run."""

from qgis.core import QgsApplication
from qgis.PyQt.QtWidgets import QDialog

from prithvi_qgis.client.engine import engine_client

from ..person import titles
from .steps import press, start_long_run


def story(person):
    yield from start_long_run(person)
    person.open_menu_bar("Project")
    menu = yield person.menu("New")
    assert "New" in titles(menu)
    person.choose(menu, "New")
    question = yield person.dialog("Save")
    person.seen["question"] = question.text()
    yield from press(person, question, "Discard")
    yield lambda: not person.layers()
    yield lambda: QgsApplication.taskManager().countActiveTasks() == 0
    yield lambda: engine_client.status().state != "busy"
    yield person.pause(1)
    person.seen["layers"] = person.layers()
    person.seen["open"] = [w.windowTitle() for w in person.windows(QDialog)]
