"""Several workers for "Prithvi segment folder": checks, Ray's installation, and the run."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Optional

from qgis.core import QgsProcessingFeedback
from qgis.PyQt.QtNetwork import QSslCertificate

from ... import network
from ...client.engine import engine_client
from ...client.engine.worker_runs import segment_with_workers
from ...client.install.network_policy import Network
from ...client.install.optional_packages import RAY, component_ready, install_component
from ...client.runtime.hardware import find_gpus
from ...core.errors import ErrorCode, PrithviError
from ..base import progress_to, tr

if TYPE_CHECKING:
    from ...core.protocol import messages
    from .reporter import FolderReporter

_ADDRESS = re.compile(r"[^\s:/]+:\d{1,5}|\[[0-9A-Fa-f:]+\]:\d{1,5}")


@dataclass(frozen=True)
class Workers:
    """How many engines segment, and where."""

    count: int = 1
    """0 for one per GPU."""
    cluster: str = ""
    """``host:port`` of a Ray cluster, or empty for this machine."""
    network: Optional[Network] = None
    """For Ray's installation; None where it is not needed."""
    authorities: Sequence[QSslCertificate] = ()
    """Certificate authorities for Ray's installation."""

    def check(self) -> None:
        """Raise ``parameter_invalid`` for a value that is not an address."""
        if self.cluster and not _ADDRESS.fullmatch(self.cluster):
            raise PrithviError(
                ErrorCode.PARAMETER_INVALID,
                f"CLUSTER {self.cluster} is no address of a Ray cluster.",
                "Give it as host:port, such as 10.0.0.1:6379, or leave it empty for this machine.",
            )

    def may_be_several(self, variant: str) -> bool:
        """As :meth:`are_several`, without counting the GPUs, which may take a minute."""
        return bool(self.cluster) or self.count > 1 or (self.count == 0 and variant == "cuda")

    def are_several(self, variant: str) -> bool:
        """Whether more than the one running engine is requested."""
        return bool(self.cluster) or (self.count or (gpu_count() if variant == "cuda" else 1)) > 1


def gpu_count() -> int:
    """Return the number of GPUs that the environment does not hide; at least 1."""
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
    """Have every request done by several engines, which Ray starts and replaces.

    Raises:
        PrithviError: Ray cannot be installed, or the run as a whole fails.
    """
    install_ray(variant, workers, feedback)
    if variant == "cuda":
        _free_gpu(feedback)
    segment_with_workers(
        todo, variant, workers.count, workers.cluster, reporter, reporter.take_workers, feedback.isCanceled
    )


def install_ray(variant: str, workers: Workers, feedback: QgsProcessingFeedback) -> None:
    """Install Ray, unless it is installed."""
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


def _free_gpu(feedback: QgsProcessingFeedback) -> None:
    """Stop the running engine, which holds most of a GPU that a worker needs."""
    if engine_client.status() is None:
        return
    if not engine_client.stop(when_idle=True):
        raise PrithviError(
            ErrorCode.ENGINE_BUSY,
            "The engine is segmenting on a GPU that the workers need.",
            "Run this when it is done, or stop the engine.",
        )
    feedback.pushInfo(tr("The warm engine was idle and was ended: the workers need its GPU."))
