"""Translation hook for client messages; English until the GUI installs a translator.

The client also runs without QGIS, so it cannot use Qt's translator.
"""

from __future__ import annotations

from collections.abc import Callable

_translate: Callable[[str], str] = str


def set_translator(translate: Callable[[str], str] = str) -> None:
    """Translate texts with ``translate`` from now on; without an argument they are English again."""
    global _translate  # noqa: PLW0603  (one language per process)
    _translate = translate


def tr(text: str) -> str:
    """Return ``text`` in the user's language."""
    return _translate(text)
