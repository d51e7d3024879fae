"""QGIS's proxy and certificates, as the variables that uv and pip read."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from urllib.parse import quote

from qgis.core import QgsApplication, QgsNetworkAccessManager
from qgis.PyQt.QtCore import QUrl
from qgis.PyQt.QtNetwork import QNetworkProxy, QNetworkProxyFactory, QNetworkProxyQuery, QSslCertificate

from . import settings
from .client.install.network_policy import Network
from .client.install.uv import SYSTEM_CERTIFICATES

_SCHEMES = {
    QNetworkProxy.ProxyType.HttpProxy: "http",
    QNetworkProxy.ProxyType.HttpCachingProxy: "http",
    # The h has the proxy look up names: where one is needed, the machine itself often cannot.
    QNetworkProxy.ProxyType.Socks5Proxy: "socks5h",
}
_ANY_SERVER = "https://example.org/"  # reserved for examples: stands for any server outside


def network() -> Network:
    """Return how an installation may use the network; on the main thread. See :func:`certificates`."""
    return Network(settings.offline(), proxy_variables(), settings.fetch_python())


def proxy_variables() -> dict[str, str]:
    """Return QGIS's proxy (Settings > Options > Network) as variables; empty without one."""
    manager = QgsNetworkAccessManager.instance()
    proxy = manager.fallbackProxy()
    if proxy.type() == QNetworkProxy.ProxyType.DefaultProxy or manager.useSystemProxy():
        found = QNetworkProxyFactory.systemProxyForQuery(QNetworkProxyQuery(QUrl(_ANY_SERVER)))
        proxy = found[0] if found else QNetworkProxy(QNetworkProxy.ProxyType.NoProxy)
    scheme = _SCHEMES.get(proxy.type())
    if scheme is None or not proxy.hostName():
        return {}
    user = quote(proxy.user(), safe="")
    password = f":{quote(proxy.password(), safe='')}" if proxy.password() else ""
    url = f"{scheme}://{user + password + '@' if user else ''}{proxy.hostName()}:{proxy.port()}"
    variables = {"HTTP_PROXY": url, "HTTPS_PROXY": url}
    # QGIS keeps beginnings of addresses; other programs understand host names only.
    hosts = [QUrl.fromUserInput(u).host() for u in [*manager.excludeList(), *manager.noProxyList()] if u]
    if any(hosts):
        variables["NO_PROXY"] = ",".join(dict.fromkeys(h for h in hosts if h))
    return variables


def own_authorities() -> list[QSslCertificate]:
    """Return the trusted certificate authorities that were added to QGIS."""
    manager = QgsApplication.authManager()
    if manager.isDisabled():
        return []
    added = [*manager.databaseCAs(), *manager.extraFileCAs()]
    trusted = manager.trustedCaCerts()
    return [c for c in added if c in trusted]


@contextlib.contextmanager
def certificates(offered: Network, authorities: list[QSslCertificate]) -> Iterator[Network]:
    """Yield ``offered`` with a file of the system's and these ``authorities``, which exists until the block ends."""
    if not authorities:
        yield offered
        return
    handle, name = tempfile.mkstemp(prefix="prithvi-ca-", suffix=".pem")
    try:
        with os.fdopen(handle, "wb") as bundle:
            # uv takes what SSL_CERT_FILE names instead of the system's, not in addition.
            for path in (Path(p) for p in SYSTEM_CERTIFICATES):
                if path.is_file():
                    bundle.write(path.read_bytes().rstrip() + b"\n")
                    break
            for authority in authorities:
                bundle.write(bytes(authority.toPem()))
        yield replace(offered, variables={**offered.variables, "SSL_CERT_FILE": name})
    finally:
        Path(name).unlink(missing_ok=True)
