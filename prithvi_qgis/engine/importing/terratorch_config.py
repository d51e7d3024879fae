"""Read the YAML of a training, as LightningCLI writes it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ...core.errors import PrithviError
from ..model.allowlist import forbidden, may_run
from .errors import model_error

_LIMIT_BYTES = 4 << 20
_HINT = "Give the config.yaml that LightningCLI wrote for the training, or the YAML that it was started with."


@dataclass(frozen=True)
class Training:
    """The configuration of a training, plain values only."""

    name: str
    """File name, for messages."""
    task: dict[str, Any]
    """``init_args`` of the model section, with ``model_args`` and ``model_factory``."""
    data_class: str
    """Last part of the data module's class path."""
    data: dict[str, Any]
    """``init_args`` of the data module."""
    kind: str = "segmentation"
    """``segmentation`` or ``regression``."""


def read_training(path: Path) -> Training:
    """Read and check a training's YAML.

    Trainer, optimizer, callbacks and training transforms are ignored: they are never built here.

    Raises:
        PrithviError: ``model_invalid`` for another kind of file, ``model_forbidden`` for a class that may not run here.
    """
    body = _yaml(path)
    model, data = _section(body, "model", path.name), _section(body, "data", path.name)
    for section in (model, data):
        name = section.get("class_path")
        if not may_run(name):
            raise forbidden(path.name, "class_path", name)
    task = _arguments(model, "model", path.name)
    if not isinstance(task.get("model_args"), dict):
        raise model_error(f"{path.name} has no model.init_args.model_args.", _HINT)
    given = _arguments(data, "data", path.name)
    # None of these is built here, but an unknown one may change the input that the model was trained with.
    for transform in (t for key in ("test_transform", "predict_transform") for t in _items(given.get(key))):
        name = transform.get("class_path") if isinstance(transform, dict) else transform
        if not may_run(name):
            raise forbidden(path.name, "class_path", name)
    kind = "regression" if str(model["class_path"]).endswith("PixelwiseRegressionTask") else "segmentation"
    return Training(path.name, task, str(data["class_path"]).rsplit(".", 1)[-1], given, kind)


def _items(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value in (None, "default") else [value]


def _yaml(path: Path) -> dict[str, Any]:
    import yaml

    try:
        if path.stat().st_size > _LIMIT_BYTES:
            raise model_error(f"{path} has {path.stat().st_size >> 20} MB, which no configuration has.", _HINT)
        body = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as e:
        raise model_error(f"{path} cannot be read: {e.strerror}.", "Give the YAML of the training as CONFIG.") from e
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError) as e:
        raise model_error(f"{path} is no plain YAML: {_first(e)}.", _HINT) from e
    if not isinstance(body, dict):
        raise model_error(f"{path} holds no model and data sections.", _HINT)
    return body


def _first(e: Exception) -> str:
    mark = getattr(e, "problem_mark", None)
    where = f" in line {mark.line + 1}" if mark else ""
    return f"{getattr(e, 'problem', None) or str(e).splitlines()[0]}{where}"


def _section(body: dict[str, Any], name: str, where: str) -> dict[str, Any]:
    section = body.get(name)
    if not isinstance(section, dict):
        raise model_error(f'{where} has no section "{name}".', _HINT)
    return section


def _arguments(section: dict[str, Any], name: str, where: str) -> dict[str, Any]:
    arguments = section.get("init_args", {})
    if not isinstance(arguments, dict):
        raise model_error(f"{name}.init_args of {where} is no list of named values.", _HINT)
    return arguments


def numbers(value: Any, what: str, where: str) -> list[float]:
    """Return ``value`` as a list of numbers; YAML 1.1 reads 1e-4 as text, hence the conversion.

    Raises:
        PrithviError: ``model_invalid``.
    """
    try:
        found = [float(v) for v in (value if isinstance(value, list) else [value])]
    except (TypeError, ValueError) as e:
        raise _unusable(value, what, where) from e
    if not all(map(math.isfinite, found)):
        raise _unusable(value, what, where)
    return found


def whole(value: Any, what: str, where: str) -> int:
    """Return ``value`` as a whole number above 0.

    Raises:
        PrithviError: ``model_invalid``.
    """
    (found,) = numbers([value], what, where)  # in a list, so that a value that is itself a list is refused
    if found != int(found) or found < 1:
        raise _unusable(value, what, where)
    return int(found)


def _unusable(value: Any, what: str, where: str) -> PrithviError:
    return model_error(f"{what} in {where} is {str(value)[:80]!r}, which cannot be used.", "Write a number there.")
