"""Fills the Jinja2 templates of resources/templates; Jinja2 comes with vLLM and torch."""

from __future__ import annotations

import functools

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from ..core.system import paths


@functools.cache
def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(paths.resources() / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def render(template: str, **values: object) -> str:
    """Return a template filled with ``values``, which are escaped."""
    return _environment().get_template(template).render(**values)
