"""A scene without the bands that the model needs: the form says so, and Run tells it again."""

from qgis.PyQt.QtWidgets import QTextEdit

from .steps import look_at, open_form, press


def story(person):
    (scene,) = yield from look_at(person, "Aerial photo", path=f"{person.folder}/four.vrt")
    form = yield from open_form(person, scene)
    person.picture("wrong-bands", form)
    yield from press(person, form, "Run")
    yield lambda: "Execution failed" in log(form)
    person.seen["log"] = log(form)
    yield person.pause(0.5)
    person.seen["layers"] = person.layers()
    yield from press(person, form, "Close")


def log(form):
    """What the form's log says."""
    return "".join(t.toPlainText() for t in form.findChildren(QTextEdit) if t.objectName() == "txtLog")
