"""LinearDecoder's head, which differs between versions of TerraTorch.

The decoder predicts the classes itself. TerraTorch 1.2 adds a head after it, and builds it only where
``decoder_num_classes`` is given; other versions add none. An identity head works with all of them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import torch

DECODER = "LinearDecoder"


def name_classes(args: dict[str, Any]) -> None:
    """Set the decoder's number of classes, which TerraTorch 1.2 does not pass on."""
    if args.get("decoder") == DECODER:
        args.setdefault("decoder_num_classes", _channels(args))


def add_head(args: dict[str, Any], tensors: dict[str, torch.Tensor], kind: str) -> dict[str, torch.Tensor]:
    """Return ``tensors`` with an identity for the head that a checkpoint of another version lacks."""
    if args.get("decoder") != DECODER or any(name.startswith("head.") for name in tensors):
        return tensors
    import torch

    count = _channels(args)
    layer = f"head.head.{1 if kind == 'regression' else 2}"  # after what each kind of head has before it
    head = {f"{layer}.weight": torch.eye(count)[:, :, None, None], f"{layer}.bias": torch.zeros(count)}
    return {**tensors, **head}


def _channels(args: dict[str, Any]) -> int:
    return int(args.get("num_outputs") or args["num_classes"])
