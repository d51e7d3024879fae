"""Read the tensors of a checkpoint, named as in TerraTorch's model."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import torch

from ...core.errors import PrithviError
from ..model.weights import unwrapped
from .errors import model_error

SUFFIXES = (".ckpt", ".pt", ".pth", ".safetensors")
# Keys under which trainers save weights, the most usual first; then those of moving averages of the weights.
_STATES = ("state_dict", "model_state_dict", "model", "module", "net", "network", "weights")
_AVERAGED_STATES = ("state_dict_ema", "ema_state_dict", "model_ema", "ema_model", "ema")
_LIGHTNING_AVERAGE = "current_model_state"  # Lightning's WeightAveraging saves the average as state_dict
_AVERAGED = re.compile(r"(^|_)(ema|swa|avg|average|averaged|shadow|teacher)(_|$)", re.IGNORECASE)
# Parts of TerraTorch's PixelWiseModel.
_PARTS = frozenset({"encoder", "decoder", "neck", "head", "aux_heads"})
_TRAINING = frozenset({"criterion", "n_averaged"})  # of losses and moving averages
_ADAPTERS = ("lora_", "ia3_", "hada_", "lokr_", "oft_", "vera_", "base_model", "modules_to_save")
Prefix = tuple[str, ...]


class Checkpoint(NamedTuple):
    """What a checkpoint holds of a model."""

    tensors: dict[str, torch.Tensor]
    """Weights by the names of TerraTorch's model."""
    notes: list[str]
    """Lines for a person: which of several sets of weights was taken."""
    task: dict[str, Any]
    """Arguments of the task that Lightning saved with the weights; empty without."""


def read_checkpoint(path: Path) -> Checkpoint:
    """Read a checkpoint without running code from its pickle.

    Lightning's checkpoints have losses and metrics in addition to the model: only names with the model's prefix are
    kept. Auxiliary heads are dropped; only training uses them. Names of wrapper modules are removed (torch.compile,
    DistributedDataParallel, FSDP, DeepSpeed).

    Raises:
        PrithviError: ``model_invalid``.
    """
    if path.suffix.lower() not in SUFFIXES:
        raise model_error(f"{path} is no {', '.join(SUFFIXES[:-1])} or {SUFFIXES[-1]} file.", "Give one as CHECKPOINT.")
    try:
        found = _load(path)
    except (FileNotFoundError, IsADirectoryError, PermissionError) as e:
        raise model_error(f"{path} cannot be read: {e.strerror or e}.", "Give the training's checkpoint.") from e
    except Exception as e:  # torch, zip, pickle and safetensors raise different types
        raise _unreadable(path, e) from e
    tensors, notes = _state(found, path.name)
    if not tensors:
        raise model_error(
            f"{path} holds no weights.", "Give a Lightning checkpoint, or a state_dict saved by torch.save."
        )
    adapter = next((name for name in tensors if any(p.startswith(_ADAPTERS) for p in name.split("."))), "")
    if adapter:
        raise model_error(
            f'{path} holds adapters of the backbone, such as "{adapter}" (LoRA, PEFT), which cannot be made here.',
            "Merge them into the backbone (merge_and_unload), save the checkpoint, and remove peft_config.",
        )
    tensors, more = _one_model(tensors, path.name)
    tensors = {key: value for key, value in tensors.items() if not key.startswith("aux_heads.")}
    task = found.get("hyper_parameters")
    return Checkpoint(tensors, notes + more, task if isinstance(task, dict) else {})


def _state(found: Any, name: str) -> tuple[dict[str, torch.Tensor], list[str]]:
    """Return the state dictionary of a file's content, and a line where the file holds several."""
    if not isinstance(found, Mapping):
        return {}, []
    bare = _tensors(found)
    states = {key: _tensors(found.get(key)) for key in (*_STATES, *_AVERAGED_STATES, _LIGHTNING_AVERAGE)}
    states = {key: state for key, state in states.items() if len(state) > len(bare)}
    if not states:
        return bare, []
    taken = next(iter(states))
    averages = [key for key in states if key in _AVERAGED_STATES]
    if taken == _LIGHTNING_AVERAGE or taken in averages:
        return states[taken], [f"{name} has no weights but those in {taken}, which are taken"]
    if _LIGHTNING_AVERAGE in states:
        return states[taken], [
            f"{name} holds averaged weights in {taken} and those of the last step in {_LIGHTNING_AVERAGE}: the "
            "averaged ones are taken, as TerraTorch loads them"
        ]
    return states[taken], [_plain_line(name, taken, averages[0])] if averages else []


def _tensors(state: Any) -> dict[str, torch.Tensor]:
    return {str(k): v for k, v in state.items() if isinstance(v, torch.Tensor)} if isinstance(state, Mapping) else {}


def _one_model(tensors: dict[str, torch.Tensor], name: str) -> tuple[dict[str, torch.Tensor], list[str]]:
    """Return the tensors of one model under their plain names, and a line where there are several models."""
    split = {key: _split(key) for key in tensors}
    models = list(dict.fromkeys(prefix for prefix, rest in split.values() if rest[:1] == ["encoder"]))
    plain = sorted((p for p in models if not _is_average(p)), key=lambda p: (p != ("model",), p != (), len(p)))
    if len(plain) > 1 and plain[0] not in (("model",), ()):
        raise model_error(
            f"{name} holds the weights of several models: {', '.join(map('.'.join, plain))}.",
            "Save the one to be used alone, with torch.save.",
        )
    chosen = (plain or models or [()])[0]
    average = next((p for p in models if _is_average(p)), None)
    notes = []
    if average is not None and plain:
        notes = [_plain_line(name, ".".join(chosen), ".".join(average))]
    elif average is not None:
        notes = [f"{name} has no weights but averaged ones ({'.'.join(average)}), which are taken"]
    kept = {}
    for key, (prefix, rest) in split.items():
        if prefix == chosen and rest:
            kept[".".join(rest)] = tensors[key]
        elif not rest and prefix[: len(chosen)] == chosen and not _TRAINING.intersection(prefix):
            kept[".".join(prefix[len(chosen) :])] = tensors[key]  # of no part of the model: reported as left over
    return kept, notes


def _split(name: str) -> tuple[Prefix, list[str]]:
    """Return a tensor's prefix and its name in the model; the latter is empty for a name of no part of the model."""
    parts = unwrapped(name)
    first = next((i for i, part in enumerate(parts) if part in _PARTS), len(parts))
    # DistributedDataParallel and AveragedModel hold what they wrap as "module".
    return tuple(part for part in parts[:first] if part != "module"), parts[first:]


def _is_average(prefix: Prefix) -> bool:
    return any(_AVERAGED.search(part) for part in prefix)


def _plain_line(name: str, plain: str, averaged: str) -> str:
    return (
        f"{name} holds averaged weights too ({averaged}): the plain ones ({plain or 'without a prefix'}) are taken, "
        "as TerraTorch loads them"
    )


def _load(path: Path) -> Any:
    if path.suffix.lower() == ".safetensors":
        from safetensors.torch import load_file

        return load_file(path)
    return torch.load(path, map_location="cpu", weights_only=True)


def _unreadable(path: Path, e: Exception) -> PrithviError:
    text = str(e)
    if "weights_only" in text.lower() or "WeightsUnpickler" in text:
        return model_error(
            f"{path} holds more than weights; reading the rest would run code from the file, so it was not read.",
            "If you trust it, save the weights alone where it was trained: "
            'torch.save({"state_dict": checkpoint["state_dict"]}, "weights.pt").',
        )
    first = text.strip().splitlines()[0][:160].rstrip(".") if text.strip() else type(e).__name__
    return model_error(f"{path} is damaged or no checkpoint: {first}.", "Copy it again from where it was trained.")
