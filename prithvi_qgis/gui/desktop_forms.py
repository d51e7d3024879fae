"""Registers the desktop's forms and widgets with the algorithms."""

from __future__ import annotations

from ..algorithms import desktop_forms
from .setup.setup_offer import form_with_offer
from .widgets import WIDGET_CLASSES


class FormRegistration:
    """Registers the forms when it is created; :meth:`unload` unregisters them."""

    def __init__(self) -> None:
        desktop_forms.register(desktop_forms.DesktopForms(form_with_offer, WIDGET_CLASSES))

    def unload(self) -> None:
        """Unregister the forms, so that Processing shows its own again."""
        desktop_forms.register(None)
