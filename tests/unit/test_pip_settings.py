"""pip's settings reach uv, and uv's own win."""

from __future__ import annotations

from pathlib import Path

import pytest

from prithvi_qgis.client.install import pip_settings
from prithvi_qgis.client.install.pip_settings import uv_variables


@pytest.fixture
def user(tmp_path, monkeypatch):
    """Variables of a user with an empty home."""
    monkeypatch.setattr(pip_settings, "_SYSTEM_FILE", tmp_path / "absent")
    return {"HOME": str(tmp_path), "XDG_CONFIG_DIRS": str(tmp_path / "xdg"), "PIP_CERT": "/own.pem"}


def _pip_conf(user, text):
    folder = Path(user["HOME"]) / ".config" / "pip"
    folder.mkdir(parents=True)
    (folder / "pip.conf").write_text(text)


def test_mirror_proxy_certificate_and_timeout_are_passed_on(user):
    _pip_conf(
        user,
        "[global]\nindex-url = https://mirror.example/simple\nproxy = http://proxy.example:3128\n"
        "cert = /etc/own.pem\ntimeout = 60\n[install]\ntrusted-host = mirror.example\n  other.example\n",
    )
    del user["PIP_CERT"]
    assert uv_variables(user) == {
        "UV_DEFAULT_INDEX": "https://mirror.example/simple",
        "HTTP_PROXY": "http://proxy.example:3128",
        "HTTPS_PROXY": "http://proxy.example:3128",
        "SSL_CERT_FILE": "/etc/own.pem",
        "UV_HTTP_TIMEOUT": "60",
        "UV_INSECURE_HOST": "mirror.example other.example",
    }


def test_variables_win_over_files(user):
    _pip_conf(user, "[global]\nindex-url = https://file.example/simple\n")
    user["PIP_INDEX_URL"] = "https://variable.example/simple"
    assert uv_variables(user)["UV_DEFAULT_INDEX"] == "https://variable.example/simple"


@pytest.mark.parametrize("name", ["UV_DEFAULT_INDEX", "UV_INDEX_URL", "UV_NO_INDEX"])
def test_index_of_uv_wins(user, name):
    user |= {"PIP_INDEX_URL": "https://pip.example/simple", name: "1"}
    assert "UV_DEFAULT_INDEX" not in uv_variables(user)


def test_index_in_the_file_of_uv_wins(user, tmp_path):
    (tmp_path / "uv.toml").write_text('[[index]]\nurl = "https://uv.example/simple"\ndefault = true\n')
    user |= {"PIP_INDEX_URL": "https://pip.example/simple", "UV_CONFIG_FILE": str(tmp_path / "uv.toml")}
    assert "UV_DEFAULT_INDEX" not in uv_variables(user)


def test_proxy_and_certificate_of_the_user_stay(user):
    user |= {"https_proxy": "http://mine:1", "SSL_CERT_FILE": "/mine.pem", "PIP_PROXY": "http://pip:2"}
    found = uv_variables(user)
    assert "HTTPS_PROXY" not in found
    assert "SSL_CERT_FILE" not in found
    assert found["HTTP_PROXY"] == "http://pip:2"


def test_extra_indexes_are_left_to_pip(user):
    user |= {"PIP_EXTRA_INDEX_URL": "https://extra.example/simple", "PIP_FIND_LINKS": "/wheels"}
    assert uv_variables(user) == {"SSL_CERT_FILE": "/own.pem"}


def test_pip_without_an_index_means_its_folders_of_wheels(user):
    user |= {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": "/wheels /more"}
    found = uv_variables(user)
    assert found["UV_NO_INDEX"] == "1"
    assert found["UV_FIND_LINKS"] == "/wheels,/more"


def test_broken_file_of_pip_does_not_stop_the_installation(user):
    _pip_conf(user, "no section at all")
    assert uv_variables(user) == {"SSL_CERT_FILE": "/own.pem"}
