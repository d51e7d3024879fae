"""Reads scenes off the main thread, so that a slow disk or URL never blocks QGIS."""

from __future__ import annotations

import contextlib
import dataclasses
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Optional

from osgeo import gdal
from qgis.core import (
    Qgis,
    QgsMapLayer,
    QgsProcessingContext,
    QgsProcessingUtils,
    QgsProject,
    QgsRasterLayer,
)
from qgis.PyQt.QtCore import QObject, QTimer, pyqtSignal

from ...algorithms.scenes.layer_metadata import crs_text, gdal_source, stated_by, stated_of_product
from ...algorithms.scenes.product_files import product_at
from ...algorithms.scenes.scene_layer import band_description, part_note, topmost_band
from ...algorithms.scenes.scene_preview import SceneFacts, preview_scene, read_facts
from ...core.errors import ErrorCode, PrithviError
from ...core.protocol.stated_metadata import StatedMetadata
from ...core.scenes.dates import date_in_name
from ...core.scenes.gdal_names import without_secrets
from ...core.system.timeouts import TIMEOUTS

# A server that does not answer must not block a thread for ever. With several decoding threads GDAL reads a damaged
# JPEG 2000 file without an error.
_GDAL_OPTIONS = {"GDAL_HTTP_CONNECTTIMEOUT": "10", "GDAL_HTTP_TIMEOUT": "30", "GDAL_NUM_THREADS": "1"}


@dataclass(frozen=True)
class ChosenScene:
    """A snapshot of the scene chosen in the form, for use in other threads."""

    name: str
    """Name for messages."""
    location: str
    """Path, or the layer's GDAL source; empty for other providers."""
    bands: tuple[str, ...] = ()
    """Descriptions of a layer without a path."""
    alphas: tuple[int, ...] = ()
    """1-based numbers of the layer's alpha bands."""
    crs: str = ""
    """``EPSG:...`` or well-known text, as the user sees it; empty for a path."""
    stated: Optional[StatedMetadata] = None
    """What the layer states other than its file."""


def chosen_scene(value: object, project: QgsProject) -> Optional[ChosenScene]:
    """Return the scene behind a raster parameter's value, without loading a layer; None where nothing is chosen."""
    if isinstance(value, QgsMapLayer):
        layer: Optional[QgsMapLayer] = value
        text = ""
    else:
        text = str(value or "").strip()
        if not text:
            return None
        context = QgsProcessingContext()
        context.setProject(project)
        layer = QgsProcessingUtils.mapLayerFromString(text, context, False)
    if layer is None:
        band = topmost_band(text, project)
        return ChosenScene(Path(text).name, text, stated=stated_by(band) if band else None)
    provider = layer.dataProvider()
    if not isinstance(layer, QgsRasterLayer) or provider is None:
        return ChosenScene(layer.name(), layer.source())
    numbers = range(1, layer.bandCount() + 1)
    alpha = Qgis.RasterColorInterpretation.AlphaBand
    return ChosenScene(
        layer.name() or Path(layer.source()).name,
        layer.source() if provider.name() == "gdal" else "",
        tuple(band_description(layer.bandName(n)) for n in numbers),
        tuple(n for n in numbers if provider.colorInterpretation(n) == alpha),
        crs_text(layer.crs()),
        stated_by(layer),
    )


class SceneReader(QObject):
    """Delivers results through signals, on the thread that created it; only the latest request is answered."""

    facts_read = pyqtSignal(object)  # SceneFacts or PrithviError
    previewed = pyqtSignal(object)  # ScenePreview or PrithviError
    all_read = pyqtSignal(object)  # SceneFacts or PrithviError of each scene
    _done = pyqtSignal(int, object, object)

    def __init__(self, parent: Optional[QObject] = None) -> None:
        super().__init__(parent)
        self._latest = 0
        self._job: Callable[[], object] = lambda: None
        self._signal: Any = self.facts_read
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(TIMEOUTS.typing_pause_ms)  # one request per number, not per digit
        self._timer.timeout.connect(self._start)
        self._done.connect(self._answer)

    def read(self, source: ChosenScene) -> None:
        """Request the metadata of a scene."""
        self._request(lambda: _facts(source), self.facts_read)

    def read_all(self, sources: Sequence[ChosenScene]) -> None:
        """Request the metadata of several scenes; one that cannot be read does not hide the others."""
        self._request(lambda: [_facts_or_problem(source) for source in sources], self.all_read)

    def preview(self, facts: SceneFacts, *choices: Any) -> None:
        """Request a preview; the arguments are those of ``preview_scene``."""
        self._request(lambda: preview_scene(facts, *choices), self.previewed)

    def discard(self) -> None:
        """Drop the results of earlier requests."""
        self._latest += 1
        self._timer.stop()

    def _request(self, job: Callable[[], object], signal: Any) -> None:
        self._latest += 1
        self._job, self._signal = job, signal
        self._timer.start()

    def _start(self) -> None:
        # A separate thread, because all threads of the task manager may be waiting for the engine; a daemon, because
        # a server that does not answer must not keep QGIS from closing.
        threading.Thread(target=self._work, args=(self._latest, self._job, self._signal), daemon=True).start()

    def _work(self, number: int, job: Callable[[], object], signal: Any) -> None:
        for name, value in _GDAL_OPTIONS.items():
            gdal.SetThreadLocalConfigOption(name, value)
        try:
            answer = job()
        except PrithviError as e:
            answer = e
        except Exception as e:  # no other handler would report it
            what = " ".join(f"{type(e).__name__}: {e}".split())
            answer = PrithviError(ErrorCode.INTERNAL, f"The scene could not be looked at: {what}.")
        with contextlib.suppress(RuntimeError):  # the form was closed meanwhile
            self._done.emit(number, signal, answer)

    def _answer(self, number: int, signal: Any, answer: object) -> None:
        if number == self._latest:
            signal.emit(answer)


def _facts_or_problem(source: ChosenScene) -> SceneFacts | PrithviError:
    try:
        return _facts(source)
    except PrithviError as e:
        return e


def _facts(source: ChosenScene) -> SceneFacts:
    if source.location:  # QGIS's GDAL also opens what is copied for the engine
        path = gdal_source(source.location).location
        shown = Path(without_secrets(path))
        name = shown.name if source.name == shown.stem else source.name
        product = product_at(path)
        stated = stated_of_product(source.stated, len(product.bands))[0] if product else source.stated
        facts = read_facts(path, name, stated)
        part = part_note(source.location)
        return dataclasses.replace(facts, notes=(part, *facts.notes)) if part else facts
    date = date_in_name(source.name)
    return SceneFacts(source.name, "", source.bands, alphas=source.alphas, crs=source.crs, date=date)
