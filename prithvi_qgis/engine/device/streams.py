"""CUDA streams, pinned memory and events of the model's device; all of them do nothing on the CPU.

On CUDA a run computes on a separate stream. vLLM waits for its own stream after every step, so its bookkeeping for the
next batch overlaps with the GPU's work on the current one. Short work that a thread waits for (vLLM's bookkeeping, the
preparation of scenes) uses high-priority streams: otherwise it would wait a millisecond for each kernel of the model.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from contextlib import AbstractContextManager
from functools import cache
from typing import Optional

import numpy as np
import torch


class Device:
    """A device, ``cuda`` or ``cpu``, and its streams."""

    def __init__(self, kind: str):
        self.cuda = kind == "cuda"
        self.torch = torch.device(kind)
        if self.cuda:
            self._compute, self._upload = torch.cuda.Stream(), torch.cuda.Stream()
            self._preparing, self._bookkeeping = torch.cuda.Stream(priority=-1), torch.cuda.Stream(priority=-1)

    @contextlib.contextmanager
    def computing(self) -> Iterator[None]:
        """Launch work on the run's stream, in inference mode.

        Backends call back in inference mode, and tensors made in it may be changed in it only.
        """
        stream = torch.cuda.stream(self._compute) if self.cuda else contextlib.nullcontext()
        with torch.inference_mode(), stream:
            yield

    def preparing(self) -> AbstractContextManager[object]:
        """Launch work that prepares tensors for computation; call :meth:`filled` afterwards."""
        return torch.cuda.stream(self._preparing) if self.cuda else contextlib.nullcontext()

    def bookkeeping(self) -> AbstractContextManager[object]:
        """Launch vLLM's work."""
        return torch.cuda.stream(self._bookkeeping) if self.cuda else contextlib.nullcontext()

    def mark(self) -> Optional[torch.cuda.Event]:
        """Return the current point of the computing stream, for :meth:`upload` and :func:`wait`."""
        if not self.cuda:
            return None
        event = torch.cuda.Event(blocking=True)  # waiting threads sleep: reading and writing need the cores
        event.record(self._compute)
        return event

    def buffer(self, shape: tuple[int, ...], dtype: torch.dtype) -> torch.Tensor:
        """Return host memory from and to which the device copies directly."""
        return torch.empty(shape, dtype=dtype, pin_memory=self.cuda)

    def upload(self, pairs: list[tuple[torch.Tensor, torch.Tensor]], after: Optional[torch.cuda.Event]) -> None:
        """Copy host tensors to the device, [(target, source), ...], once ``after`` has passed; return when done."""
        if not self.cuda:
            for target, source in pairs:
                target.copy_(source)
            return
        with torch.cuda.stream(self._upload):
            if after is not None:
                self._upload.wait_event(after)
            for target, source in pairs:
                target.copy_(source, non_blocking=True)
            event = torch.cuda.Event(blocking=True)
            event.record()
        event.synchronize()

    def download(self, tensor: torch.Tensor) -> torch.Tensor:
        """Return a host copy, complete once a later :meth:`mark` has passed."""
        if not self.cuda:
            return tensor
        out = self.buffer(tuple(tensor.shape), tensor.dtype)
        out.copy_(tensor, non_blocking=True)
        return out

    def trim(self) -> None:
        """Release memory that torch caches, so that other processes can use it."""
        if self.cuda:
            torch.cuda.empty_cache()

    def filled(self) -> None:
        """Wait for the work of :meth:`preparing`, and for nothing else."""
        if self.cuda:
            self._preparing.synchronize()

    def settle(self) -> None:
        """Wait for all work launched so far."""
        if self.cuda:
            torch.cuda.synchronize()


@cache
def device_for(kind: str) -> Device:
    """Return the one object per device: torch caches memory per stream, so new streams would accumulate it."""
    return Device(kind)


def to_device(values: np.ndarray, device: torch.device) -> torch.Tensor:
    """Return values on the device; only work launched later waits for the copy."""
    tensor = torch.from_numpy(values)
    return tensor.pin_memory().to(device, non_blocking=True) if device.type == "cuda" else tensor.to(device)


def wait(event: Optional[torch.cuda.Event]) -> None:
    """Wait until a mark has passed."""
    if event is not None:
        event.synchronize()
