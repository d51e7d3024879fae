"""Messages as JSON, one line each, and back."""

from __future__ import annotations

import dataclasses
import json
from functools import cache
from typing import Any, Union, get_args, get_origin, get_type_hints

from ..errors import ErrorCode, PrithviError
from .messages import Message

MAX_MESSAGE_BYTES = 1 << 20
_TYPES: dict[str, type[Message]] = {cls.__name__: cls for cls in get_args(Message)}


def encode(message: Message) -> bytes:
    """Return a message as UTF-8 JSON on one line, ``{"type": ..., fields}``.

    Raises:
        ValueError: for NaN and infinity, which JSON lacks.
    """
    body = {"type": type(message).__name__, **dataclasses.asdict(message)}
    return json.dumps(body, allow_nan=False, separators=(",", ":")).encode()


def decode(data: bytes) -> Message:
    """Return the message of UTF-8 JSON.

    Raises:
        PrithviError: ``contract_broken`` for anything that is not exactly one known message.
    """
    try:
        body = json.loads(data)
        return _build(_TYPES[body.pop("type")], body)
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as e:
        raise PrithviError(
            ErrorCode.CONTRACT_BROKEN,
            f"The engine and the plugin do not understand each other ({type(e).__name__}: {e}).",
            "Stop the engine with prithvi:stopengine and run again.",
        ) from e


_type_hints = cache(get_type_hints)


def _build(cls: Any, body: dict[str, Any]) -> Any:
    """Return a dataclass of its fields; ValueError or TypeError for unknown, missing and ill-typed ones."""
    kinds = _type_hints(cls)
    unknown = sorted(set(body) - set(kinds))
    if unknown:
        raise ValueError(f"unknown field {unknown[0]}")
    return cls(**{name: _checked(name, kinds[name], value) for name, value in body.items()})


def _checked(name: str, kind: Any, value: Any) -> Any:
    """Return ``value`` as the type hint ``kind`` has it: lists become tuples, objects dataclasses."""
    origin, arguments = get_origin(kind), get_args(kind)
    if origin is Union:  # Optional
        return None if value is None else _checked(name, arguments[0], value)
    is_message = dataclasses.is_dataclass(kind)
    json_type: Any = {tuple: list, float: (int, float)}.get(origin or kind) or (dict if is_message else origin or kind)
    if not isinstance(value, json_type) or (isinstance(value, bool) and kind is not bool):
        raise TypeError(f"{name} is not a {kind.__name__ if isinstance(kind, type) else kind}")
    if origin is tuple:
        kinds = arguments[:1] * len(value) if arguments[-1] is Ellipsis else arguments
        if len(kinds) != len(value):
            raise ValueError(f"{name} has {len(value)} values, not {len(kinds)}")
        return tuple(_checked(name, k, v) for k, v in zip(kinds, value))
    if origin is dict:
        return {k: _checked(name, arguments[1], v) for k, v in value.items()}
    return _build(kind, value) if is_message else value
