"""Two scenes selected together, and "Segment with ..." from their menu; a vector layer has no such entry."""

from qgis.core import QgsProject, QgsVectorLayer
from qgis.utils import iface

from ..person import RIGHT, titles
from .steps import MENU, look_at, right_click


def story(person):
    roads = QgsVectorLayer("LineString?crs=EPSG:32633", "Roads", "memory")
    QgsProject.instance().addMapLayer(roads)
    first, second = yield from look_at(person, "May 3", "May 8")
    person.click_layer(roads, RIGHT)
    menu = yield person.menu("Remove Layer...")
    person.seen["menu of a vector layer"] = titles(menu)
    menu.close()
    yield person.pause(0.3)

    person.click_layer(first)
    yield lambda: iface.layerTreeView().selectedLayers() == [first]
    person.click_layer(second, control=True)
    yield lambda: len(iface.layerTreeView().selectedLayers()) == 2
    yield from right_click(person, second, MENU[1])
    tasks = set()

    def ended():
        tasks.update(person.tasks())
        return person.message("2 layers segmented")()

    person.seen["message"] = yield ended
    person.seen["tasks"] = sorted(tasks)
    person.seen["layers"] = person.layers()
    person.seen["active"] = iface.activeLayer().name()
