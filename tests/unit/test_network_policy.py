"""The front end's proxy and certificates reach the installation, and the user's own win."""

from __future__ import annotations

import base64
import http.server
import json
import os
import shutil
import ssl
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from prithvi_qgis.client.install.pip_settings import pip_variables
from prithvi_qgis.client.install.uv import with_offered
from support.tiny_engine import TinyEngine

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the engine runs on Linux")

NO_PROXY = {"HTTP_PROXY": "", "HTTPS_PROXY": "", "NO_PROXY": ""}
NO_CERTIFICATES = {
    "PIP_CONFIG_FILE": os.devnull,
    "SSL_CERT_FILE": "",
    "SSL_CERT_DIR": "",
    "REQUESTS_CA_BUNDLE": "",
    "CURL_CA_BUNDLE": "",
}


@pytest.fixture
def tiny(tmp_path):
    return TinyEngine(tmp_path)


def test_a_folder_in_pips_settings_is_enough_when_it_says_no_index(tiny):
    done = tiny.install(wheelhouse="", PIP_NO_INDEX="1", PIP_FIND_LINKS=str(tiny.wheelhouse))
    assert done.get("fresh") is True, done


class Index:
    """A package index of a folder of wheels that keeps what it was asked; also does for a proxy."""

    def __init__(self, wheels: Path, certificate: str = ""):
        self.asked: list[str] = []
        self.credentials: set[str] = set()
        index = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                index.asked.append(self.path)
                index.credentials.add(self.headers.get("Proxy-Authorization", ""))
                name = self.path.rstrip("/").rpartition("/")[2]
                if name.endswith(".whl"):
                    body = (wheels / name).read_bytes()
                else:
                    links = [f'<a href="/files/{w.name}">{w.name}</a>' for w in wheels.glob(f"{name}-*.whl")]
                    body = "\n".join(links).encode()
                self.send_response(200)
                self.send_header("Content-Type", "text/html" if name[-4:] != ".whl" else "application/zip")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *args):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate)
            self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        self.port = self.server.server_port
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


@pytest.fixture
def authority(tmp_path):
    """A certificate authority nobody knows, and a server's certificate by it: (authority's file, server's file)."""
    if not shutil.which("openssl"):
        pytest.skip("makes its certificates with openssl")

    def openssl(*arguments: str) -> None:
        subprocess.run(["openssl", *arguments], check=True, capture_output=True, cwd=tmp_path)

    key = ("-newkey", "rsa:2048", "-nodes")
    openssl("req", "-x509", *key, "-keyout", "ca.key", "-out", "ca.pem", "-subj", "/CN=Test authority", "-days", "2")
    openssl("req", *key, "-keyout", "server.key", "-out", "server.csr", "-subj", "/CN=localhost")
    (tmp_path / "names").write_text("subjectAltName=DNS:localhost\nextendedKeyUsage=serverAuth\n")
    signing = ("-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", "2", "-extfile", "names")
    openssl("x509", "-req", "-in", "server.csr", "-out", "server.crt", *signing)
    both = tmp_path / "server.pem"
    both.write_text((tmp_path / "server.key").read_text() + (tmp_path / "server.crt").read_text())
    return tmp_path / "ca.pem", both


def test_a_server_with_the_organisations_certificate_is_trusted_when_its_authority_is_offered(tiny, authority):
    bundle, certificate = authority
    index = Index(tiny.wheelhouse, str(certificate))
    where = {"UV_DEFAULT_INDEX": f"https://localhost:{index.port}/simple", **NO_PROXY, **NO_CERTIFICATES}
    refused = tiny.install(wheelhouse="", UV_HTTP_RETRIES="0", **where)
    assert refused["code"] == "install_failed"
    assert "certificate" in refused["line"].lower()
    done = tiny.install(wheelhouse="", TINY_OFFERED=json.dumps({"SSL_CERT_FILE": str(bundle)}), **where)
    assert done.get("fresh") is True, done
    assert any("vllm" in path for path in index.asked)


def test_an_offered_proxy_is_gone_through_with_its_password_and_the_log_does_not_know_it(tiny):
    proxy = Index(tiny.wheelhouse)
    login = "maria:s%40cret"
    url = f"http://{login}@127.0.0.1:{proxy.port}"
    offered = json.dumps({"HTTP_PROXY": url, "HTTPS_PROXY": url})
    done = tiny.install(
        wheelhouse="", TINY_OFFERED=offered, UV_DEFAULT_INDEX="http://packages.invalid/simple", **NO_PROXY
    )
    assert done.get("fresh") is True, done
    assert "http://packages.invalid/simple/vllm/" in proxy.asked
    assert proxy.credentials == {"Basic " + base64.b64encode(b"maria:s@cret").decode()}
    assert "cret" not in (tiny.home / "install.log").read_text()


def test_offline_mode_refuses_to_download_and_names_the_way_out(tiny):
    done = tiny.install(wheelhouse="", TINY_OFFLINE="1")
    assert done["code"] == "install_failed"
    assert "Offline mode is on" in done["line"]
    assert "WHEELHOUSE" in done["line"]
    assert tiny.leftovers() == []


def test_offline_mode_installs_from_wheels_and_checks_what_is_there(tiny):
    assert tiny.install(TINY_OFFLINE="1")["fresh"] is True
    assert tiny.install(wheelhouse="", TINY_OFFLINE="1")["fresh"] is False


OFFERED = {
    "HTTP_PROXY": "http://qgis:1",
    "HTTPS_PROXY": "http://qgis:1",
    "NO_PROXY": "intranet",
    "SSL_CERT_FILE": "/q.pem",
}


def test_what_is_offered_fills_what_is_open():
    assert with_offered({"HOME": "/h"}, OFFERED) == {"HOME": "/h", **OFFERED}


@pytest.mark.parametrize("name", ["https_proxy", "HTTPS_PROXY", "ALL_PROXY", "http_proxy"])
def test_any_proxy_of_the_user_keeps_the_offered_ones_out(name):
    found = with_offered({name: "http://own:2"}, OFFERED)
    assert found == {name: "http://own:2", "SSL_CERT_FILE": "/q.pem"}


def test_the_users_certificates_win():
    assert with_offered({"SSL_CERT_FILE": "/own.pem"}, OFFERED)["SSL_CERT_FILE"] == "/own.pem"


def test_pip_gets_certificates_by_its_own_name_unless_it_has_some(tmp_path):
    user = {"HOME": str(tmp_path), "XDG_CONFIG_DIRS": str(tmp_path), "PIP_CONFIG_FILE": os.devnull}
    assert pip_variables(user, OFFERED)["PIP_CERT"] == "/q.pem"
    assert "SSL_CERT_FILE" not in pip_variables(user, OFFERED)
    assert "PIP_CERT" not in pip_variables({**user, "PIP_CERT": "/own.pem"}, OFFERED)
    assert "PIP_CERT" not in pip_variables({**user, "REQUESTS_CA_BUNDLE": "/own.pem"}, OFFERED)
    assert "HTTPS_PROXY" not in pip_variables({**user, "PIP_PROXY": "http://own:2"}, OFFERED)
