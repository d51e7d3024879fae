"""Read the YAML of a training, as LightningCLI reads it."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ...core.errors import PrithviError
from ..model.allowlist import forbidden, resolve_class
from .errors import model_error

_LIMIT_BYTES = 4 << 20
_HINT = "Give the config.yaml that LightningCLI wrote for the training, or the YAML that it was started with."
_SUBCOMMANDS = ("fit", "validate", "test", "predict")
TRANSFORMS = ("train_transform", "val_transform", "test_transform", "predict_transform")
# TerraTorch's other tasks, in words.
_OTHER_TASKS = {
    "ClassificationTask": "a classification of whole images",
    "MultiLabelClassificationTask": "a classification of whole images",
    "ScalarRegressionTask": "one number an image",
    "ObjectDetectionTask": "object detection or instance segmentation",
    "ReconstructionTask": "reconstruction",
    "EmbeddingGenerationTask": "embeddings",
    "WxCDownscalingTask": "downscaling of weather",
    "ENSTask": "weather",
}
# YAML 1.2 and jsonargparse read 1e-4 as a number; YAML 1.1, which PyYAML follows, as text.
_FLOAT = re.compile(
    r"""^(?:[-+]?(?:[0-9][0-9_]*)\.[0-9_]*(?:[eE][-+]?[0-9]+)?
    |[-+]?(?:[0-9][0-9_]*)(?:[eE][-+]?[0-9]+)
    |\.[0-9_]+(?:[eE][-+]?[0-9]+)?
    |[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$""",
    re.VERBOSE,
)


@dataclass(frozen=True)
class Training:
    """The configuration of a training, plain values only."""

    name: str
    """File name, for messages."""
    task: dict[str, Any]
    """``init_args`` of the model section, with ``model_args`` and ``model_factory``."""
    data_class: str
    """Name of the data module's class."""
    data: dict[str, Any]
    """``init_args`` of the data module; of its one modality where it has several by name."""
    kind: str = "segmentation"
    """``segmentation`` or ``regression``."""
    modality: str = ""
    """The data module's name of its modality; empty for a module without."""


def read_training(path: Path) -> Training:
    """Read and check a training's YAML.

    Trainer, optimizer, callbacks and training transforms are ignored: they are never built here.

    Raises:
        PrithviError: ``model_invalid`` for another kind of file, ``model_forbidden`` for a class that may not run here.
    """
    body, where = _sections(_yaml(path), path.name), path.name
    model, data = _section(body, "model", where), _section(body, "data", where)
    task_class, data_class = _class(model, "model", where), _class(data, "data", where)
    task, given = _arguments(model, "model", where), _arguments(data, "data", where)
    if not isinstance(task.get("model_args"), dict):
        if _is_file(task.get("model_args")):
            raise _in_another_file("model.init_args.model_args", task["model_args"], where)
        raise model_error(f"{where} has no model.init_args.model_args.", _HINT)
    given, modality = _one_modality(data_class, given, where)
    # These are built only to compare the card with TerraTorch's own reading of a chip; an unknown one may change the
    # input that the model was trained with.
    for transform in (t for key in ("test_transform", "predict_transform") for t in _items(given.get(key))):
        name = transform.get("class_path") if isinstance(transform, dict) else transform
        if not resolve_class(name):
            raise forbidden(where, "class_path", name)
    kind = "regression" if task_class.endswith("PixelwiseRegressionTask") else "segmentation"
    return Training(where, task, data_class.rpartition(".")[2], given, kind, modality)


def _sections(body: dict[str, Any], where: str) -> dict[str, Any]:
    """Return the level of the file that holds the sections ``model`` and ``data``."""
    for key in [k for k in body if isinstance(k, str) and k.startswith(("model.", "data."))]:
        _set_nested(body, key.split("."), body[key])
    if "model" in body or "data" in body:
        return body
    for name in _SUBCOMMANDS:
        inner = body.get(name)
        if isinstance(inner, dict) and ("model" in inner or "data" in inner):
            return inner
    if "model_args" in body:
        raise model_error(f"{where} holds the arguments of the task alone, as hparams.yaml does.", _HINT)
    return body


def _set_nested(body: dict[str, Any], keys: list[str], value: Any) -> None:
    """Set a value whose place is written with points, ``data.init_args.means``."""
    for key in keys[:-1]:
        body = body.setdefault(key, {})
        if not isinstance(body, dict):
            return
    body[keys[-1]] = value


def _items(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value in (None, "default") else [value]


def _yaml(path: Path) -> dict[str, Any]:
    import yaml

    class Loader(yaml.SafeLoader):
        """Reads plain values alone, with jsonargparse's numbers."""

    Loader.add_implicit_resolver("tag:yaml.org,2002:float", _FLOAT, list("-+0123456789."))
    try:
        if path.stat().st_size > _LIMIT_BYTES:
            raise model_error(f"{path} has {path.stat().st_size >> 20} MB, which no configuration has.", _HINT)
        body = yaml.load(path.read_text(encoding="utf-8"), Loader)  # nosec B506 - a SafeLoader
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
    if _is_file(section):
        raise _in_another_file(name, section, where)
    if isinstance(section, str):  # a class without arguments
        return {"class_path": section}
    if not isinstance(section, dict):
        raise model_error(f'{where} has no section "{name}".', _HINT)
    return section


def _class(section: dict[str, Any], name: str, where: str) -> str:
    """Return the canonical path of a section's class."""
    given = section.get("class_path")
    found = resolve_class(given)
    if found:
        return found
    other = _OTHER_TASKS.get(str(given).rpartition(".")[2]) if name == "model" else None
    if other:
        raise model_error(
            f"{where} trains {other} ({str(given)[:80]}).",
            "SemanticSegmentationTask and PixelwiseRegressionTask can be imported.",
        )
    raise forbidden(where, "class_path", given)


def _arguments(section: dict[str, Any], name: str, where: str) -> dict[str, Any]:
    """Return ``init_args`` with ``dict_kwargs``, where jsonargparse keeps what the class has no parameter for."""
    merged: dict[str, Any] = {}
    for part in ("init_args", "dict_kwargs"):
        arguments = section.get(part)
        if _is_file(arguments):
            raise _in_another_file(f"{name}.{part}", arguments, where)
        if not isinstance(arguments, dict) and arguments is not None:
            raise model_error(f"{name}.{part} of {where} is no list of named values.", _HINT)
        merged.update(arguments or {})
    return merged


def _is_file(value: Any) -> bool:
    return isinstance(value, str) and value.lower().endswith((".yaml", ".yml", ".json"))


def _in_another_file(what: str, value: Any, where: str) -> PrithviError:
    return model_error(
        f"{where} keeps {what} in another file, {str(value)[:80]}.",
        f"Put the content of that file in its place, or give the config.yaml that LightningCLI wrote into the log "
        f"folder, which has all of it (the place in {where}: {what}).",
    )


def _one_modality(data_class: str, data: dict[str, Any], where: str) -> tuple[dict[str, Any], str]:
    """Return the arguments of GenericMultiModalDataModule for its one modality, and the modality's name.

    Raises:
        PrithviError: ``model_invalid`` for several modalities.
    """
    if not data_class.endswith(".GenericMultiModalDataModule"):
        return data, ""
    names = data.get("modalities")
    names = [str(name) for name in names] if isinstance(names, list) else []
    if len(names) != 1:
        raise model_error(
            f"{where} trains on {len(names)} modalities ({', '.join(names)[:80] or 'data.init_args.modalities'}).",
            "A model of one optical modality, such as S2L2A or S2L1C, can be imported.",
        )
    name = names[0]
    return {k: v[name] if isinstance(v, dict) and set(v) == {name} else v for k, v in data.items()}, name


def numbers(value: Any, what: str, where: str) -> list[float]:
    """Return ``value`` as a list of numbers, from text too.

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
