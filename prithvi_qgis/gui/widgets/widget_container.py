"""A container that keeps a widget alive in Processing's form."""

from __future__ import annotations

from qgis.PyQt.QtWidgets import QVBoxLayout, QWidget


def in_container(widget: QWidget, tooltip: str) -> QWidget:
    """Return a plain widget that contains ``widget``.

    QGIS returns the result of ``createWidget`` as another Python object and treats the first one as deleted. That
    affects the container only; the widget inside keeps its Python object.
    """
    container = QWidget()
    layout = QVBoxLayout(container)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.addWidget(widget)
    container.setFocusProxy(widget)
    container.setToolTip(tooltip)
    return container
