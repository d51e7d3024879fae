"""What the tests of options, first run and installation share."""

from __future__ import annotations

from pathlib import Path

from qgis.core import QgsSettings, QgsSettingsTree

from prithvi_qgis import settings
from support.qgis_window import Desktop


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


def fake_gpu(folder: Path, monkeypatch, answer: str) -> None:
    """Put a script in the place of nvidia-smi."""
    smi = folder / "bin" / "nvidia-smi"
    smi.parent.mkdir()
    smi.write_text(f"#!/bin/sh\necho '{answer}'\n")
    smi.chmod(0o755)
    monkeypatch.setenv("PATH", f"{smi.parent}:/usr/bin:/bin")
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
