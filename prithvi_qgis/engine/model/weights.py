"""Load the tensors of older and current checkpoints into a TerraTorch model."""

from __future__ import annotations

import torch

from ...core.errors import ErrorCode, PrithviError

# Modules that wrap others: torch.compile, DeepSpeed, FSDP, activation checkpointing, older TerraTorch.
_WRAPPERS = frozenset(
    {"_orig_mod", "_forward_module", "_fsdp_wrapped_module", "_checkpoint_wrapped_module", "_timm_module"}
)


def load_into(model: torch.nn.Module, tensors: dict[str, torch.Tensor]) -> None:
    """Copy ``tensors`` into ``model``'s parameters and buffers.

    Position embeddings are skipped: the model computes them for its image size, and a checkpoint's may have another
    size. Names may carry the prefix of Lightning (``model.``) and the names of wrapper modules (``_orig_mod.``).

    Raises:
        PrithviError: ``model_invalid`` naming the first tensor that is missing, superfluous, misshapen or not finite.
    """
    own = dict(model.state_dict())
    given = {modern_name(name): value for name, value in tensors.items() if not _computed(name)}
    wanted = {name for name in own if not _computed(name)}
    missing, extra = sorted(wanted - set(given)), sorted(set(given) - wanted)
    if missing or extra:
        what = f'lack "{missing[0]}"' if missing else f'hold "{extra[0]}", which the configuration does not have'
        raise PrithviError(
            ErrorCode.MODEL_INVALID,
            f"The weights {what} ({len(missing)} names missing, {len(extra)} left over).",
            "Configuration and weights must come from the same training.",
        )
    with torch.no_grad():
        for name in sorted(wanted):
            if own[name].shape != given[name].shape:
                raise PrithviError(
                    ErrorCode.MODEL_INVALID,
                    f'"{name}" of the weights is {tuple(given[name].shape)}; the configuration needs '
                    f"{tuple(own[name].shape)}.",
                    "Configuration and weights must come from the same training.",
                )
            if given[name].is_floating_point() and not torch.isfinite(given[name]).all():
                raise PrithviError(
                    ErrorCode.MODEL_INVALID,
                    f'"{name}" of the weights holds numbers that are not finite.',
                    "The training diverged or the file is damaged; use another checkpoint.",
                )
            own[name].copy_(given[name])


def modern_name(name: str) -> str:
    """Return a tensor's name without the prefix of Lightning and the names of wrapper modules."""
    return ".".join(unwrapped(name)).removeprefix("model.")


def unwrapped(name: str) -> list[str]:
    """Return the parts of a tensor's name without those of wrapper modules."""
    return [part for part in name.split(".") if part not in _WRAPPERS]


def _computed(name: str) -> bool:
    return name.endswith("pos_embed")
