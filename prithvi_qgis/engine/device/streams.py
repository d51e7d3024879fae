"""Streams, pinned memory and events of the device that a model runs on; nothing at all on the CPU.

On CUDA a run computes on a stream of its own. vLLM waits for its own stream after every step, so its bookkeeping for
the next batch overlaps with the GPU's work on this one. What is small and waited for, of vLLM and of scenes that begin,
has streams that the GPU prefers: behind each of the model's kernels it would else wait for a millisecond.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from contextlib import AbstractContextManager
from functools import cache
from typing import Any, Optional

import numpy as np
import torch


class Device:
    """Where tensors live and in which order work on them happens."""

    def __init__(self, kind: str):
        """``kind``: ``cuda`` or ``cpu``."""
        self.cuda = kind == "cuda"
        self.torch = torch.device(kind)
        self._compute: Any = torch.cuda.Stream() if self.cuda else None
        self._upload: Any = torch.cuda.Stream() if self.cuda else None
        self._preparing: Any = torch.cuda.Stream(priority=-1) if self.cuda else None
        self._bookkeeping: Any = torch.cuda.Stream(priority=-1) if self.cuda else None

    @contextlib.contextmanager
    def computing(self) -> Iterator[None]:
        """What is launched inside runs on the run's own stream, and keeps nothing for gradients.

        Backends step in inference mode, and what is made in it may be changed in it only.
        """
        stream = torch.cuda.stream(self._compute) if self.cuda else contextlib.nullcontext()
        with torch.inference_mode(), stream:
            yield

    def preparing(self) -> AbstractContextManager[Any]:
        """What is launched inside makes something ready before it is computed with; end with :meth:`filled`."""
        return torch.cuda.stream(self._preparing) if self.cuda else contextlib.nullcontext()

    def bookkeeping(self) -> AbstractContextManager[Any]:
        """What is launched inside is vLLM's."""
        return torch.cuda.stream(self._bookkeeping) if self.cuda else contextlib.nullcontext()

    def mark(self) -> Optional[Any]:
        """A point in the computing stream that :meth:`upload` and :func:`wait` can refer to."""
        if not self.cuda:
            return None
        event = torch.cuda.Event(blocking=True)  # a waiting thread sleeps: the cores belong to reading and writing
        event.record(self._compute)
        return event

    def buffer(self, shape: tuple[int, ...], dtype: torch.dtype) -> torch.Tensor:
        """Host memory that the device copies from and to without a detour."""
        return torch.empty(shape, dtype=dtype, pin_memory=self.cuda)

    def upload(self, pairs: list[tuple[torch.Tensor, torch.Tensor]], after: Optional[Any]) -> None:
        """Copy host tensors to device tensors, [(to, from), ...], once ``after`` has passed; returns when done."""
        if not self.cuda:
            for to, source in pairs:
                to.copy_(source)
            return
        with torch.cuda.stream(self._upload):
            if after is not None:
                self._upload.wait_event(after)
            for to, source in pairs:
                to.copy_(source, non_blocking=True)
            event = torch.cuda.Event(blocking=True)
            event.record()
        event.synchronize()

    def download(self, tensor: torch.Tensor) -> torch.Tensor:
        """A host copy, complete once a :meth:`mark` made after it has passed."""
        if not self.cuda:
            return tensor
        out = self.buffer(tuple(tensor.shape), tensor.dtype)
        out.copy_(tensor, non_blocking=True)
        return out

    def trim(self) -> None:
        """Give memory that torch keeps for the next run back to the device, for whoever else uses it."""
        if self.cuda:
            torch.cuda.empty_cache()

    def filled(self) -> None:
        """Wait until what was made in :meth:`preparing` is there; for nothing else that the device does."""
        if self.cuda:
            self._preparing.synchronize()

    def settle(self) -> None:
        """Wait until everything launched so far is done."""
        if self.cuda:
            torch.cuda.synchronize()


@cache
def device_for(kind: str) -> Device:
    """The one object for ``cuda`` or ``cpu``: torch keeps memory for each stream apart, new streams would hoard it."""
    return Device(kind)


def to_device(values: np.ndarray, device: torch.device) -> torch.Tensor:
    """Values on the device; nobody waits for the copy but what is launched after it."""
    tensor = torch.from_numpy(values)
    return tensor.pin_memory().to(device, non_blocking=True) if device.type == "cuda" else tensor.to(device)


def wait(event: Optional[Any]) -> None:
    """Wait for a mark to pass."""
    if event is not None:
        event.synchronize()
