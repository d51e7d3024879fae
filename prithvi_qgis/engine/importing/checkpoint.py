"""Read the tensors of a checkpoint, named as in TerraTorch's model."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch

from ...core.errors import PrithviError
from ..model.weights import modern_name
from .errors import model_error

SUFFIXES = (".ckpt", ".pt", ".pth", ".safetensors")
_MODEL = "model."


def read_checkpoint(path: Path) -> dict[str, torch.Tensor]:
    """Read a checkpoint without running code from its pickle.

    Lightning's checkpoints have losses and metrics in addition to the model: only names that begin with ``model.`` are
    kept. Auxiliary heads are dropped; only training uses them.

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
    state = found.get("state_dict", found) if isinstance(found, dict) else None
    tensors = {str(k): v for k, v in state.items() if isinstance(v, torch.Tensor)} if isinstance(state, dict) else {}
    if not tensors:
        raise model_error(
            f"{path} holds no weights.", "Give a Lightning checkpoint, or a state_dict saved by torch.save."
        )
    if any(name.startswith(_MODEL) for name in tensors):
        tensors = {name: value for name, value in tensors.items() if name.startswith(_MODEL)}
    modern = {modern_name(name): value for name, value in tensors.items()}
    return {name: value for name, value in modern.items() if not name.startswith("aux_heads.")}


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
