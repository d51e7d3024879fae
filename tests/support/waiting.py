"""Waiting for what another process or thread does."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

POLL_S = 0.05


def wait_until(condition: Callable[[], Any], timeout_s: float = 120.0) -> Any:
    """What ``condition`` returns as soon as it is true; fails after ``timeout_s``."""
    deadline = time.monotonic() + timeout_s
    while not (found := condition()):
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(POLL_S)
    return found
