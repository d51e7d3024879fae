"""Tensors of a checkpoint, by the names that TerraTorch's model has for them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch

from ..model.weights import modern_name
from .errors import model_error

SUFFIXES = (".ckpt", ".pt", ".pth", ".safetensors")
_MODEL = "model."


def read_checkpoint(path: Path) -> dict[str, torch.Tensor]:
    """Read without running anything that a pickle asks for.

    Lightning's checkpoints hold the loss, metrics and the like beside the model: of these only what begins with
    ``model.`` is taken. Auxiliary heads only matter in training.

    Raises:
        PrithviError: ``model_invalid``.
    """
    if path.suffix.lower() not in SUFFIXES:
        raise model_error(f"{path} is no {', '.join(SUFFIXES[:-1])} or {SUFFIXES[-1]} file.", "Give one as CHECKPOINT.")
    try:
        found = _load(path)
    except (FileNotFoundError, IsADirectoryError, PermissionError) as e:
        raise model_error(f"{path} cannot be read: {e.strerror or e}.", "Give the training's checkpoint.") from e
    except Exception as e:  # torch, zip, pickle and safetensors each have their own
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


def _unreadable(path: Path, e: Exception) -> Exception:
    text = str(e)
    if "weights_only" in text.lower() or "WeightsUnpickler" in text:
        return model_error(
            f"{path} holds more than weights; reading the rest would run code from the file, so it was not read.",
            "If you trust it, save the weights alone where it was trained: "
            'torch.save({"state_dict": checkpoint["state_dict"]}, "weights.pt").',
        )
    first = text.strip().splitlines()[0][:160].rstrip(".") if text.strip() else type(e).__name__
    return model_error(f"{path} is damaged or no checkpoint: {first}.", "Copy it again from where it was trained.")
