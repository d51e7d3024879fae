"""Parts that several stories share; used with ``yield from``."""

from qgis.PyQt.QtWidgets import QPushButton

from ..person import RIGHT

MENU = ("Prithvi segment...", "Segment with Water (demonstration)")


def look_at(person, *names, path=None):
    """Load scenes, the first one on top; returns them once the map is drawn."""
    layers = [person.add_scene(name, **({"path": path} if path else {})) for name in reversed(names)][::-1]
    yield person.pause(0.5)
    yield person.drawn
    return layers


def right_click(person, layer, entry):
    """Right-click on a layer of the tree, and choose from our submenu."""
    person.click_layer(layer, RIGHT)
    menu = yield person.menu("Prithvi")
    person.choose(menu, "Prithvi")
    ours = yield person.menu(entry)
    yield person.pause(0.3)
    person.choose(ours, entry)


def open_form(person, layer):
    """Right-click, "Prithvi segment..."; returns the form once it knows the scene."""
    person.click_layer(layer)
    yield person.pause(0.2)
    yield from right_click(person, layer, MENU[0])
    form = yield person.dialog("Prithvi segment")
    person.place(form, 1000, 760)
    yield person.pause(1.5)
    return form


def start_long_run(person):
    """Right-click, "Segment with ...", on a scene that takes long; returns it when the tiles go by."""
    (scene,) = yield from look_at(person, "Flood of May", path=f"{person.folder}/large.vrt")
    yield from right_click(person, scene, MENU[1])
    yield lambda: any("tiles/s" in line for line in person.tasks())
    return scene


def press(person, window, text):
    """Click a button of a window."""
    button = yield person.widget(window, QPushButton, text)
    person.click(button)
