"""Base class for widgets of Processing's form that depend on other widgets."""

from __future__ import annotations

from typing import Any, ClassVar

from qgis.gui import QgsAbstractProcessingParameterWidgetWrapper


class LinkedWrapper(QgsAbstractProcessingParameterWidgetWrapper):
    """Calls ``_update`` when the form is complete, and whenever the widget of a parameter in ``linked`` changes."""

    linked: ClassVar[tuple[str, ...]]

    def postInitialize(self, wrappers: list[QgsAbstractProcessingParameterWidgetWrapper]) -> None:
        super().postInitialize(wrappers)
        self._wrappers: dict[str, QgsAbstractProcessingParameterWidgetWrapper] = {}
        for wrapper in wrappers:
            name = wrapper.parameterDefinition().name()
            if name in self.linked:
                self._wrappers[name] = wrapper
                wrapper.widgetValueHasChanged.connect(self._update)
        self._update()

    def _update(self, *_: object) -> None:
        raise NotImplementedError

    def _value(self, name: str) -> Any:
        """Return the value of another widget; None if the form does not have it."""
        wrapper = self._wrappers.get(name)
        return wrapper.parameterValue() if wrapper else None
