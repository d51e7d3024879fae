"""What the client says while it works, in the language of whoever shows it; English until somebody can translate.

The client runs without QGIS too, so it cannot ask Qt for a translation itself.
"""

from __future__ import annotations

from collections.abc import Callable

_translate: Callable[[str], str] = str


def set_translator(translate: Callable[[str], str] = str) -> None:
    """Have texts translated by this from now on; without one they are English again."""
    global _translate  # noqa: PLW0603  (one language a process)
    _translate = translate


def tr(text: str) -> str:
    """``text`` in the person's language."""
    return _translate(text)
