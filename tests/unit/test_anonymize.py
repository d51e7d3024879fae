"""What a bug report must not tell."""

from __future__ import annotations

from pathlib import Path

import pytest

from prithvi_qgis.client import anonymize
from prithvi_qgis.client.anonymize import anonymous

LOGIN = "maria:word"


@pytest.fixture(autouse=True)
def somebody(monkeypatch):
    monkeypatch.setenv("HOME", "/home/maria")
    monkeypatch.setattr(Path, "home", lambda: Path("/home/maria"))
    monkeypatch.setenv("USER", "maria")
    monkeypatch.setattr(anonymize.socket, "gethostname", lambda: "gis7.agency.example")


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("reading /home/maria/work/secret-client/scene.tif failed", "reading ~/…/scene.tif failed"),
        ("/home/maria/scene.tif", "~/scene.tif"),
        ("/home/maria2/x/scene.tif", "/home/…/scene.tif"),
        ("/mnt/agency/floods/2024/scene.tif: no such file", "/mnt/…/scene.tif: no such file"),
        ('File "/opt/a/b/engine.py", line 3', 'File "/opt/…/engine.py", line 3'),
        ("C:\\Users\\maria\\scene.tif is missing", "C:\\…\\scene.tif is missing"),
        ("Maria did it, said maria", "<user> did it, said <user>"),
        ("on gis7 and gis7.agency.example", "on <host> and <host>"),
        ("mail to m.curie@agency.example now", "mail to <mail> now"),
        (f"https://{LOGIN}@data.example/x/y/s.tif?sig=KEY&se=1", "https://data.example/…/s.tif"),
        ("/vsicurl/https://data.example/x/s.tif?token=KEY", "/vsicurl/…/https://data.example/…/s.tif"),
        (f"proxy http://{LOGIN}@proxy.example:3128", "proxy http://proxy.example:3128"),
    ],
)
def test_names_folders_and_keys_are_taken_out(text, left):
    assert anonymous(text) == left


@pytest.mark.parametrize("text", ["3/4 of 12 tiles/s", "and/or", "/tmp", "vLLM 0.32.0", "a marianne sang", "10:30:00"])
def test_the_rest_stays(text):
    assert anonymous(text) == text


def test_a_common_account_is_no_name(monkeypatch):
    monkeypatch.setenv("USER", "root")
    assert anonymous("the root of it") == "the root of it"
