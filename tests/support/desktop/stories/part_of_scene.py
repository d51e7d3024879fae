"""A part of the scene, taken from what the map shows, with a report; then what the history keeps of that run."""

from qgis.gui import QgsGui
from qgis.PyQt.QtWidgets import QToolButton
from qgis.utils import iface

from ..person import titles
from .steps import look_at, open_form, press


def story(person):
    (scene,) = yield from look_at(person, "Flood of May")
    whole = scene.extent()
    whole.scale(0.3)
    iface.mapCanvas().setExtent(whole)
    iface.mapCanvas().refresh()
    yield person.pause(0.5)
    yield person.drawn
    form = yield from open_form(person, scene)
    extent = form.mainWidget().wrappers["EXTENT"].wrappedWidget()
    arrow = next(b for b in extent.findChildren(QToolButton) if b.isVisible() and b.menu())
    where = arrow.rect()
    where.setLeft(where.right() - 6)  # the arrow beside the button
    person.click(arrow, where)
    menu = yield person.menu("Use Current Map Canvas Extent")
    person.seen["ways"] = titles(menu)
    person.choose(menu, "Use Current Map Canvas Extent")
    yield lambda: form.mainWidget().wrappers["EXTENT"].parameterValue()
    yield from press(person, form, "Run")
    yield person.message("Flood of May: Water")
    mask = person.layer("Flood of May - demo-water")()
    person.seen["sizes"] = [[layer.width(), layer.height()] for layer in (scene, mask)]
    yield from press(person, form, "Close")
    yield lambda: not person.dialog("Prithvi segment")()
    (newest, *_) = QgsGui.historyProviderRegistry().queryEntries(providerId="processing")[::-1]
    person.seen["command"] = newest.entry["process_command"]
