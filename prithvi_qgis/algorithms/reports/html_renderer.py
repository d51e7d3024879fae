"""Rendering of the HTML templates in ``resources/templates`` with Jinja2.

QGIS brings Jinja2 on every system, because its core plugin MetaSearch imports it: Debian's and Ubuntu's python3-qgis
depends on python3-jinja2, OSGeo4W and the Windows installers have it among their site-packages, QGIS's vcpkg.json
(the newer Windows and macOS builds) and Flatpak list it. A QGIS without it can do everything but write pages.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

from ...core.errors import ErrorCode, PrithviError
from ...core.system import paths

if TYPE_CHECKING:
    from jinja2 import Environment


def render(template: str, **values: object) -> str:
    """Return the HTML of ``template``, the name of a file in ``resources/templates``. All values are escaped.

    Raises:
        PrithviError: ``internal`` where QGIS's Python lacks Jinja2.
    """
    return _environment(str(paths.resources() / "templates")).get_template(template).render(**values)


@functools.cache
def _environment(folder: str) -> Environment:
    try:
        from jinja2 import Environment, FileSystemLoader, StrictUndefined
    except ImportError as e:
        raise PrithviError(
            ErrorCode.INTERNAL,
            "QGIS's Python lacks the package Jinja2, which HTML pages are made with.",
            "Install it (on Debian and Ubuntu: python3-jinja2), or leave the report out.",
        ) from e
    return Environment(
        loader=FileSystemLoader(folder),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
