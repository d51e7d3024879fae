"""Names, styles and positions of a run's layers, set once QGIS has loaded them."""

from __future__ import annotations

import contextlib
import enum
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Optional

from qgis.core import (
    QgsMapLayer,
    QgsProcessingContext,
    QgsProcessingFeedback,
    QgsProcessingLayerPostProcessorInterface,
    QgsProject,
    QgsRasterLayer,
    QgsVectorLayer,
)

from ...core.models.model_card import Quantity
from ..base import tr
from ..parameter_names import OUTPUT, POLYGONS, PROBABILITY
from . import layer_tree, styles

if TYPE_CHECKING:
    from ...core.protocol.messages import ClassArea


class LayerKind(enum.IntEnum):
    """The kinds of layers of a run; the higher value is above the lower one in the layer tree."""

    PROBABILITY = 0
    MASK = 1
    POLYGONS = 2


@dataclass(frozen=True)
class LoadedRun:
    """A run whose segmentation is in the project."""

    scene: str
    """Name of the scene's layer."""
    model: str
    """Id of the model."""
    model_folder: str
    """Folder of the model."""
    classes: tuple[ClassArea, ...]
    """Classes with areas; empty for a regression."""
    report: str = ""
    """HTML file, or empty."""
    quantity: Optional[Quantity] = None
    """Quantity of a regression."""
    values: dict[str, float] = field(default_factory=dict)
    """Statistics of a regression, see :class:`.Result`."""


OnLoaded = Callable[[LoadedRun], None]

# The desktop adds its callbacks for finished runs; under qgis_process there are none.
listeners: list[OnLoaded] = []


def notify_listeners(run: LoadedRun) -> None:
    """Call all listeners for a run whose segmentation was loaded."""
    for listener in list(listeners):
        listener(run)


def layer_name(source: str, model: str, kind: LayerKind = LayerKind.MASK, classes: Sequence[ClassArea] = ()) -> str:
    """Return ``source - model``, with the content of a layer that is not the segmentation."""
    name = f"{source} - {model}" if source else model
    if kind is LayerKind.PROBABILITY:
        return tr("{} - probability of {}").format(name, styles.class_of_interest(classes).name)
    if kind is LayerKind.POLYGONS:
        return tr("{} - polygons").format(name)
    return name


# QGIS does not keep a reference to a post-processor, and its algorithm may be deleted before the call. Keyed by the
# path of the layer, so that at most one per file is kept.
_waiting: dict[str, ResultLayer] = {}


class ResultLayer(QgsProcessingLayerPostProcessorInterface):
    """Styles and places one layer of a run, in the project that QGIS loaded it into."""

    def __init__(self, kind: LayerKind, run: LoadedRun, source_id: str, path: str, mask: str, on_loaded: OnLoaded):
        """Wait for the layer of ``path``.

        Args:
            source_id: id of the scene's layer.
            mask: path of the run's segmentation, which identifies the run.
            on_loaded: called when the segmentation is in the project.
        """
        super().__init__()
        self._kind = kind
        self._run = run
        self._source_id = source_id
        self._path = path
        self._mask = mask
        self._on_loaded = on_loaded
        _waiting[path] = self

    def postProcessLayer(
        self, layer: QgsMapLayer, context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> None:
        _waiting.pop(self._path, None)
        self._style(layer)
        layer_tree.mark(layer, self._source_id, self._mask, int(self._kind))
        project = layer.project() or context.project()
        if project is not None:
            with _active_layer_kept(layer):
                layer_tree.put_above_source(layer, project)
            self._hide_beneath_mask(layer, project)
        if self._kind is LayerKind.MASK:
            self._on_loaded(self._run)

    def _style(self, layer: QgsMapLayer) -> None:
        classes = self._run.classes
        chosen = _style_chosen_by_user(self._kind)
        if chosen:
            layer.loadNamedStyle(chosen)
        elif isinstance(layer, QgsVectorLayer):
            styles.style_polygons(layer, classes)
        elif not isinstance(layer, QgsRasterLayer):
            return
        elif self._kind is LayerKind.PROBABILITY:
            styles.style_probability(layer, classes)
        elif self._run.quantity is not None:
            styles.style_values(layer, self._run.quantity, self._run.values)
        else:
            # Processing ignores the style file next to a layer.
            styles.style_mask(layer, classes)
        layer.triggerRepaint()

    def _hide_beneath_mask(self, layer: QgsMapLayer, project: QgsProject) -> None:
        """Hide probabilities: below the transparent segmentation neither would be legible."""
        node = project.layerTreeRoot().findLayer(layer.id())
        if self._kind is LayerKind.PROBABILITY and node is not None:
            node.setItemVisibilityChecked(False)


@contextlib.contextmanager
def _active_layer_kept(layer: QgsMapLayer) -> Iterator[None]:
    """Restore a layer as the active one, since moving its node in the tree deselects it."""
    from qgis.utils import iface

    active = iface is not None and iface.activeLayer() == layer
    yield
    if active:
        iface.setActiveLayer(layer)


def _style_chosen_by_user(kind: LayerKind) -> str:
    """Return the style set in the Toolbox under "Edit rendering styles for outputs"; empty by default."""
    try:
        from processing.gui.RenderingStyles import RenderingStyles
    except ImportError:  # Processing is switched off
        return ""
    output = {LayerKind.MASK: OUTPUT, LayerKind.PROBABILITY: PROBABILITY, LayerKind.POLYGONS: POLYGONS}[kind]
    return RenderingStyles.getStyle("prithvi:segment", output) or ""
