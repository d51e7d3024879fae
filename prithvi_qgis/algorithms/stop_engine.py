"""``prithvi:stopengine``: stops the engine and frees its memory."""

from __future__ import annotations

from typing import Optional

from qgis.core import (
    QgsProcessingContext,
    QgsProcessingFeedback,
    QgsProcessingOutputBoolean,
    QgsProcessingParameterBoolean,
)

from .base import Parameters, PrithviAlgorithm, Results, search_words, tr


class StopEngine(PrithviAlgorithm):
    """Stops the engine, by force when it does not answer."""

    def name(self) -> str:
        return "stopengine"

    def displayName(self) -> str:
        return tr("Stop the engine")

    def shortDescription(self) -> str:
        return tr("Ends the warm engine and frees its memory.")

    def shortHelpString(self) -> str:
        return tr(
            "Ends the segmentation engine that stays warm between runs, and frees its memory on the computer and the "
            "GPU. A running segmentation fails, unless the engine is to be left alone while it works. The next "
            "segmentation starts the engine again."
        )

    def tags(self) -> list[str]:
        return search_words(tr("prithvi,engine,stop,kill,end,gpu,memory,free,vllm"))

    def initAlgorithm(self, configuration: Optional[Parameters] = None) -> None:
        self.addParameter(
            QgsProcessingParameterBoolean("WHEN_IDLE", tr("Leave it alone while it works"), defaultValue=False)
        )
        self.addOutput(QgsProcessingOutputBoolean("STOPPED", tr("No engine runs any more")))

    def execute(self, values: Parameters, context: QgsProcessingContext, feedback: QgsProcessingFeedback) -> Results:
        from ..client.engine import engine_client, process

        ran = process.engine_pid() is not None
        stopped = engine_client.stop(when_idle=self.parameterAsBool(values, "WHEN_IDLE", context))
        if not ran:
            feedback.pushInfo(tr("No engine was running."))
        elif stopped:
            feedback.pushInfo(tr("The engine has ended."))
        else:
            feedback.pushInfo(tr("The engine works; it was left alone."))
        return {"STOPPED": stopped}
