"""``prithvi:segmentfolder``: segments a folder of scenes into a folder of masks, with a record of each."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Optional

from qgis.core import (
    QgsProcessingContext,
    QgsProcessingException,
    QgsProcessingFeedback,
    QgsProcessingOutputFile,
    QgsProcessingOutputNumber,
    QgsProcessingOutputVariant,
)

from ..core.errors import ErrorCode, PrithviError
from .base import Parameters, Results, search_words, tr
from .folder_runs.parameters import folder_parameters
from .parameter_names import OUTPUT
from .segmentation.base import SegmentationAlgorithm

if TYPE_CHECKING:
    from .folder_runs.read_parameters import FolderJob


class SegmentFolder(SegmentationAlgorithm):
    """Segments every scene of a folder, a list or a STAC item collection; resumes an earlier run."""

    def __init__(self) -> None:
        super().__init__()
        self._job: Optional[FolderJob] = None

    def name(self) -> str:
        return "segmentfolder"

    def displayName(self) -> str:
        return tr("Prithvi segment folder")

    def shortDescription(self) -> str:
        return tr("Segments every scene of a folder, a list or a STAC item collection, and keeps a record of each.")

    def shortHelpString(self) -> str:
        return "\n\n".join(
            (
                tr(
                    "Segments many scenes with one model. Small scenes share batches, and the next scene is read while "
                    "the model works on this one."
                ),
                tr(
                    "<b>What you get:</b> for each scene a mask on its own grid; <i>results.csv</i> with a row a scene "
                    "(areas, speed, or what went wrong), <i>summary.json</i>, and <i>overview.html</i> with pictures; "
                    "on demand one mosaic over all masks, which is loaded into the project."
                ),
                tr(
                    "<b>A scene that cannot be read or does not fit</b> is recorded, and the others go on. <b>Run it "
                    "again</b> after a cancel, a crash or new scenes: what is done with the same parameters is kept."
                ),
                tr(
                    "<b>Several GPUs or machines:</b> Engines at once, and Ray cluster. A worker that is lost is "
                    "replaced, and its scenes are done again."
                ),
            )
        )

    def tags(self) -> list[str]:
        return search_words(
            tr(
                "prithvi,ai,deep learning,segmentation,semantic,classification,flood,water,burn scar,satellite,batch,"
                "folder,many,bulk,production,stac,mosaic,time series,server,resume,terratorch,vllm"
            )
        )

    def initAlgorithm(self, configuration: Optional[Parameters] = None) -> None:
        for parameter in folder_parameters():
            self.addParameter(parameter)
        self.addOutput(QgsProcessingOutputFile("RESULTS", tr("Records (CSV)")))
        self.addOutput(QgsProcessingOutputFile("SUMMARY", tr("Summary (JSON)")))
        self.addOutput(QgsProcessingOutputFile("OVERVIEW", tr("Overview (HTML)")))
        self.addOutput(QgsProcessingOutputVariant("MOSAICS", tr("Files of the mosaic")))
        self.addOutput(QgsProcessingOutputNumber("SCENES", tr("Scenes")))
        self.addOutput(QgsProcessingOutputNumber("DONE", tr("Scenes segmented by this run")))
        self.addOutput(QgsProcessingOutputNumber("SKIPPED", tr("Scenes that were done already")))
        self.addOutput(QgsProcessingOutputNumber("FAILED", tr("Scenes that failed")))

    def read_job(self, values: Parameters, context: QgsProcessingContext) -> FolderJob:
        from .folder_runs.read_parameters import read_parameters

        return read_parameters(self, values, context)

    def prepare_run(self, values: Parameters, context: QgsProcessingContext, feedback: QgsProcessingFeedback) -> None:
        from .folder_runs.read_parameters import with_network

        self._job = with_network(self.read_job(values, context))

    def execute(self, values: Parameters, context: QgsProcessingContext, feedback: QgsProcessingFeedback) -> Results:
        from .folder_runs import run_folder

        if self._job is None:
            raise QgsProcessingException("The algorithm was run without being prepared.")
        text = self.parameterAsFileOutput(values, OUTPUT, context)  # resolves temporary folders
        if not text:
            raise PrithviError(ErrorCode.OUTPUT_UNWRITABLE, "OUTPUT is empty.", "Give a folder for the masks.")
        return run_folder.run_folder(self._job, Path(text).absolute(), context, feedback)
