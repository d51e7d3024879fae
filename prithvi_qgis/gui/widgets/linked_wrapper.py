"""Widgets of Processing's form that follow others beside them."""

from __future__ import annotations

from typing import Any, ClassVar

from qgis.gui import QgsAbstractProcessingParameterWidgetWrapper


class FollowingWrapper(QgsAbstractProcessingParameterWidgetWrapper):
    """Calls ``_follow`` when the form is complete, and whenever a widget changes that is named in ``followed``."""

    followed: ClassVar[tuple[str, ...]]

    def postInitialize(self, wrappers: list[QgsAbstractProcessingParameterWidgetWrapper]) -> None:
        super().postInitialize(wrappers)
        self._beside: dict[str, QgsAbstractProcessingParameterWidgetWrapper] = {}
        for wrapper in wrappers:
            name = wrapper.parameterDefinition().name()
            if name in self.followed:
                self._beside[name] = wrapper
                wrapper.widgetValueHasChanged.connect(self._follow)
        self._follow()

    def _follow(self, *_: Any) -> None:
        raise NotImplementedError

    def _value(self, name: str) -> Any:
        """What a widget beside this one holds; None where the form has none of that name."""
        wrapper = self._beside.get(name)
        return wrapper.parameterValue() if wrapper else None
