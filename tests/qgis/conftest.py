"""QGIS in the tests' own process (pytest-qgis), with the plugin's provider registered."""

from __future__ import annotations

import contextlib
import os
from unittest import mock

import pytest

from prithvi_qgis import settings
from prithvi_qgis.client.engine import engine_client
from prithvi_qgis.core.system import paths
from prithvi_qgis.gui.layer_menu import LayerMenu
from support import ROOT, rasters
from support.in_process import InProcess
from support.plugin_settings import clear_settings
from support.processing_form import open_form
from support.qgis_window import Desktop, settle
from support.tiny_engine import TinyEngine

# Without it pytest-qgis keeps a profile in the folder where it is run.
os.environ.setdefault("QGIS_CUSTOM_CONFIG_PATH", str(ROOT / "build" / "qgis-profile"))


@pytest.fixture(scope="session", autouse=True)
def _engine_ends():
    """The engine that these tests started ends with them."""
    yield
    engine_client.stop()


@pytest.fixture(scope="module")
def provider(qgis_processing):
    """The provider as the plugin registers it, with the forms of the desktop."""
    from qgis.core import QgsApplication

    from prithvi_qgis.gui.desktop_forms import FormRegistration
    from prithvi_qgis.plugin import PrithviPlugin

    plugin = PrithviPlugin(None)
    plugin.initProcessing()
    forms = FormRegistration()
    with contextlib.ExitStack() as patches:
        # Processing hands on parts of the main window that pytest-qgis's stand-in for it lacks.
        for module in ("BatchPanel", "ParametersPanel", "Postprocessing"):
            patches.enter_context(mock.patch(f"processing.gui.{module}.iface", None))
        yield QgsApplication.processingRegistry().providerById("prithvi")
    forms.unload()
    plugin.unload()


@pytest.fixture()
def segment(provider):
    """A fresh instance of the algorithm."""
    return provider.algorithm("segment").create()


@pytest.fixture()
def context(qgis_new_project):
    """Of a run in a project that is empty."""
    from qgis.core import QgsProcessingContext, QgsProject

    context = QgsProcessingContext()
    context.setProject(QgsProject.instance())
    return context


@pytest.fixture(scope="session")
def scene_file(tmp_path_factory):
    """A small good scene."""
    return rasters.write(tmp_path_factory.mktemp("scene") / "scene.tif", rasters.scene())


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


@pytest.fixture()
def form(provider, qgis_new_project):
    """Opens forms, and closes them at the end."""
    opened = []

    def opener(**parameters):
        opened.append(open_form(parameters))
        return opened[-1]

    yield opener
    for dialog in opened:
        dialog.close()


@pytest.fixture()
def desktop(provider, qgis_new_project):
    settings.RECENT_MODELS.write(())
    yield Desktop()
    settings.RECENT_MODELS.write(())


@pytest.fixture()
def menu(desktop, monkeypatch):
    monkeypatch.setattr(LayerMenu, "_engine_ready", lambda self, then: True)
    menu = LayerMenu(desktop)
    yield menu
    menu.unload()
    settle()


@pytest.fixture()
def qgis(provider, context, monkeypatch):
    """Runs algorithms as ``qgis_process`` does, in this process."""
    return InProcess(provider, context, monkeypatch)


@pytest.fixture()
def good_scene(scene_file):
    return scene_file
