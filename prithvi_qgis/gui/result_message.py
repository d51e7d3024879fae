"""The message bar's line for finished runs: areas per class, a button for the report, and failures."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Optional

from qgis.core import Qgis
from qgis.PyQt.QtCore import QUrl
from qgis.PyQt.QtGui import QDesktopServices
from qgis.PyQt.QtWidgets import QMenu, QPushButton

from ..algorithms.base import tr
from ..algorithms.layers.result_layer import LoadedRun
from ..algorithms.run_status import area_text, class_shares, values_text
from ..core.masks.styling import known_values

if TYPE_CHECKING:
    from qgis.gui import QgisInterface

    from ..core.protocol.messages import ClassArea

_SHOWN_CLASSES = 3
_SHOWN_FAILURES = 3
_TITLE = "Prithvi"


class ResultMessages:
    """Writes to the message bar of a QGIS window."""

    def __init__(self, iface: QgisInterface):
        self._iface = iface

    def loaded(self, run: LoadedRun) -> None:
        """Report one run whose segmentation was loaded."""
        self.finished([run], [])

    def finished(self, runs: Sequence[LoadedRun], failures: Sequence[str]) -> None:
        """Report the finished runs of a task.

        Args:
            runs: the runs that succeeded.
            failures: one line per run that failed.
        """
        if not runs and not failures:
            return
        text = " ".join([*([done_text(runs)] if runs else []), *([failed_text(failures)] if failures else [])])
        level = Qgis.MessageLevel.Success
        if failures:
            level = Qgis.MessageLevel.Warning if runs else Qgis.MessageLevel.Critical
        bar = self._iface.messageBar()
        item = bar.createMessage(_TITLE, text)
        button = _report_button(runs)
        if button is not None:
            item.layout().addWidget(button)
        # It stays until it is closed: the user was working on something else meanwhile.
        bar.pushWidget(item, level)


def done_text(runs: Sequence[LoadedRun]) -> str:
    """Return ``scene: Water 12.30 ha (14 %), Land 75.10 ha (86 %).``, or the sums over several scenes."""
    quantities = [run.quantity for run in runs if run.quantity is not None]
    if quantities:
        if len(runs) > 1:
            return tr("{} layers done.").format(len(runs))
        values = values_text(runs[0].values, quantities[0].unit)
        return tr("{}: {}, {}.").format(runs[0].scene, quantities[0].name, values)
    classes = tuple(_sums(runs))
    largest = max((c.area_m2 or 0.0 for c in classes), default=0.0)
    areas = ", ".join(_class_text(c, share, largest) for c, share in _interesting_first(classes)[:_SHOWN_CLASSES])
    if len(runs) == 1:
        return tr("{}: {}.").format(runs[0].scene, areas)
    return tr("{} layers segmented, together {}.").format(len(runs), areas)


def failed_text(failures: Sequence[str]) -> str:
    """Return why layers failed; only the first few of many."""
    text = " ".join(failures[:_SHOWN_FAILURES])
    more = len(failures) - _SHOWN_FAILURES
    return text if more <= 0 else text + " " + tr("{} more failed; see the log messages.").format(more)


def open_report(path: str) -> None:
    """Show a report in the web browser."""
    QDesktopServices.openUrl(QUrl.fromLocalFile(path))


def _interesting_first(classes: tuple[ClassArea, ...]) -> list[tuple[ClassArea, float]]:
    """Sort classes by area; the background of a two-class model comes last, however large it is."""
    shares = class_shares(classes)
    if len(known_values(classes)) == 2:
        return [*shares[:2][::-1], *shares[2:]]
    return sorted(shares, key=lambda pair: -pair[1])


def _class_text(c: ClassArea, share: float, largest_m2: float) -> str:
    area = tr("{} pixels").format(c.pixels) if c.area_m2 is None else area_text(c.area_m2, largest_m2)
    return tr("{} {} ({:.0f} %)").format(c.name, area, share)


def _sums(runs: Sequence[LoadedRun]) -> list[ClassArea]:
    """Return the sums per class over all runs; without an area if that of one scene is unknown."""
    found: dict[str, ClassArea] = {}
    for c in (c for run in runs for c in run.classes):
        before = found.get(c.name)
        if before is None:
            found[c.name] = c
            continue
        area = None if before.area_m2 is None or c.area_m2 is None else before.area_m2 + c.area_m2
        found[c.name] = dataclasses.replace(c, pixels=before.pixels + c.pixels, area_m2=area)
    return list(found.values())


def _report_button(runs: Sequence[LoadedRun]) -> Optional[QPushButton]:
    """Return a button that opens the report, with a menu for several; None without a report."""
    reports = [(run.scene, run.report) for run in runs if run.report and Path(run.report).is_file()]
    if not reports:
        return None
    button = QPushButton(tr("Open report"))
    if len(reports) == 1:
        button.clicked.connect(lambda: open_report(reports[0][1]))
        return button
    menu = QMenu(button)
    for scene, path in reports:
        menu.addAction(scene).triggered.connect(lambda _checked=False, path=path: open_report(path))
    button.setMenu(menu)
    return button
