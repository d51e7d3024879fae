"""QGIS is closed during a run: the story ends in the middle, and the person leaves."""

from .steps import start_long_run


def story(person):
    yield from start_long_run(person)
    person.seen["tasks"] = person.tasks()
