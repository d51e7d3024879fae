"""A widget around a widget."""

from __future__ import annotations

from qgis.PyQt.QtWidgets import QVBoxLayout, QWidget


def in_container(widget: QWidget, tooltip: str) -> QWidget:
    """A plain widget that shows ``widget``.

    What ``createWidget`` returns comes back from QGIS as another Python object, and the first one counts as deleted: so
    that is this one, and the widget with a life of its own stays inside.
    """
    holder = QWidget()
    layout = QVBoxLayout(holder)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.addWidget(widget)
    holder.setFocusProxy(widget)
    holder.setToolTip(tooltip)
    return holder
