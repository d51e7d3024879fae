"""``prithvi:benchmark``: measures the speed of this machine in every configuration."""

from __future__ import annotations

import datetime
import json
from typing import Optional

from qgis.core import (
    Qgis,
    QgsProcessingContext,
    QgsProcessingFeedback,
    QgsProcessingOutputNumber,
    QgsProcessingOutputString,
    QgsProcessingParameterFileDestination,
    QgsProcessingParameterNumber,
    QgsProcessingParameterRasterLayer,
    QgsProcessingParameterString,
)

from .. import settings
from ..core.errors import ErrorCode, PrithviError
from .base import Parameters, PrithviAlgorithm, Results, search_words, tr
from .engine_selection import choose_variant
from .parameter_names import INPUT, MODEL, OUTPUT, REPORT
from .reports.output_files import check_outputs, write_output
from .scenes import scene_layer
from .segmentation import validation


class Benchmark(PrithviAlgorithm):
    """Times one scene with one model: streaming, plain torch, vLLM's stock IO processor, several batch sizes."""

    def __init__(self) -> None:
        super().__init__()
        self._arguments: list[str] = []
        self._variant = ""

    def name(self) -> str:
        return "benchmark"

    def displayName(self) -> str:
        return tr("Benchmark")

    def shortDescription(self) -> str:
        return tr("Times a scene with a model in every way that the engine knows.")

    def shortHelpString(self) -> str:
        return tr(
            "Segments a scene several times: streaming with the automatic and with other numbers of tiles at once, "
            "with plain torch instead of vLLM, and through vLLM's own IO processor. The outcome is a table with a "
            "chart and a JSON file; no mask is kept.\n\nThe warm engine is ended first, so that nothing else takes the "
            "memory. On a CPU a scene of 1000 x 1000 pixels is large enough."
        )

    def tags(self) -> list[str]:
        return search_words(tr("prithvi,benchmark,speed,performance,time,gpu,cpu,batch,vllm,terratorch,torch"))

    def initAlgorithm(self, configuration: Optional[Parameters] = None) -> None:
        self.addParameter(QgsProcessingParameterRasterLayer(INPUT, tr("Satellite scene")))
        self.addParameter(QgsProcessingParameterString(MODEL, tr("Model"), defaultValue=settings.default_model()))
        kind = Qgis.ProcessingNumberParameterType.Integer
        self.addParameter(QgsProcessingParameterNumber("TIMES", tr("Timed runs of each way"), kind, 3, minValue=1))
        json_files, html_files = tr("JSON files (*.json)"), tr("HTML files (*.html)")
        self.addParameter(QgsProcessingParameterFileDestination(OUTPUT, tr("Figures"), json_files))
        self.addParameter(QgsProcessingParameterFileDestination(REPORT, tr("Report"), html_files, optional=True))
        self.addOutput(QgsProcessingOutputString("DEVICE_NAME", tr("Processor that ran the model")))
        self.addOutput(QgsProcessingOutputNumber("TILES_PER_S", tr("Tiles a second, streaming")))

    def known_to_qgis(self, values: Parameters) -> Parameters:
        return scene_layer.as_checked_by_qgis(values)

    def prepare_run(self, values: Parameters, context: QgsProcessingContext, feedback: QgsProcessingFeedback) -> None:
        if scene_layer.is_product_path(values.get(INPUT)):
            scene = scene_layer.scene_of_path(values[INPUT])
        else:
            layer = self.parameterAsRasterLayer(values, INPUT, context)
            if layer is None:
                raise scene_layer.unreadable(self.parameterAsString(values, INPUT, context))
            scene = scene_layer.scene_of(layer, context)
        if not scene.path or (scene.stated and scene.stated.open_options):
            raise PrithviError(
                ErrorCode.SOURCE_UNSUPPORTED,
                f"The layer {scene.name} is no file that the engine can open by itself.",
                "Save it as a GeoTIFF and use that.",
            )
        card = validation.find_model(self.parameterAsString(values, MODEL, context))
        self._variant = choose_variant(settings.variant())
        times = self.parameterAsInt(values, "TIMES", context)
        self._arguments = [scene.path, "--name", scene.name, "--model", str(card.folder)]
        self._arguments += ["--times", str(times)]

    def execute(self, values: Parameters, context: QgsProcessingContext, feedback: QgsProcessingFeedback) -> Results:
        from ..client.engine import engine_client
        from ..client.engine.benchmark import run_benchmark
        from .reports.benchmark_report import benchmark_page

        def report_progress(percent: float, text: str) -> None:
            feedback.setProgress(percent)
            feedback.setProgressText(text)

        output = self.parameterAsFileOutput(values, OUTPUT, context)
        report = self.parameterAsFileOutput(values, REPORT, context) if values.get(REPORT) else ""
        check_outputs([p for p in (output, report) if p], [self._arguments[0]])  # before minutes of measuring
        if not engine_client.stop(when_idle=True):
            raise PrithviError(
                ErrorCode.ENGINE_BUSY, "The engine is segmenting.", "Run this when it is done, or stop the engine."
            )
        measurements = run_benchmark(self._variant, self._arguments, report_progress, feedback.isCanceled).to_json()
        made = datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds")
        write_output(output, json.dumps({"made": made, **measurements}, indent=1))
        if report:
            write_output(report, benchmark_page(made, measurements))
        best = measurements["ways"][0]
        for way in measurements["ways"]:
            speed = way.get("error") or tr("{:.2f} s, {:.1f} tiles/s").format(way["seconds"], way["tiles_per_s"])
            feedback.pushInfo(f"{way['way']}: {speed}")
        results = {"OUTPUT": output, "DEVICE_NAME": best["device"], "TILES_PER_S": best["tiles_per_s"]}
        return {**results, REPORT: report} if report else results
