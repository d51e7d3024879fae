"""The parameters of "Prithvi segment folder"; most are those of "Prithvi segment"."""

from __future__ import annotations

from qgis.core import (
    Qgis,
    QgsProcessingParameterBoolean,
    QgsProcessingParameterDefinition,
    QgsProcessingParameterEnum,
    QgsProcessingParameterFile,
    QgsProcessingParameterFolderDestination,
    QgsProcessingParameterNumber,
    QgsProcessingParameterString,
)

from ...core.folder_runs.file_names import PATTERN
from ..base import helped, tr
from ..parameter_names import BANDS, DATES, FRAMES, INPUT, OUTPUT, POLYGONS, PROBABILITY
from ..segmentation.parameters import segment_parameters

MOST_WORKERS = 1024
# A folder run replaces these, or cannot have them.
_OF_ONE_SCENE = (INPUT, FRAMES, DATES)


def folder_parameters() -> list[QgsProcessingParameterDefinition]:
    """Return new definitions, in the form's order."""
    shared = [p for p in segment_parameters() if not p.isDestination() and p.name() not in _OF_ONE_SCENE]
    for parameter in shared:
        if parameter.name() == BANDS:
            parameter.setMetadata({})  # its table shows one scene's bands
    return [*_scenes(), *shared, *_workers(), *_outputs()]


def _workers() -> list[QgsProcessingParameterDefinition]:
    made = [
        helped(
            QgsProcessingParameterNumber(
                "WORKERS",
                tr("Engines at once (0: one for each GPU)"),
                Qgis.ProcessingNumberParameterType.Integer,
                defaultValue=1,  # several need Ray, which only a user who wants it should get
                minValue=0,
                maxValue=MOST_WORKERS,
            ),
            tr(
                "Each has a GPU of its own; on the CPU, 0 is one. Several need Ray, an optional part of the engine "
                "that is installed when it is first asked for."
            ),
        ),
        helped(
            QgsProcessingParameterString("CLUSTER", tr("Ray cluster (empty: this machine)"), optional=True),
            tr(
                "Address of a Ray cluster, host:port, to which this machine belongs. Its machines need shared storage. "
                "With WORKERS 0 all its GPUs work, with 1 a single one."
            ),
        ),
    ]
    for parameter in made:
        parameter.setFlags(parameter.flags() | Qgis.ProcessingParameterFlag.Advanced)
    return made


def _scenes() -> list[QgsProcessingParameterDefinition]:
    folder = Qgis.ProcessingFileParameterBehavior.Folder
    return [
        helped(
            QgsProcessingParameterFile(INPUT, tr("Folder of scenes, list or STAC items"), folder),
            tr(
                "A folder; or a text file with a path or URL a line (# begins a comment); or a STAC item collection "
                "(.json). The path of a file can be typed or pasted here."
            ),
        ),
        helped(
            QgsProcessingParameterString("PATTERN", tr("File names in the folder"), PATTERN, optional=True),
            tr("Patterns with * and ?, several between semicolons."),
        ),
        helped(
            QgsProcessingParameterBoolean("RECURSIVE", tr("Search folders in the folder, too"), False),
            tr("Masks then lie in folders of the same names. Folders with masks of other runs are left out."),
        ),
    ]


def _outputs() -> list[QgsProcessingParameterDefinition]:
    return [
        helped(
            QgsProcessingParameterFolderDestination(OUTPUT, tr("Folder of masks")),
            tr(
                "Gets a mask for each scene, results.csv with a record for each, summary.json and overview.html. A run "
                "into the same folder goes on where the last one ended."
            ),
        ),
        helped(
            QgsProcessingParameterBoolean(PROBABILITY, tr("Also probabilities"), False),
            tr("A GeoTIFF for each scene with one band a class, how probable each is."),
        ),
        helped(
            QgsProcessingParameterBoolean(POLYGONS, tr("Also polygons"), False),
            tr("A GeoPackage for each scene with the outlines of the classes, their names and areas in square metres."),
        ),
        helped(
            QgsProcessingParameterEnum(
                "MOSAIC",
                tr("Mosaic of all masks"),
                [tr("None"), tr("Virtual raster (VRT)"), tr("Virtual raster and cloud-optimised GeoTIFF")],
                defaultValue=0,
            ),
            tr("One layer over all masks, styled alike; one for each CRS where there are several."),
        ),
        helped(
            QgsProcessingParameterBoolean("OVERWRITE", tr("Segment again what is done"), False),
            tr("Otherwise masks that were made of the same files with the same parameters are kept."),
        ),
        helped(
            QgsProcessingParameterBoolean("ALLOW_FAILURES", tr("Succeed even if scenes fail"), False),
            tr(
                "A scene that fails never stops the others. Afterwards the run counts as failed (exit code 1 of "
                "qgis_process), unless this is set; the records are the same."
            ),
        ),
    ]
