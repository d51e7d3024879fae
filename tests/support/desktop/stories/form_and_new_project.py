"""Another project is begun while the form's own run is under way."""

from qgis.core import QgsApplication, QgsProject
from qgis.PyQt.QtWidgets import QProgressBar

from prithvi_qgis.client.engine import engine_client

from .steps import look_at, open_form, press


def story(person):
    (scene,) = yield from look_at(person, "Flood of May", path=f"{person.folder}/large.vrt")
    form = yield from open_form(person, scene)
    yield from press(person, form, "Run")
    yield lambda: form.findChild(QProgressBar).value() > 0
    QgsProject.instance().clear()  # as File > New does, once the question is answered
    yield person.pause(1)
    person.seen["still"] = engine_client.status().state
    yield from press(person, form, "Cancel")
    yield lambda: QgsApplication.taskManager().countActiveTasks() == 0
    yield lambda: engine_client.status().state != "busy"
    yield person.pause(0.5)
    person.seen["layers"] = person.layers()
    yield from press(person, form, "Close")
