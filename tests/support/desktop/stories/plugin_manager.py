"""The plugin is switched off and on in QGIS's plugin manager."""

from qgis.core import QgsApplication
from qgis.PyQt.QtWidgets import QListView
from qgis.utils import plugins

from ..person import RIGHT, titles
from .steps import look_at, press


def story(person):
    (scene,) = yield from look_at(person, "Flood of May")
    person.seen["on"] = yield from traces(person, scene)
    yield from tick(person)
    yield lambda: "prithvi_qgis" not in plugins
    person.seen["off"] = yield from traces(person, scene)
    yield from tick(person)
    yield lambda: "prithvi_qgis" in plugins
    person.seen["on again"] = yield from traces(person, scene)


def tick(person):
    """Open the manager, and click the plugin's box."""
    person.open_menu_bar("Plugins")
    menu = yield person.menu("Manage and Install Plugins...")
    person.choose(menu, "Manage and Install Plugins...")
    manager = yield person.dialog("Plugins")
    yield person.pause(1)
    rows = next(v for v in manager.findChildren(QListView) if v.objectName() == "vwPlugins")
    model = rows.model()
    index = next(model.index(r, 0) for r in range(model.rowCount()) if "Prithvi" in str(model.index(r, 0).data()))
    rows.scrollTo(index)
    yield person.pause(0.3)
    box = rows.visualRect(index)
    box.setWidth(24)
    person.click(rows.viewport(), box)
    yield person.pause(0.5)
    yield from press(person, manager, "Close")


def traces(person, scene):
    """Where the plugin shows."""
    person.click_layer(scene, RIGHT)
    menu = yield person.menu("Remove Layer...")
    found = {
        "menu": titles(menu).count("Prithvi"),
        "provider": QgsApplication.processingRegistry().providerById("prithvi") is not None,
    }
    menu.close()
    yield person.pause(0.3)
    return found
