"""QGIS in the tests' own process (pytest-qgis), with the plugin's provider registered."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

# Without it pytest-qgis keeps a profile in the folder where it is run.
os.environ.setdefault("QGIS_CUSTOM_CONFIG_PATH", str(Path(__file__).resolve().parents[2] / "build" / "qgis-profile"))
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from panel_tools import fresh, tiny  # noqa: F401  (fixtures)


@pytest.fixture(scope="module")
def provider(qgis_processing):
    """The provider as the plugin registers it, with the forms of the desktop."""
    from qgis.core import QgsApplication

    from prithvi_qgis.gui.desktop_forms import FormRegistration
    from prithvi_qgis.plugin import PrithviPlugin

    plugin = PrithviPlugin(None)
    plugin.initProcessing()
    forms = FormRegistration()
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
    import rasters

    return rasters.write(tmp_path_factory.mktemp("scene") / "scene.tif", rasters.scene())
