"""Several workers for "Prithvi segment folder": what they need, and having them do it."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Optional

from qgis.core import QgsProcessingFeedback

from ...core.errors import ErrorCode, PrithviError
from ..base import progress_to, tr

if TYPE_CHECKING:
    from ...client.install.network_policy import Network
    from ...core.protocol import messages
    from .reporter import FolderReporter

_ADDRESS = re.compile(r"[^\s:/]+:\d{1,5}|\[[0-9A-Fa-f:]+\]:\d{1,5}")


@dataclass(frozen=True)
class Workers:
    """What was asked for.

    Attributes:
        count: 0 for one a GPU; cluster: ``host:port``, or empty for this machine.
        network, authorities: for Ray's installation; None where it is not needed.
    """

    count: int = 1
    cluster: str = ""
    network: Optional[Network] = None
    authorities: Sequence[Any] = ()

    def check(self) -> None:
        """Raises PrithviError ``parameter_invalid`` for what is no address."""
        if self.cluster and not _ADDRESS.fullmatch(self.cluster):
            raise PrithviError(
                ErrorCode.PARAMETER_INVALID,
                f"CLUSTER {self.cluster} is no address of a Ray cluster.",
                "Give it as host:port, such as 10.0.0.1:6379, or leave it empty for this machine.",
            )

    def may_be_several(self, variant: str) -> bool:
        """As :meth:`are_several`, without looking at the GPUs: that may take a minute, and nothing may wait for it."""
        return bool(self.cluster) or self.count > 1 or (self.count == 0 and variant == "cuda")

    def are_several(self, variant: str) -> bool:
        """Whether more is asked for than the one warm engine."""
        return bool(self.cluster) or (self.count or (gpu_count() if variant == "cuda" else 1)) > 1


def gpu_count() -> int:
    """GPUs of this machine that the environment does not hide; at least 1."""
    from ...client.runtime.hardware import find_gpus

    visible = os.environ.get("CUDA_VISIBLE_DEVICES")
    if visible is not None:
        return max(1, len([v for v in visible.split(",") if v.strip()]))
    return max(1, len(find_gpus()[0]))


def segment_by_workers(
    todo: list[messages.Segment],
    workers: Workers,
    variant: str,
    reporter: FolderReporter,
    feedback: QgsProcessingFeedback,
) -> None:
    """Have every request done by several engines, which Ray starts and replaces."""
    from ...client.engine.worker_runs import segment_with_workers

    install_ray(variant, workers, feedback)
    if variant == "cuda":
        _free_the_gpu(feedback)
    segment_with_workers(
        todo, variant, workers.count, workers.cluster, reporter, reporter.take_workers, feedback.isCanceled
    )


def install_ray(variant: str, workers: Workers, feedback: QgsProcessingFeedback) -> None:
    """Install what several workers need, unless it is there."""
    from ... import network
    from ...client.install.network_policy import Network
    from ...client.install.optional_packages import RAY, component_ready, install_component

    if component_ready(variant, RAY):
        return

    report = progress_to(feedback)
    with network.certificates(workers.network or Network(offline=True), list(workers.authorities)) as offered:
        try:
            install_component(variant, RAY, None, report, feedback.isCanceled, offered)
        except PrithviError as e:
            if e.code is ErrorCode.CANCELLED or workers.cluster:
                raise
            raise PrithviError(e.code, e.text, f"{e.hint} With WORKERS 1 one engine does it all, without Ray.") from e
    feedback.setProgress(0)


def _free_the_gpu(feedback: QgsProcessingFeedback) -> None:
    """The warm engine holds most of a GPU that a worker needs."""
    from ...client.engine import engine_client

    if engine_client.status() is None:
        return
    if not engine_client.stop(when_idle=True):
        raise PrithviError(
            ErrorCode.ENGINE_BUSY,
            "The engine is segmenting on a GPU that the workers need.",
            "Run this when it is done, or stop the engine.",
        )
    feedback.pushInfo(tr("The warm engine was idle and was ended: the workers need its GPU."))
