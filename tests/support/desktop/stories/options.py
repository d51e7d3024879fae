"""Settings > Options > Prithvi."""

from qgis.PyQt.QtWidgets import QGroupBox, QTreeView

from .steps import press


def story(person):
    person.open_menu_bar("Settings")
    menu = yield person.menu("Options...")
    person.choose(menu, "Options...")
    options = yield person.dialog("Options")
    person.place(options, 1000, 760)
    pages = next(t for t in options.findChildren(QTreeView) if t.isVisible())
    model = pages.model()
    rows = {model.index(row, 0).data(): row for row in range(model.rowCount())}
    pages.scrollTo(model.index(rows["Prithvi"], 0))
    yield person.pause(0.5)
    person.click_cell(pages, rows["Prithvi"], 0)
    yield person.pause(4)
    boxes = [b for b in options.findChildren(QGroupBox) if b.isVisible()]
    person.seen["boxes"] = [b.title() for b in boxes]
    person.picture("options", options)
    yield from press(person, options, "Cancel")
    yield lambda: not person.dialog("Options")()
