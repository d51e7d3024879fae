"""QGIS's proxy and certificates, as the installation gets them."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
from qgis.core import QgsApplication, QgsNetworkAccessManager, QgsSettings
from qgis.PyQt.QtNetwork import QSslCertificate

from prithvi_qgis import network, settings
from prithvi_qgis.client.install.network_policy import Network
from prithvi_qgis.client.install.uv import SYSTEM_CERTIFICATES


@pytest.fixture()
def proxy(fresh):
    """Sets QGIS's proxy as its options do."""

    def choose(**values) -> None:
        QgsSettings().remove("proxy")
        for name, value in values.items():
            QgsSettings().setValue(f"proxy/{name}", value)
        QgsNetworkAccessManager.instance().setupDefaultProxyAndCache()

    yield choose
    choose()


def test_no_proxy_is_no_variable(proxy):
    proxy(proxyEnabled=False, proxyType="HttpProxy", proxyHost="proxy.example", proxyPort="3128")
    assert network.proxy_variables() == {}


def test_a_proxy_with_a_password_is_one_address(proxy):
    word = "a:b/c"
    proxy(
        proxyEnabled=True,
        proxyType="HttpProxy",
        proxyHost="proxy.example",
        proxyPort="3128",
        proxyUser="m@ria",
        proxyPassword=word,
    )
    login = "m%40ria:a%3Ab%2Fc"
    address = f"http://{login}@proxy.example:3128"
    assert network.proxy_variables() == {"HTTP_PROXY": address, "HTTPS_PROXY": address}


def test_a_socks_proxy_looks_up_names_itself(proxy):
    proxy(proxyEnabled=True, proxyType="Socks5Proxy", proxyHost="proxy.example", proxyPort="1080")
    assert network.proxy_variables()["HTTPS_PROXY"] == "socks5h://proxy.example:1080"


def test_addresses_without_proxy_become_host_names(proxy):
    proxy(
        proxyEnabled=True,
        proxyType="HttpProxy",
        proxyHost="proxy.example",
        proxyPort="3128",
        noProxyUrls=["http://intranet.example/wms", "mirror.example"],
    )
    assert network.proxy_variables()["NO_PROXY"] == "intranet.example,mirror.example"


def test_offline_mode_reaches_the_installation(fresh):
    assert network.network() == Network(False, {})
    settings.OFFLINE.write(True)
    assert network.network().offline


def test_consent_to_fetch_a_python_reaches_the_installation(fresh, monkeypatch):
    assert not network.network().fetch_python
    settings.FETCH_PYTHON.write(True)
    with network.certificates(network.network(), []) as offered:
        assert offered.fetch_python
    monkeypatch.setenv("PRITHVI_QGIS_FETCH_PYTHON", "0")
    assert not network.network().fetch_python


def test_without_authorities_of_ones_own_nothing_changes(fresh):
    offered = Network(False, {"HTTPS_PROXY": "http://p:1"})
    with network.certificates(offered, []) as found:
        assert found == offered


@pytest.fixture()
def authority(fresh, tmp_path):
    """An authority that was added to QGIS."""
    if not shutil.which("openssl"):
        pytest.skip("makes its certificate with openssl")
    made = ("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "ca.key", "-out", "ca.pem", "-days", "2")
    subprocess.run(["openssl", *made, "-subj", "/CN=Agency authority"], check=True, capture_output=True, cwd=tmp_path)
    certificate = QSslCertificate((tmp_path / "ca.pem").read_bytes())
    manager = QgsApplication.authManager()
    if manager.isDisabled():
        pytest.skip(f"QGIS's authentication is off here: {manager.disabledMessage()}")
    assert manager.storeCertAuthority(certificate)
    manager.initSslCaches()
    yield certificate
    manager.removeCertAuthority(certificate)
    manager.initSslCaches()


def test_an_authority_added_to_qgis_is_bundled_with_the_systems_until_the_end(authority):
    assert network.own_authorities() == [authority]
    with network.certificates(Network(), network.own_authorities()) as found:
        bundle = Path(found.variables["SSL_CERT_FILE"])
        text = bundle.read_text()
        assert bytes(authority.toPem()).decode().strip() in text
        system = next((p for p in map(Path, SYSTEM_CERTIFICATES) if p.is_file()), None)
        if system:
            assert text.count("BEGIN CERTIFICATE") == system.read_text().count("BEGIN CERTIFICATE") + 1
    assert not bundle.exists()
