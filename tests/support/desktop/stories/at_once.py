"""Right-click on a scene, "Segment with ..."; the areas stand in the message bar, and the report opens from there."""

from qgis.PyQt.QtCore import QObject, QUrl, pyqtSlot
from qgis.PyQt.QtGui import QDesktopServices
from qgis.utils import iface

from .steps import MENU, look_at, press, right_click


class Browser(QObject):
    """Stands for the web browser, of which a test machine has none."""

    def __init__(self, pages):
        super().__init__()
        self._pages = pages
        QDesktopServices.setUrlHandler("file", self, "show")

    @pyqtSlot(QUrl)
    def show(self, url):
        """Called by Qt for a page to open."""
        with open(url.toLocalFile(), encoding="utf-8") as page:
            self._pages.append(page.read())


def story(person):
    (scene,) = yield from look_at(person, "Flood of May")
    yield from right_click(person, scene, MENU[1])
    person.seen["message"] = yield person.message("Flood of May: Water")
    iface.zoomFull()
    yield person.pause(1)
    yield person.drawn
    person.seen["layers"] = person.layers()
    person.picture("result")
    pages = []
    browser = Browser(pages)
    yield from press(person, iface.messageBar(), "Open report")
    yield lambda: pages
    person.seen["report"] = pages[0]
    person.keep("report.html", pages[0])
    browser.deleteLater()
