"""The parameters of "Prithvi segment", each with its help."""

from __future__ import annotations

from qgis.core import (
    Qgis,
    QgsProcessingParameterDefinition,
    QgsProcessingParameterEnum,
    QgsProcessingParameterExtent,
    QgsProcessingParameterFileDestination,
    QgsProcessingParameterMultipleLayers,
    QgsProcessingParameterNumber,
    QgsProcessingParameterRasterDestination,
    QgsProcessingParameterRasterLayer,
    QgsProcessingParameterString,
    QgsProcessingParameterVectorDestination,
)

from ... import settings
from .. import parameter_names as ids
from ..base import helped, tr
from ..desktop_forms import with_widget

_INTEGER = Qgis.ProcessingNumberParameterType.Integer
_DOUBLE = Qgis.ProcessingNumberParameterType.Double


def segment_parameters() -> list[QgsProcessingParameterDefinition]:
    """Return new definitions, in the form's order; rarely used ones are advanced."""
    return [*_scene(), *_reading(), *_deciding(), *_running(), *_outputs()]


def _scene() -> list[QgsProcessingParameterDefinition]:
    return [
        helped(
            QgsProcessingParameterRasterLayer(ids.INPUT, tr("Satellite scene")),
            tr(
                "A raster with the bands that the model needs, such as Sentinel-2, Landsat or HLS; or a Sentinel-2 "
                "product as it is downloaded: the .SAFE folder, its MTD_MSIL1C.xml or MTD_MSIL2A.xml, or the .zip."
            ),
        ),
        helped(
            with_widget(QgsProcessingParameterString(ids.MODEL, tr("Model"), defaultValue=settings.default_model())),
            tr("A model's id, such as demo-water, or a folder with a model.json."),
        ),
        helped(
            with_widget(QgsProcessingParameterString(ids.BANDS, tr("Band numbers (empty: find them)"), optional=True)),
            tr(
                "Numbers of the scene's bands in the model's order, counted from 1, such as 2,3,4,9,12,13. Empty finds "
                "them by their descriptions."
            ),
        ),
        helped(
            QgsProcessingParameterExtent(ids.EXTENT, tr("Part of the scene (empty: all of it)"), optional=True),
            tr("Only this part is segmented, cut to whole pixels of the scene."),
        ),
    ]


def _reading() -> list[QgsProcessingParameterDefinition]:
    return [
        _advanced(
            QgsProcessingParameterMultipleLayers(
                ids.FRAMES, tr("Further dates"), Qgis.ProcessingSourceType.Raster, optional=True
            ),
            tr("Further dates of the same place, for models that look at several dates. Others refuse them."),
        ),
        _advanced(
            with_widget(QgsProcessingParameterString(ids.DATES, tr("Dates (empty: find them)"), optional=True)),
            tr(
                "When scene and further dates were taken, in this order, such as 2023-03-14,2023-05-20,2023-07-01. "
                "What is left empty is found in the metadata or the file's name."
            ),
        ),
        _advanced(
            QgsProcessingParameterEnum(ids.SENSOR, tr("Sensor"), [tr("Automatic"), *sensor_titles()], defaultValue=0),
            tr(
                "Order of the bands, scaling and nodata of files that do not tell them. Automatic takes what names and "
                "tags tell."
            ),
        ),
        _advanced(
            QgsProcessingParameterNumber(ids.SCALE, tr("Scale"), _DOUBLE, optional=True),
            tr("reflectance = value x scale + offset. Empty takes it from the scene's tags or from the model."),
        ),
        _advanced(
            QgsProcessingParameterNumber(ids.OFFSET, tr("Offset"), _DOUBLE, optional=True),
            tr("See Scale. Sentinel-2 products since January 2022 have -0.1; it is found where their tags tell it."),
        ),
        _advanced(
            QgsProcessingParameterNumber(
                ids.RESOLUTION, tr("Pixel size, metres (empty: the scene's own)"), _DOUBLE, optional=True, minValue=0.0
            ),
            tr("Scene and mask are resampled to it. Take the model's where the scene's is more than twice as far off."),
        ),
        _advanced(
            QgsProcessingParameterEnum(
                ids.RESAMPLING, tr("Resampling"), [tr("Bilinear"), tr("Nearest"), tr("Cubic")], defaultValue=0
            ),
            tr("For another pixel size, and for further dates that lie on other pixels than the scene."),
        ),
    ]


def sensor_titles() -> list[str]:
    """Return the titles of the presets in ``core.scenes.sensors``, in their order."""
    return [
        tr("Sentinel-2 L1C before baseline 04.00"),
        tr("Sentinel-2 L1C from baseline 04.00"),
        tr("Sentinel-2 L2A before baseline 04.00"),
        tr("Sentinel-2 L2A from baseline 04.00"),
        "HLS S30",
        "HLS L30",
        tr("Landsat 8/9 Collection 2 Level 2"),
    ]


def _deciding() -> list[QgsProcessingParameterDefinition]:
    return [
        _advanced(
            QgsProcessingParameterString(ids.MIN_PROBABILITY, tr("Minimum probability (empty: none)"), optional=True),
            tr(
                "Where the most probable class is less probable, the mask says unsure. 0.6 for every class, or "
                "Water=0.7, 0=0.5 by name or value."
            ),
        ),
        _advanced(
            QgsProcessingParameterString(ids.MIN_AREA, tr("Smallest patch (empty: all stay)"), optional=True),
            tr("Smaller patches go to their largest neighbour. 25 px, 5000 m2 or 0.5 ha."),
        ),
        _advanced(
            QgsProcessingParameterString(ids.IGNORE_CLASSES, tr("Classes to ignore"), optional=True),
            tr("Names or values, separated by commas. What the model calls so has no data in the mask."),
        ),
    ]


def _running() -> list[QgsProcessingParameterDefinition]:
    return [
        _advanced(
            QgsProcessingParameterNumber(
                ids.STRIDE, tr("Step between tiles (0: the model's)"), _INTEGER, 0, minValue=0
            ),
            tr("In pixels. Smaller steps overlap more, smoother and slower; the size of a tile means no overlap."),
        ),
        _advanced(
            QgsProcessingParameterEnum(
                ids.PIPELINE, tr("Pipeline"), [tr("Streaming"), tr("vLLM's own IO processor")], defaultValue=0
            ),
            tr("Streaming works piece by piece. The other is vLLM's own path, without overlap, for comparison."),
        ),
        _advanced(
            QgsProcessingParameterEnum(ids.DEVICE, tr("Device"), [tr("Automatic"), "CUDA", "CPU"], defaultValue=0),
            tr("Automatic takes the GPU when the CUDA engine is installed, else the CPU."),
        ),
        _advanced(
            QgsProcessingParameterNumber(ids.BATCH_SIZE, tr("Tiles at once (0: automatic)"), _INTEGER, 0, minValue=0),
            tr("vLLM's max_num_seqs. More is faster on a GPU as long as its memory lasts."),
        ),
        _advanced(
            QgsProcessingParameterNumber(
                "GPU_MEMORY", tr("Share of the GPU's memory (0: automatic)"), _DOUBLE, 0.0, minValue=0.0, maxValue=1.0
            ),
            tr("vLLM's gpu_memory_utilization, from 0 to 1."),
        ),
        _advanced(
            QgsProcessingParameterNumber(
                ids.KEEP_WARM, tr("Keep the engine warm, minutes (empty: as set)"), _DOUBLE, optional=True, minValue=0.0
            ),
            tr("The engine ends after so many minutes without work; the next run then starts it again."),
        ),
    ]


def _outputs() -> list[QgsProcessingParameterDefinition]:
    return [
        helped(
            QgsProcessingParameterRasterDestination(ids.OUTPUT, tr("Mask")),
            tr(
                "GeoTIFF with one value a class, 255 where the scene has no data, on exactly the scene's grid. Of a "
                "model that predicts a quantity, its numbers."
            ),
        ),
        helped(
            QgsProcessingParameterRasterDestination(
                ids.PROBABILITY, tr("Probabilities"), optional=True, createByDefault=False
            ),
            tr("GeoTIFF with one band a class, how probable each is."),
        ),
        helped(
            QgsProcessingParameterVectorDestination(
                ids.POLYGONS,
                tr("Polygons"),
                Qgis.ProcessingSourceType.VectorPolygon,
                optional=True,
                createByDefault=False,
            ),
            tr("GeoPackage with the outlines of the classes, their names and areas in square metres."),
        ),
        helped(
            QgsProcessingParameterFileDestination(
                ids.REPORT, tr("Report"), tr("HTML files (*.html)"), optional=True, createByDefault=True
            ),
            tr("HTML page with a picture, the areas, and how the mask was made."),
        ),
    ]


def _advanced(parameter: QgsProcessingParameterDefinition, text: str) -> QgsProcessingParameterDefinition:
    parameter.setFlags(parameter.flags() | Qgis.ProcessingParameterFlag.Advanced)
    return helped(parameter, text)
