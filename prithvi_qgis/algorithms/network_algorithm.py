"""Base of the algorithms that may use the network: QGIS's proxy and certificates, read on the main thread."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import TYPE_CHECKING

from qgis.core import QgsProcessingContext, QgsProcessingFeedback

from .base import Parameters, PrithviAlgorithm

if TYPE_CHECKING:
    from qgis.PyQt.QtNetwork import QSslCertificate

    from ..client.install.network_policy import Network


class NetworkAlgorithm(PrithviAlgorithm):
    """Base of an algorithm that may use the network."""

    def __init__(self) -> None:
        super().__init__()
        self._network: Network
        self._authorities: list[QSslCertificate]

    def prepare_run(self, values: Parameters, context: QgsProcessingContext, feedback: QgsProcessingFeedback) -> None:
        # QGIS's start imports this module, and few sessions download anything.
        from .. import network

        self._network = network.network()
        self._authorities = network.own_authorities()

    def _offered(self) -> AbstractContextManager[Network]:
        """Return how the network may be used, with the certificates in a file; on any thread, after preparing."""
        from .. import network

        return network.certificates(self._network, self._authorities)
