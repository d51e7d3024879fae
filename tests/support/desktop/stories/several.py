"""Two scenes selected together, and "Prithvi segment..." from their menu: the batch form has a row for each."""

from qgis.utils import iface

from .steps import MENU, look_at, press, right_click


def story(person):
    first, second = yield from look_at(person, "May 3", "May 8")
    person.click_layer(first)
    yield lambda: iface.layerTreeView().selectedLayers() == [first]
    person.click_layer(second, control=True)
    yield lambda: len(iface.layerTreeView().selectedLayers()) == 2
    yield from right_click(person, second, MENU[0])
    form = yield person.dialog("Batch Processing")
    person.place(form, 1100, 420)
    yield person.pause(1.5)
    person.picture("several", form)
    yield from press(person, form, "Close")
