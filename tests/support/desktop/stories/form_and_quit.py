"""QGIS is closed while the form's own run is under way: it asks, cancels, and is closed once more."""

import time

from qgis.core import QgsApplication
from qgis.PyQt.QtCore import QTimer
from qgis.PyQt.QtWidgets import QProgressBar, QTextEdit
from qgis.utils import iface

from .steps import look_at, open_form, press


def story(person):
    (scene,) = yield from look_at(person, "Flood of May", path=f"{person.folder}/large.vrt")
    form = yield from open_form(person, scene)
    yield from press(person, form, "Run")
    yield lambda: form.findChild(QProgressBar).value() > 0
    person.seen["log"] = "".join(t.toPlainText() for t in form.findChildren(QTextEdit) if t.objectName() == "txtLog")
    QTimer.singleShot(0, iface.actionExit().trigger)
    question = yield person.dialog("Active Tasks")
    person.seen["question"] = question.text()
    yield from press(person, question, "Yes")
    # QGIS cancels, and stays; who wants to leave closes it once more.
    began = time.monotonic()
    yield lambda: QgsApplication.taskManager().countActiveTasks() == 0
    person.seen["seconds"] = time.monotonic() - began
