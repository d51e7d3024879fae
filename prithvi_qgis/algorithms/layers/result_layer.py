"""What happens to a run's layers once QGIS has loaded them: name, style, place in the layer tree."""

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


class Kind(enum.IntEnum):
    """The layers of a run; a higher one stands above a lower one in the layer tree."""

    PROBABILITY = 0
    MASK = 1
    POLYGONS = 2


@dataclass(frozen=True)
class LoadedRun:
    """A run whose mask stands in the project.

    Attributes:
        scene: name of the scene's layer; model, model_folder: the model's id, and where it is.
        classes: with areas; report: HTML file, or empty.
        quantity, values: of a regression, which has no classes; see ``messages.Result``.
    """

    scene: str
    model: str
    model_folder: str
    classes: tuple[ClassArea, ...]
    report: str = ""
    quantity: Optional[Quantity] = None
    values: dict[str, float] = field(default_factory=dict)


OnLoaded = Callable[[LoadedRun], None]

# The desktop listens here for finished runs; nobody does under qgis_process.
listeners: list[OnLoaded] = []


def notify_listeners(run: LoadedRun) -> None:
    """Tell everybody who listens that a run's mask was loaded."""
    for listener in list(listeners):
        listener(run)


def layer_name(source: str, model: str, kind: Kind = Kind.MASK, classes: Sequence[ClassArea] = ()) -> str:
    """``source - model``, as it stands in the layer tree, and what it shows where that is not the mask."""
    name = f"{source} - {model}" if source else model
    if kind is Kind.PROBABILITY:
        return tr("{} - probability of {}").format(name, styles.class_of_interest(classes).name)
    if kind is Kind.POLYGONS:
        return tr("{} - polygons").format(name)
    return name


# QGIS keeps no reference to a post-processor, and the algorithm that made it may be gone by the time it is called:
# without this one it would be lost. By the path of its layer, so that there is never more than one for a file.
_waiting: dict[str, ResultLayer] = {}


class ResultLayer(QgsProcessingLayerPostProcessorInterface):
    """Styles and places one layer of a run, in the project that QGIS loaded it into."""

    def __init__(self, kind: Kind, run: LoadedRun, source_id: str, path: str, mask: str, on_loaded: OnLoaded):
        """Wait for the layer of ``path``.

        Args:
            source_id: id of the scene's layer, to stand beside it.
            mask: path of the run's mask, which tells one run from another.
            on_loaded: told when the mask is in the project.
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
                layer_tree.put_beside_source(layer, project)
            self._hide_beneath_mask(layer, project)
        if self._kind is Kind.MASK:
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
        elif self._kind is Kind.PROBABILITY:
            styles.style_probability(layer, classes)
        elif self._run.quantity is not None:
            styles.style_values(layer, self._run.quantity, self._run.values)
        else:
            # Processing loads layers without the style that lies beside them.
            styles.style_mask(layer, classes)
        layer.triggerRepaint()

    def _hide_beneath_mask(self, layer: QgsMapLayer, project: QgsProject) -> None:
        """Leave probabilities unticked: drawn through the mask above, neither could be read."""
        node = project.layerTreeRoot().findLayer(layer.id())
        if self._kind is Kind.PROBABILITY and node is not None:
            node.setItemVisibilityChecked(False)


@contextlib.contextmanager
def _active_layer_kept(layer: QgsMapLayer) -> Iterator[None]:
    """Moving a node in the tree unselects it; select it again if it was."""
    from qgis.utils import iface

    active = iface is not None and iface.activeLayer() == layer
    yield
    if active:
        iface.setActiveLayer(layer)


def _style_chosen_by_user(kind: Kind) -> str:
    """The style set in the Toolbox under "Edit rendering styles for outputs"; empty by default."""
    try:
        from processing.gui.RenderingStyles import RenderingStyles
    except ImportError:  # Processing is switched off
        return ""
    output = {Kind.MASK: OUTPUT, Kind.PROBABILITY: PROBABILITY, Kind.POLYGONS: POLYGONS}[kind]
    return RenderingStyles.getStyle("prithvi:segment", output) or ""
