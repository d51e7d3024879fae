"""Base of the algorithms that may use the network: QGIS's proxy and certificates, read on the main thread."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import TYPE_CHECKING

from qgis.core import QgsProcessingContext, QgsProcessingFeedback

from .base import Parameters, PrithviAlgorithm, one_line_errors

if TYPE_CHECKING:
    from qgis.PyQt.QtNetwork import QSslCertificate

    from ..client.install.network_policy import Network


class NetworkAlgorithm(PrithviAlgorithm):
    """Base of an algorithm that may use the network."""

    def __init__(self) -> None:
        super().__init__()
        self._network: Network
        self._authorities: list[QSslCertificate]

    def prepareAlgorithm(
        self, parameters: Parameters, context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> bool:
        # QGIS's start imports this module, and few sessions download anything.
        from .. import network

        with one_line_errors():
            self._network = network.network()
            self._authorities = network.own_authorities()
        return True

    def _offered(self) -> AbstractContextManager[Network]:
        """Return how the network may be used, with the certificates in a file; on any thread, after preparing."""
        from .. import network

        return network.certificates(self._network, self._authorities)
