"""What QGIS sees of the plugin."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
from qgis.core import Qgis, QgsApplication, QgsProcessingParameterDefinition
from qgis.PyQt.QtCore import QSize

from prithvi_qgis import classFactory
from prithvi_qgis.plugin import PrithviPlugin

NAMES = [
    "benchmark",
    "downloadmodel",
    "enginestatus",
    "evaluate",
    "exportbundle",
    "importmodel",
    "installengine",
    "samplepoints",
    "segment",
    "segmentfolder",
    "stopengine",
]


def registered() -> bool:
    return QgsApplication.processingRegistry().providerById("prithvi") is not None


def test_plugin_loads_unloads_and_loads_again(qgis_processing):
    plugin = classFactory(None)
    assert isinstance(plugin, PrithviPlugin)
    for _ in range(3):
        plugin.initGui()
        assert registered()
        plugin.initProcessing()  # QGIS may call both
        plugin.unload()
        plugin.unload()
        assert not registered()


def test_provider_offers_each_algorithm(provider):
    assert sorted(a.name() for a in provider.algorithms()) == NAMES


def test_only_geotiff_and_geopackage_are_offered(provider):
    assert provider.supportedOutputRasterLayerExtensions() == ["tif"]
    assert provider.supportedOutputVectorLayerExtensions() == ["gpkg"]
    assert provider.defaultRasterFileExtension() == "tif"


@pytest.mark.parametrize("name", NAMES)
def test_each_algorithm_explains_itself(provider, name):
    algorithm = provider.algorithm(name)
    assert algorithm.displayName()
    assert algorithm.shortDescription()
    assert len(algorithm.shortHelpString()) > 100
    assert "prithvi" in algorithm.tags()
    assert not algorithm.flags() & Qgis.ProcessingAlgorithmFlag.Deprecated
    assert type(algorithm.create()) is type(algorithm)


@pytest.mark.parametrize("size", [16, 24, 64])
def test_icon_is_drawn_at_every_size(provider, size):
    image = provider.icon().pixmap(QSize(size, size)).toImage()
    colours = {image.pixelColor(x, y).name() for x in range(size) for y in range(size)}
    assert len(colours) > 4


def test_parameters_of_segment_have_their_fixed_names(segment):
    assert [p.name() for p in segment.parameterDefinitions()] == [
        *(
            "INPUT",
            "MODEL",
            "BANDS",
            "EXTENT",
            "FRAMES",
            "DATES",
            "SENSOR",
            "SCALE",
            "OFFSET",
            "RESOLUTION",
            "RESAMPLING",
        ),
        *("MIN_PROBABILITY", "MIN_AREA", "IGNORE_CLASSES", "STRIDE", "PIPELINE", "DEVICE"),
        *("BATCH_SIZE", "GPU_MEMORY", "KEEP_WARM", "OUTPUT", "PROBABILITY", "POLYGONS", "REPORT"),
    ]
    assert segment.parameterDefinition("MODEL").defaultValue() == "demo-water"
    outputs = {o.name() for o in segment.outputDefinitions()}
    assert {"OUTPUT", "DEVICE_NAME", "TILES", "SECONDS", "CLASS_AREAS"} <= outputs


def test_each_parameter_of_segment_has_help(segment):
    for parameter in segment.parameterDefinitions():
        assert parameter.help().endswith("."), parameter.name()


def test_only_the_everyday_parameters_show_at_first(segment):
    advanced = Qgis.ProcessingParameterFlag.Advanced
    shown = [p.name() for p in segment.parameterDefinitions() if not p.flags() & advanced]
    assert shown == ["INPUT", "MODEL", "BANDS", "EXTENT", "OUTPUT", "PROBABILITY", "POLYGONS", "REPORT"]


def test_only_input_has_to_be_given(segment):
    optional = Qgis.ProcessingParameterFlag.Optional
    needed = [
        p.name()
        for p in segment.parameterDefinitions()
        if not p.flags() & optional and p.defaultValue() is None and not p.isDestination()
    ]
    assert needed == ["INPUT"]
    assert isinstance(segment.parameterDefinition("INPUT"), QgsProcessingParameterDefinition)


def test_importing_the_package_needs_no_qgis():
    code = "import sys, json, prithvi_qgis, prithvi_qgis.client.engine.engine_client, prithvi_qgis.client.install.engine_installer\n"
    code += "print(json.dumps([m for m in sys.modules if m.split('.')[0] in ('qgis', 'osgeo', 'numpy')]))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert json.loads(done.stdout) == []
