"""Registers the desktop's forms and widgets with the algorithms."""

from __future__ import annotations

from ..algorithms import desktop_forms
from .setup.setup_offer import form_with_offer
from .widgets import WIDGET_CLASSES


class FormRegistration:
    """Registers the forms when it is created; :meth:`unload` takes them back."""

    def __init__(self) -> None:
        desktop_forms.register(desktop_forms.DesktopForms(form_with_offer, WIDGET_CLASSES))

    def unload(self) -> None:
        """Leave the forms to Processing again."""
        desktop_forms.register(None)
