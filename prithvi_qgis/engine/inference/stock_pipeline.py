"""vLLM's own path for a whole scene: ``io_processor_plugin="terratorch_segmentation"``, base64 GeoTIFF out.

It cuts the padded scene into tiles that do not overlap, and holds all of it in memory several times. Three steps of
TerraTorch's processor are replaced in a subclass: classes are written as they are (the stock cast of ``class * 255`` to
uint8 is undefined behaviour off x86), coordinates are sent as (latitude, longitude), and a scene without
georeference is distinguished from one at (0, 0).
"""

from __future__ import annotations

import tempfile
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Optional

import numpy as np
import psutil
import rasterio

from ...core.errors import ErrorCode, PrithviError
from ...core.protocol.messages import ClassArea, Progress
from ...core.system.heartbeat import cancelled_error
from ..mask.statistics import MaskStatistics, StageTimer
from ..model.stock_backend import BYTES_PER_PIXEL, StockBackend
from ..prepared_scene import Emit, PreparedScene
from ..reading.raster_source import RasterSource
from ..reading.read_windows import ReadWindow
from ..reading.whole_scene import read_reflectance
from ..tiling.tile_grid import plan_tiles
from ..writing.geotiff_sink import BLOCK
from ..writing.mask_writer import MaskWriter
from ..writing.writer_thread import WriterThread


def run_stock(
    prepared: PreparedScene, backend: StockBackend, emit: Emit
) -> tuple[MaskStatistics, tuple[ClassArea, ...]]:
    """Segment a scene by the stock path. Same outputs and errors as :func:`.stream`."""
    prepared.backend = backend
    request, card, scene, rules = prepared.request, prepared.card, prepared.scene, prepared.rules
    grid = scene.grid
    prepared.plan = plan_tiles(grid.height, grid.width, card.tile, card.tile, 0)
    count = -(-grid.height // card.tile) * -(-grid.width // card.tile)
    with ExitStack() as stack:
        writer = MaskWriter(prepared, stack)
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="prithvi-stock-")))
        with StageTimer(writer.statistics, "read"):
            pixels, empty = read_reflectance(scene)
            if writer.thumbnail is not None:
                writer.thumbnail.scene(ReadWindow(0, 0, *empty.shape), pixels, empty)
            pixels[:, empty] = np.array(card.mean, np.float32)[:, None]  # 0 once normalised
            _write_scene(folder / "scene.tif", scene, pixels)
            del pixels
        with StageTimer(writer.statistics, "infer"):
            answer = _encode(prepared, backend, folder / "scene.tif", count, emit)
        emit(Progress(done=count, total=count, stage="writing"))
        thread = WriterThread(request.output, prepared.heartbeat, prepared.timeouts)
        stack.callback(thread.stop)
        with rasterio.MemoryFile(answer) as memory, memory.open() as src:
            for top in range(0, grid.height, BLOCK):
                rows = slice(top, min(top + BLOCK, grid.height))
                window = rasterio.windows.Window(0, top, grid.width, rows.stop - top)
                classes = src.read(1, window=window)
                classes[np.isin(classes, [c.value for c in rules.ignored])] = rules.nodata
                classes[empty[rows]] = rules.nodata
                thread.put(partial(writer.write, 0, top, classes))
        with StageTimer(writer.statistics, "write"):
            thread.finish()
        writer.statistics.tiles = count
        scene.refuse_changed()
        return writer.statistics, writer.finish()


def refuse_stock(prepared: PreparedScene) -> None:
    """Refuse what the stock path cannot do, before anything is loaded.

    Raises:
        PrithviError: ``parameter_invalid`` or ``out_of_memory``.
    """
    request, card, scene = prepared.request, prepared.card, prepared.scene
    problem = ""
    if request.probability:
        problem = "PROBABILITY was asked for, but the stock IO processor (PIPELINE=1) returns classes only."
    elif len(card.classes) > 254:
        problem = f"{card.id} has {len(card.classes)} classes; the stock IO processor (PIPELINE=1) writes bytes."
    elif request.stride not in (0, card.tile):
        problem = f"STRIDE {request.stride} was given, but the stock IO processor (PIPELINE=1) knows no overlap."
    elif card.units != "reflectance" or card.frames != 1:
        problem = (
            f"{card.id} takes {card.frames} date(s) in {card.units}; the stock path takes one date in reflectance."
        )
    if problem:
        raise PrithviError(ErrorCode.PARAMETER_INVALID, problem, "Use PIPELINE=0.")
    if scene.temporal is not None:
        scene.warnings.append(f"The stock IO processor (PIPELINE=1) tells {card.id} no dates.")
    needed = scene.grid.width * scene.grid.height * BYTES_PER_PIXEL
    free = psutil.virtual_memory().available
    if needed > free:
        raise PrithviError(
            ErrorCode.OUT_OF_MEMORY,
            f"The stock IO processor (PIPELINE=1) would take about {needed / 2**30:.1f} GB for {scene.grid.width} x "
            f"{scene.grid.height} pixels; {free / 2**30:.1f} GB are free.",
            "Use PIPELINE=0, which needs the same memory for every size, or give a smaller EXTENT.",
        )


def _write_scene(path: Path, scene: RasterSource, pixels: np.ndarray) -> None:
    grid = scene.grid
    georeference = {"transform": grid.transform, "crs": grid.crs} if grid.located else {}
    with rasterio.open(
        path,
        "w",
        driver="GTiff",
        width=grid.width,
        height=grid.height,
        count=len(pixels),
        dtype="float32",
        bigtiff="if_safer",
        **georeference,
    ) as out:
        out.write(pixels)


def _encode(prepared: PreparedScene, backend: StockBackend, path: Path, count: int, emit: Emit) -> bytes:
    """Encode with progress and a check for a cancel at every batch, through the model's forward."""
    from ..model import vllm_model

    done = 0
    failure: Optional[PrithviError] = None

    def before(tiles: int) -> None:
        nonlocal done, failure
        if prepared.heartbeat.cancelled:
            failure = cancelled_error()
            raise failure
        prepared.heartbeat.touch()
        emit(Progress(done=done, total=count, stage="segmenting"))
        done += tiles

    vllm_model.before_forward = before
    try:
        return backend.encode(path, len(prepared.card.bands))
    except Exception:
        if failure:
            raise failure from None
        raise
    finally:
        vllm_model.before_forward = None
