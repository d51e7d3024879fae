"""What the tests of options, first run and installation share."""

from __future__ import annotations

from pathlib import Path

import pytest
from desktop import Desktop
from qgis.core import QgsSettings, QgsSettingsTree
from tiny_engine import ROOT, TinyEngine

from prithvi_qgis import settings
from prithvi_qgis.core.system import paths


class DesktopWithOptions(Desktop):
    """Also notes pages of the options dialog."""

    def __init__(self):
        super().__init__()
        self.factories = []

    def registerOptionsWidgetFactory(self, factory):
        self.factories.append(factory)

    def unregisterOptionsWidgetFactory(self, factory):
        self.factories.remove(factory)


def clear_settings() -> None:
    """As in a fresh profile."""
    settings.unregister()
    for group in ("prithvi_qgis", "plugins/prithvi_qgis"):
        QgsSettings().remove(group)


def known_to_qgis() -> list[str]:
    """Keys of the plugin's settings in QGIS's tree."""
    plugins = QgsSettingsTree.node("plugins")
    node = plugins.childNode("prithvi_qgis")
    return [s.key() for s in node.childrenSettings()] if node else []


@pytest.fixture()
def fresh(qgis_app, tmp_path, monkeypatch):
    """An empty profile and data folder; returns the data folder."""
    for setting in settings.ALL:
        monkeypatch.delenv(setting.variable, raising=False)
    monkeypatch.setenv("PRITHVI_QGIS_HOME", str(tmp_path / "home"))
    clear_settings()
    settings.register()
    yield tmp_path / "home"
    clear_settings()


@pytest.fixture()
def tiny(fresh, tmp_path, monkeypatch):
    """The plugin in this process, with an engine of tiny wheels to install."""
    engine = TinyEngine(tmp_path)
    for name in ("icons", "models"):
        (engine.resources.parent / name).symlink_to(ROOT / "resources" / name)
    environment = engine.environment()
    for name in ("PRITHVI_QGIS_HOME", "PRITHVI_QGIS_UV", "UV_CACHE_DIR", "HTTPS_PROXY", "HTTP_PROXY", "PATH"):
        monkeypatch.setenv(name, environment[name])
    monkeypatch.setattr(paths, "resources", lambda: engine.resources.parent)
    return engine


def fake_gpu(folder: Path, monkeypatch, answer: str) -> None:
    """Put a script in the place of nvidia-smi."""
    smi = folder / "bin" / "nvidia-smi"
    smi.parent.mkdir()
    smi.write_text(f"#!/bin/sh\necho '{answer}'\n")
    smi.chmod(0o755)
    monkeypatch.setenv("PATH", f"{smi.parent}:/usr/bin:/bin")
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
