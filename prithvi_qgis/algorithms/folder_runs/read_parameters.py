"""Reading the parameters of "Prithvi segment folder"."""

from __future__ import annotations

import dataclasses
import os
from dataclasses import dataclass

from qgis.core import QgsProcessingAlgorithm, QgsProcessingContext

from ... import network, settings
from ...core.errors import ErrorCode, PrithviError
from ...core.folder_runs.folder_run import FolderRunOptions
from ...core.models import catalogue
from ...core.models.model_card import ModelCard
from ...core.protocol import messages
from ...core.scenes.granules import is_granule
from ..base import Parameters
from ..engine_selection import choose_variant
from ..parameter_names import EXTENT, INPUT, MODEL, POLYGONS, PROBABILITY
from ..scenes.layer_metadata import crs_text
from ..scenes.scene_layer import SceneLayer
from ..segmentation import validation
from ..segmentation.read_parameters import Reader, read_request
from .workers import Workers

_ANY_BAND = 65535  # the number of bands of each scene is known when it is opened


@dataclass(frozen=True)
class FolderJob:
    """What a run needs. Scenes are searched for later, off the main thread."""

    input: str
    """A folder, a list of scenes or a STAC item collection, as the user wrote it."""
    pattern: str
    recursive: bool
    card: ModelCard
    template: messages.Segment
    """The request of every scene, without its files."""
    options: FolderRunOptions
    allow_failures: bool
    variant: str
    workers: Workers


def read_parameters(
    algorithm: QgsProcessingAlgorithm, parameters: Parameters, context: QgsProcessingContext
) -> FolderJob:
    """Read and check; on the main thread. Starts nothing and writes nothing.

    Raises:
        PrithviError: the first value that is wrong.
    """
    reader = Reader(algorithm, parameters, context)
    card = validation.find_model(reader.text(MODEL))
    catalogue.require_ready(card)
    _refuse_dates(card)
    source = reader.text(INPUT)
    local = os.path.expanduser(source)
    if "://" not in source and not os.path.exists(local) and not is_granule(local):
        raise PrithviError(
            ErrorCode.SOURCE_UNREADABLE,
            f"INPUT {source} does not exist.",
            "Give a folder, a list of scenes or a STAC item collection.",
        )
    crs = algorithm.parameterAsExtentCrs(parameters, EXTENT, context)
    extent = reader.extent(EXTENT, crs)
    any_scene = SceneLayer("", "", [], _ANY_BAND)
    template = read_request(reader, card, any_scene, extent, validation.Outputs(""))
    if extent is not None and crs.isValid():
        template = dataclasses.replace(template, extent_crs=crs_text(crs))
    workers = Workers(reader.integer("WORKERS"), reader.text("CLUSTER").strip())
    workers.check()
    return FolderJob(
        input=source,
        pattern=reader.text("PATTERN"),
        recursive=reader.flag("RECURSIVE"),
        card=card,
        template=template,
        options=FolderRunOptions(
            probability=reader.flag(PROBABILITY),
            polygons=reader.flag(POLYGONS),
            overwrite=reader.flag("OVERWRITE"),
            mosaic=reader.choice("MOSAIC"),
            metrics=settings.metrics(),
        ),
        allow_failures=reader.flag("ALLOW_FAILURES"),
        variant=choose_variant(template.device),
        workers=workers,
    )


def with_network(job: FolderJob) -> FolderJob:
    """Return ``job`` with QGIS's proxy and certificates where Ray may have to be installed; on the main thread."""
    if not job.workers.may_be_several(job.variant):
        return job
    workers = dataclasses.replace(job.workers, network=network.network(), authorities=network.own_authorities())
    return dataclasses.replace(job, workers=workers)


def _refuse_dates(card: ModelCard) -> None:
    if card.frames > 1:
        raise PrithviError(
            ErrorCode.PARAMETER_INVALID,
            f"{card.id} looks at {card.frames} dates at once, and here every scene is segmented by itself.",
            "Use prithvi:segment with FRAMES, or a model of one date.",
        )
