"""The engine is installed from the network, and the installation is cancelled. For pictures only: it downloads."""

from qgis.PyQt.QtWidgets import QLabel, QProgressBar
from qgis.utils import iface

from .steps import press


def story(person):
    yield person.message("not installed")
    yield from press(person, iface.messageBar(), "Set up")
    setup = yield person.dialog("Set up the Prithvi engine")
    yield person.pause(3)
    yield from press(person, setup, "Install")
    yield lambda: line_with(setup, "under way") and setup.findChild(QProgressBar).value() > 8
    person.picture("installing", setup)
    person.seen["progress"] = line_with(setup, "under way")
    yield from press(person, setup, "Cancel installation")
    person.seen["cancelled"] = yield lambda: line_with(setup, "Cancelled.")
    yield from press(person, setup, "Close")


def line_with(window, words):
    """The line that says this."""
    return next((label.text() for label in window.findChildren(QLabel) if words in label.text()), "")
