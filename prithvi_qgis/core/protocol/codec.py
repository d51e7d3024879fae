"""The contract's messages as JSON, and back."""

from __future__ import annotations

import dataclasses
import json
from typing import Any, get_args

from ..errors import ErrorCode, PrithviError
from .messages import ClassArea, Message, Result, SceneDone, Segment, SegmentMany

MAX_MESSAGE_BYTES = 1 << 20
_TYPES: dict[str, Any] = {cls.__name__: cls for cls in get_args(Message)}


def encode(message: Message) -> bytes:
    """Message to UTF-8 JSON: ``{"type": ..., fields}``. NaN is refused, since JSON has none."""
    body = {"type": type(message).__name__, **dataclasses.asdict(message)}
    return json.dumps(body, allow_nan=False, separators=(",", ":")).encode()


def decode(data: bytes) -> Message:
    """UTF-8 JSON to a message.

    Raises:
        PrithviError: ``contract_broken`` for anything that is not exactly one known message.
    """
    try:
        body = json.loads(data)
        return _made(_TYPES[body.pop("type")], body)
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as e:
        raise PrithviError(
            ErrorCode.CONTRACT_BROKEN,
            f"The engine and the plugin do not understand each other ({type(e).__name__}: {e}).",
            "Stop the engine with prithvi:stopengine and run again.",
        ) from e


def _made(cls: Any, body: dict[str, Any]) -> Any:
    """A message of its fields; ValueError or TypeError for what it does not have."""
    known = {f.name: f for f in dataclasses.fields(cls)}
    unknown = sorted(set(body) - set(known))
    if unknown:
        raise ValueError(f"unknown field {unknown[0]}")
    if cls is Result and "classes" in body:
        body["classes"] = [ClassArea(**c) for c in body["classes"]]
    elif cls is SegmentMany:
        body["scenes"] = [_made(Segment, scene) for scene in body["scenes"]]
    elif cls is SceneDone:
        body["result"] = _made(Result, body["result"])
    return cls(**{k: _checked(known[k], v) for k, v in body.items()})


_CHECKS: dict[str, Any] = {"str": str, "int": int, "float": (int, float), "bool": bool, "dict[str, float]": dict}


def _checked(spec: dataclasses.Field, value: Any) -> Any:
    """The value with JSON's lists as tuples; TypeError where the kind is not what the field says."""
    kind = str(spec.type)
    if kind.startswith("Optional["):
        if value is None:
            return None
        kind = kind[len("Optional[") : -1]
    if kind.startswith("tuple["):
        if not isinstance(value, list):
            raise TypeError(f"{spec.name} is no list")
        return tuple(value)
    wanted = _CHECKS.get(kind) or _TYPES[kind]  # a message within a message
    if not isinstance(value, wanted) or (isinstance(value, bool) and kind != "bool"):
        raise TypeError(f"{spec.name} is no {kind}")
    return value
