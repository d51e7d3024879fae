"""The errors that users see: a code, one sentence, and a next step."""

from __future__ import annotations

import errno
from enum import Enum


class ErrorCode(str, Enum):
    """Stable names of failures; results.csv contains them and scripts compare them."""

    SOURCE_UNREADABLE = "source_unreadable"  # not a raster, missing, truncated
    SOURCE_UNSUPPORTED = "source_unsupported"  # complex or palette pixels, too large an axis, ...
    EXTENT_OUTSIDE = "extent_outside"
    BANDS_MISSING = "bands_missing"
    SCALING_UNKNOWN = "scaling_unknown"  # values that cannot be reflectance
    MODEL_UNKNOWN = "model_unknown"
    MODEL_INVALID = "model_invalid"  # card or weights broken, checksum differs
    MODEL_MISSING = "model_missing"  # known, but its weights are not on this machine
    MODEL_FORBIDDEN = "model_forbidden"  # a configuration that would run foreign code
    OUTPUT_IS_INPUT = "output_is_input"
    OUTPUT_UNWRITABLE = "output_unwritable"
    PARAMETER_INVALID = "parameter_invalid"
    DEVICE_MISSING = "device_missing"
    OUT_OF_MEMORY = "out_of_memory"
    DISK_FULL = "disk_full"
    CANCELLED = "cancelled"
    ENGINE_MISSING = "engine_missing"  # not installed
    ENGINE_DIED = "engine_died"
    ENGINE_BUSY = "engine_busy"
    ENGINE_UNREACHABLE = "engine_unreachable"
    CLUSTER_UNREACHABLE = "cluster_unreachable"
    WORKER_LOST = "worker_lost"  # a scene whose workers died twice
    INSTALL_FAILED = "install_failed"
    DOWNLOAD_FAILED = "download_failed"
    CONTRACT_BROKEN = "contract_broken"  # a message that the other side cannot read
    INTERNAL = "internal"


class PrithviError(Exception):
    """A failure reported to the user: what happened, with the offending value, and what to do next.

    Args:
        code: the kind of failure.
        text: one sentence with the offending value, ending in a full stop.
        hint: the next step as one sentence, or empty.
    """

    def __init__(self, code: ErrorCode, text: str, hint: str = ""):
        self.code = code
        self.text = " ".join(text.split())
        self.hint = " ".join(hint.split())
        super().__init__(self.line)

    def __reduce__(self) -> tuple[type, tuple[ErrorCode, str, str]]:
        # Ray pickles exceptions; the default would call __init__ with the line alone.
        return PrithviError, (self.code, self.text, self.hint)

    @property
    def line(self) -> str:
        """Text and next step on one line."""
        return f"{self.text} {self.hint}".strip()


def is_disk_full(e: OSError) -> bool:
    """Whether a write failed because the disk or the user's quota on it is full."""
    return e.errno in (errno.ENOSPC, errno.EDQUOT)
