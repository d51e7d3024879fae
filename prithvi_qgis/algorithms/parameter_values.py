"""Parameter values as forms, scripts, models, JSON and R send them, in the one form that the algorithms read.

QGIS itself reads a list as an empty text, "abc" as 0, "no" as true, and leaves out what it does not know. Here each
value means what it says, or is refused by its parameter's name.
"""

from __future__ import annotations

import difflib
import json
import math
import os
import re
from collections.abc import Callable
from typing import Any

from qgis.core import (
    Qgis,
    QgsCoordinateReferenceSystem,
    QgsGeometry,
    QgsMapLayer,
    QgsProcessingAlgorithm,
    QgsProcessingContext,
    QgsProcessingFeatureSourceDefinition,
    QgsProcessingOutputLayerDefinition,
    QgsProcessingParameterDefinition,
    QgsRectangle,
    QgsReferencedRectangle,
)

from ..core.errors import PrithviError
from . import parameter_names as ids
from .plain_values import invalid, plain_value, refuse, shown, unreadable

# Text parameters that take more than one value, and what stands between the values.
_LISTS = {
    ids.BANDS: ",",
    ids.DATES: ",",
    ids.IGNORE: ",",
    ids.IGNORE_CLASSES: ",",
    ids.MIN_PROBABILITY: ",",
    ids.MODELS: ",",
    ids.PATTERN: ";",
}
_OBJECTS = (ids.MIN_PROBABILITY,)  # also take a value for each name
_JSON = (ids.CLASSES,)
_NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_CORNERS = re.compile(r"([^,\[\]]*),([^,\[\]]*),([^,\[\]]*),([^,\[\]]*)(?:\[(.*)\]\s*)?", re.DOTALL)
_EXTENT_HINT = "Give xmin,xmax,ymin,ymax, with a CRS such as [EPSG:32630] where it is not the scene's."
_FLAGS = {
    **dict.fromkeys(("true", "yes", "on", "1", "t", "y"), True),
    **dict.fromkeys(("false", "no", "off", "0", "f", "n"), False),
}


def read_values(
    algorithm: QgsProcessingAlgorithm, parameters: dict[str, Any], context: QgsProcessingContext
) -> dict[str, Any]:
    """Return the values by parameter, of these types; what is not given, or is empty, is left out.

    | parameter | value |
    | --- | --- |
    | number | ``int`` or ``float``, finite and within its limits |
    | choice | its index; of a choice of texts, the text |
    | flag | ``bool`` |
    | text, file, field | ``str`` |
    | layer | ``str`` or ``QgsMapLayer``; of several layers a list |
    | features | the same, or ``QgsProcessingFeatureSourceDefinition`` |
    | extent | ``QgsRectangle``, ``QgsReferencedRectangle``, ``QgsGeometry``, or a layer |
    | output | ``str``, ``QgsProcessingOutputLayerDefinition``, or None: not to be written |

    Raises:
        PrithviError: ``parameter_invalid`` for the first unknown parameter, or value that cannot be meant.
    """
    definitions = {definition.name(): definition for definition in algorithm.parameterDefinitions()}
    values = {}
    for name, given in parameters.items():
        if name not in definitions:
            raise _unknown(name, algorithm.id(), list(definitions))
        definition = definitions[name]
        if definition.type() == "source" and isinstance(given, QgsProcessingFeatureSourceDefinition):
            values[name] = given  # features are read through QGIS, which selects and filters them
            continue
        value = plain_value(name, given, context)
        if value is None or (isinstance(value, (str, list, dict)) and not value):
            if definition.isDestination():
                values[name] = None if value is None else ""
            continue
        values[name] = _READERS.get(definition.type(), _text)(definition, value)
    return {name: value for name, value in values.items() if value is not None or definitions[name].isDestination()}


def text_of(name: str, value: object) -> str:
    """Return a text parameter's value as a form shows it, such as a list from the history; empty for none."""
    try:
        plain = plain_value(name, value, QgsProcessingContext())
        return "" if plain is None else _joined(name, plain)
    except PrithviError:  # refused when the form is run
        return str(value)


# -- one reader for each type of parameter -----------------------------------------------------------------------------


def _single(definition: QgsProcessingParameterDefinition, value: Any) -> Any:
    """Return the item of a list of one."""
    name = definition.name()
    if isinstance(value, list):
        if len(value) != 1:
            refuse(name, f"takes one value, but has {len(value)} ({shown(value)}).", "Give one.")
        value = value[0]
    if isinstance(value, (list, dict)):
        refuse(name, f"takes one value, not {shown(value)}.", "Give one.")
    return value


def _number(definition: QgsProcessingParameterDefinition, value: Any) -> int | float | None:
    name, value = definition.name(), _single(definition, value)
    if isinstance(value, str):
        value = value.strip()
        if not value:
            return None
        number = float(value) if _NUMBER.fullmatch(value) else math.nan
    else:
        number = float(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else math.nan
    if not math.isfinite(number):
        example = "Give a number with a decimal point, such as 0.0001."
        raise invalid(f'"{shown(value)}" in {name} is not a number.', example)
    whole = definition.dataType() == Qgis.ProcessingNumberParameterType.Integer
    if whole and not number.is_integer():
        raise invalid(f"{name} {number:g} is not a whole number.", "Give one.")
    if not definition.minimum() <= number <= definition.maximum():
        limit = (
            f"below {definition.minimum():g}" if number < definition.minimum() else f"above {definition.maximum():g}"
        )
        raise invalid(f"{name} {number:g} is {limit}.", "Give a number within its limits.")
    return int(number) if whole else number


def _choice(definition: QgsProcessingParameterDefinition, value: Any) -> int | str | None:
    name, value = definition.name(), _single(definition, value)
    titles = definition.options()
    text = "" if isinstance(value, bool) else _scalar(name, value).strip()
    if not text and not isinstance(value, bool):
        return None
    if definition.usesStaticStrings():
        found: int | str | None = next((title for title in titles if title.casefold() == text.casefold()), None)
        allowed = ", ".join(titles)
    else:
        words = ids.choices().get(name, ())
        found = int(text) if re.fullmatch("[0-9]+", text) and int(text) < len(titles) else None
        for number, known in enumerate(zip(titles, words or titles)):
            if text.casefold() in (one.casefold() for one in known):
                found = number
        allowed = ", ".join(f"{number} {word}" for number, word in enumerate(words or titles))
    if found is None:
        raise invalid(f'"{shown(value)}" in {name} is not one of its choices.', f"Give one of: {allowed}.")
    return found


def _flag(definition: QgsProcessingParameterDefinition, value: Any) -> bool | None:
    name, value = definition.name(), _single(definition, value)
    if isinstance(value, bool):
        return value
    text = _scalar(name, value).strip().casefold()
    if not text:
        return None
    if text not in _FLAGS:
        raise invalid(f'"{shown(value)}" in {name} is neither true nor false.', "Give true or false.")
    return _FLAGS[text]


def _text(definition: QgsProcessingParameterDefinition, value: Any) -> str:
    return _joined(definition.name(), value)


def _layer(definition: QgsProcessingParameterDefinition, value: Any) -> Any:
    value = _single(definition, value)
    if isinstance(value, QgsProcessingOutputLayerDefinition):  # the output of an earlier step
        value = value.sink.staticValue()
    return value if isinstance(value, QgsMapLayer) else _scalar(definition.name(), value)


def _layers(definition: QgsProcessingParameterDefinition, value: Any) -> list[Any]:
    if isinstance(value, str):
        value = [part.strip() for part in _parts_of(value) if part.strip()]
    return [_layer(definition, item) for item in (value if isinstance(value, list) else [value])]


def _parts_of(text: str) -> list[str]:
    """Return the layers of ``a.tif;b.tif``, unless that is the name of one file."""
    return [text] if os.path.exists(text) else text.split(";")


def _extent(definition: QgsProcessingParameterDefinition, value: Any) -> Any:
    name = definition.name()
    if isinstance(value, list) and len(value) == 1:
        value = value[0]
    if isinstance(value, dict):
        known = {key.lower(): item for key, item in value.items()}
        if not {"xmin", "xmax", "ymin", "ymax"} <= set(known) <= {"xmin", "xmax", "ymin", "ymax", "crs"}:
            raise invalid(f"EXTENT {shown(value)} does not have xmin, xmax, ymin and ymax.", _EXTENT_HINT)
        corners, crs = [known[key] for key in ("xmin", "xmax", "ymin", "ymax")], known.get("crs")
    elif isinstance(value, list):
        corners, crs = value, None
    elif isinstance(value, str):
        match = _CORNERS.fullmatch(value)
        if match is None:  # a layer
            return value.strip() or None
        corners, crs = list(match.groups()[:4]), match[5]
    elif isinstance(value, QgsRectangle):
        if value.isNull() or not value.isFinite():
            raise invalid(f"{name} is an empty rectangle.", "Leave it out for the whole scene.")
        return value
    else:
        return value if isinstance(value, (QgsMapLayer, QgsGeometry)) else unreadable(name, value)
    return _rectangle(name, corners, crs, value)


def _rectangle(name: str, corners: list[Any], crs_text: str | None, given: object) -> QgsRectangle:
    texts = [_scalar(name, corner).strip() for corner in corners]
    if len(texts) != 4 or not all(_NUMBER.fullmatch(text) for text in texts):
        raise invalid(f"{name} {shown(given)} is not four numbers.", _EXTENT_HINT)
    left, right, bottom, top = map(float, texts)
    if not all(map(math.isfinite, (left, right, bottom, top))) or left > right or bottom > top:
        raise invalid(f"{name} {shown(given)} has a minimum above its maximum.", _EXTENT_HINT)
    rectangle = QgsRectangle(left, bottom, right, top)
    if not crs_text:
        return rectangle
    crs = QgsCoordinateReferenceSystem(crs_text.strip())
    if not crs.isValid():
        raise invalid(f'"{shown(crs_text)}" in {name} is not a CRS.', _EXTENT_HINT)
    return QgsReferencedRectangle(rectangle, crs)


def _output(definition: QgsProcessingParameterDefinition, value: Any) -> Any:
    value = _single(definition, value)
    if isinstance(value, (str, QgsProcessingOutputLayerDefinition)):
        return value
    raise invalid(f"{definition.name()} {shown(value)} is not a file.", "Give the path of one, or leave it out.")


_READERS: dict[str, Callable[[QgsProcessingParameterDefinition, Any], Any]] = {
    "number": _number,
    "enum": _choice,
    "boolean": _flag,
    "raster": _layer,
    "source": _layer,
    "layer": _layer,
    "multilayer": _layers,
    "extent": _extent,
    "sink": _output,
    "rasterDestination": _output,
    "vectorDestination": _output,
    "fileDestination": _output,
    "folderDestination": _output,
}


# -- texts -------------------------------------------------------------------------------------------------------------


def _joined(name: str, value: Any) -> str:
    """Return a list or object as the text in which the parameter takes several values."""
    if name in _JSON and isinstance(value, (list, dict)):
        try:
            return json.dumps(value, allow_nan=False)
        except (TypeError, ValueError):
            return unreadable(name, value)
    if isinstance(value, dict) and name in _OBJECTS:
        value = [f"{key}={_scalar(name, item)}" for key, item in value.items()]
    if isinstance(value, list) and name in _LISTS:
        empty = name == ids.DATES  # the place of a date that is found
        return _LISTS[name].join("" if item is None and empty else _scalar(name, item) for item in value)
    if isinstance(value, list) and len(value) == 1:
        value = value[0]
    return _scalar(name, value)


def _scalar(name: str, value: Any) -> str:
    if isinstance(value, (list, dict)):
        refuse(name, f"takes {'a list' if name in _LISTS else 'one value'}, not {shown(value)}.", "Correct it.")
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        value = int(value)  # R and JSON have no other numbers
    if isinstance(value, str):
        return value
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
        return unreadable(name, value)
    return str(value)


def _unknown(name: str, algorithm: str, known: list[str]) -> PrithviError:
    close = difflib.get_close_matches(name.upper(), known, 1)
    hint = f"Did you mean {close[0]}?" if close else f"It has: {', '.join(known) or 'none'}."
    return invalid(f'"{shown(name)}" is not a parameter of {algorithm}.', hint)
