"""A run is cancelled in the list of background tasks, which the status bar opens."""

import time

from qgis.core import QgsApplication
from qgis.PyQt.QtCore import QAbstractItemModel
from qgis.PyQt.QtWidgets import QToolButton, QTreeView
from qgis.utils import iface

from prithvi_qgis.client.engine import engine_client

from .steps import start_long_run


def story(person):
    scene = yield from start_long_run(person)
    button = next(
        b
        for b in iface.mainWindow().statusBar().findChildren(QToolButton)
        if b.metaObject().className() == "QgsTaskManagerStatusBarWidget"
    )
    person.click(button)
    tasks = yield lambda: task_list()
    yield person.pause(1)
    person.seen["tasks"] = person.tasks()
    person.picture("running-task")
    model: QAbstractItemModel = tasks.model()
    began = time.monotonic()
    person.click_cell(tasks, 0, model.columnCount() - 1)
    yield lambda: QgsApplication.taskManager().countActiveTasks() == 0
    yield lambda: engine_client.status().state != "busy"
    person.seen["seconds"] = time.monotonic() - began
    yield person.pause(1)
    person.seen["layers"] = person.layers()
    person.seen["messages"] = [item.text() for item in iface.messageBar().items()]
    assert scene.isValid()


def task_list():
    """The list, while it is shown."""
    lists = iface.mainWindow().findChildren(QTreeView)
    return next((t for t in lists if t.isVisible() and "Task" in t.parent().metaObject().className()), None)
