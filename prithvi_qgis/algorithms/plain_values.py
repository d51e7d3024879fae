"""Values of Python, numpy, pandas and QGIS as plain ones: text, numbers, lists and objects."""

from __future__ import annotations

import datetime
import numbers
import os
from collections.abc import Iterator, Mapping
from typing import Any, NoReturn

from qgis.core import (
    QgsGeometry,
    QgsMapLayer,
    QgsProcessingContext,
    QgsProcessingFeatureSourceDefinition,
    QgsProcessingOutputLayerDefinition,
    QgsProperty,
    QgsRectangle,
)
from qgis.PyQt.QtCore import QDate, QDateTime, Qt, QVariant

from ..core.errors import ErrorCode, PrithviError

_OF_QGIS = (QgsMapLayer, QgsRectangle, QgsGeometry, QgsProcessingOutputLayerDefinition)


def plain_value(name: str, value: Any, context: QgsProcessingContext) -> Any:
    """Return ``None``, ``bool``, ``int``, ``float``, ``str``, ``list``, ``dict``, or a layer, area or output of QGIS.

    Args:
        name: the parameter, for messages.
        value: as a script passed it.
        context: evaluates expressions.
    Raises:
        PrithviError: ``parameter_invalid`` for a value of another type.
    """
    value = _unwrapped(name, value, context)
    if value is None or isinstance(value, _OF_QGIS):
        return value
    if isinstance(value, (bool, int, float, str)):
        # Subclasses, such as those of numpy, would not pass QVariant as what they are.
        return next(kind(value) for kind in (bool, int, float, str) if isinstance(value, kind))
    if isinstance(value, Mapping):
        return {str(key): plain_value(name, item, context) for key, item in value.items()}
    if isinstance(value, (list, tuple, range)):
        return [plain_value(name, item, context) for item in value]
    return _converted(name, value, context)


def _unwrapped(name: str, value: Any, context: QgsProcessingContext) -> Any:
    """Return the value that QGIS's wrappers hold; None for its NULL."""
    if isinstance(value, QVariant):
        return None if value.isNull() else _unwrapped(name, value.value(), context)
    if isinstance(value, QgsProperty):
        return _unwrapped(name, _evaluated(name, value, context), context)
    if isinstance(value, QgsProcessingFeatureSourceDefinition):
        if value.selectedFeaturesOnly or value.featureLimit >= 0 or value.filterExpression:
            refuse(name, "takes whole layers, not selected, filtered or limited features.", "Save these as a layer.")
        return _unwrapped(name, value.source, context)
    return value


def _evaluated(name: str, value: QgsProperty, context: QgsProcessingContext) -> Any:
    if not value.isActive():
        return None
    result, good = value.value(context.expressionContext())
    if not good:
        refuse(name, f"has no value: {shown(value.asExpression())}.", "Correct the expression, or give a value.")
    return result


def _converted(name: str, value: Any, context: QgsProcessingContext) -> Any:
    if isinstance(value, (datetime.date, QDate, QDateTime)):
        return _day(value)
    if isinstance(value, os.PathLike):
        return os.fsdecode(value)
    if getattr(getattr(value, "dtype", None), "kind", "") == "M":  # numpy's dates, which tolist may turn into numbers
        value = value.astype("datetime64[D]")
    if hasattr(value, "tolist"):  # arrays and numbers of numpy, pandas, torch
        return plain_value(name, value.tolist(), context)
    if isinstance(value, Iterator):
        refuse(name, f"is a {type(value).__name__}, which can be read only once.", "Give a list.")
    if isinstance(value, numbers.Number) and hasattr(value, "__float__"):  # decimals and fractions
        return float(value)
    return unreadable(name, value)


def _day(value: Any) -> str:
    """Return the day, in UTC where the time zone is known."""
    if isinstance(value, datetime.datetime):
        return (value.astimezone(datetime.timezone.utc) if value.tzinfo else value).date().isoformat()
    if isinstance(value, QDateTime):
        value = (value if value.timeSpec() == Qt.TimeSpec.LocalTime else value.toUTC()).date()
    return str(value.toString("yyyy-MM-dd")) if isinstance(value, QDate) else str(value.isoformat())


def shown(value: object) -> str:
    """Return a value for a message, cut to 60 characters."""
    text = " ".join(str(value).split())
    return text if len(text) <= 60 else f"{text[:57]}..."


def unreadable(name: str, value: object) -> NoReturn:
    """Refuse a value of a type that a parameter does not take."""
    what = "an empty value" if value is None else f"{shown(value)} ({type(value).__name__})"
    refuse(name, f"cannot be {what}.", "Give it as text or as a number.")


def refuse(name: str, what: str, step: str) -> NoReturn:
    """Raise ``parameter_invalid`` about a parameter."""
    raise invalid(f"{name} {what}", step)


def invalid(text: str, hint: str) -> PrithviError:
    """Return the error for a value that cannot be meant."""
    return PrithviError(ErrorCode.PARAMETER_INVALID, text, hint)
