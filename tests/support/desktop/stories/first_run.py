"""QGIS with the plugin and without an engine."""

from qgis.utils import iface

from .steps import MENU, look_at, press, right_click


def story(person):
    person.seen["offer"] = yield person.message("not installed")
    (scene,) = yield from look_at(person, "Flood of May")
    yield from press(person, iface.messageBar(), "Set up")
    setup = yield person.dialog("Set up the Prithvi engine")
    yield person.pause(3)
    person.picture("first-run", setup)
    yield from press(person, setup, "Close")
    yield person.pause(0.5)
    yield from right_click(person, scene, MENU[1])
    setup = yield person.dialog("Set up the Prithvi engine")
    person.seen["tasks"] = person.tasks()
    yield from press(person, setup, "Close")
