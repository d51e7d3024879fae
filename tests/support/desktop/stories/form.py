"""Right-click on a scene, "Prithvi segment...", Run; the result stands on the map."""

from qgis.PyQt.QtWidgets import QProgressBar

from ..person import RIGHT, titles
from .steps import look_at, open_form, press


def story(person):
    (scene,) = yield from look_at(person, "Flood of May")
    person.click_layer(scene, RIGHT)
    menu = yield person.menu("Prithvi")
    person.choose(menu, "Prithvi")
    ours = yield person.menu("Prithvi segment...")
    person.seen["menu"] = titles(ours)
    yield person.pause(0.5)
    person.picture("context-menu")
    menu.close()
    ours.close()
    yield person.pause(0.3)

    form = yield from open_form(person, scene)
    person.seen["input"] = form.mainWidget().wrappers["INPUT"].parameterValue()
    person.seen["scene"] = scene.id()
    person.picture("form", form)
    yield from press(person, form, "Run")
    person.seen["progress"] = yield from watch_progress(person, form)
    yield person.message("Flood of May: Water")
    yield from press(person, form, "Close")
    yield lambda: not person.dialog("Prithvi segment")()
    mask = person.layer("Flood of May - demo-water")()
    person.seen["layers"] = person.layers()
    person.seen["legend"] = person.legend(mask)
    person.seen["opacity"] = mask.renderer().opacity()


def watch_progress(person, form):
    """What the form's bar showed until the mask was there."""
    shown = []

    def ended():
        value = form.findChild(QProgressBar).value()
        if value not in shown:
            shown.append(value)
        return person.layer("Flood of May - demo-water")()

    yield ended
    return shown
