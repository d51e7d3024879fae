"""``segment`` of the engine's command line: scenes in, masks out, without QGIS and without a server.

One scene to one ``.tif``, or many to a folder with the same records, resuming and file names as
``prithvi:segmentfolder``. Results go to standard output, everything else to standard error.

Exit codes: 0 every scene has its mask; 1 a scene failed, or all of them for one reason; 2 wrong arguments; 130
interrupted (what is complete stays, the same command goes on).
"""

from __future__ import annotations

import argparse
import base64
import dataclasses
import json
import signal
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import IO, Any

from ...core.errors import ErrorCode, PrithviError
from ...core.folder_runs.folder_run import FolderRun, FolderRunOptions
from ...core.folder_runs.records import RECORDS
from ...core.folder_runs.scene_discovery import SceneSource, find_scenes, holds_scenes, single_scene, with_own_stems
from ...core.masks.mask_options import check_mask_options, read_ignore_classes, read_min_probability
from ...core.models.catalogue import require_ready
from ...core.models.model_card import ModelCard, find_model
from ...core.protocol.messages import Log, Message, Progress, Result, SceneDone, SceneFailed, Segment
from ...core.scenes.dates import read_dates
from ...core.scenes.granules import is_granule
from ...core.system import paths
from ...core.system.heartbeat import Heartbeat
from ..device.worker_count import wanted_workers
from ..failures import failure
from ..inference.segment_scene import run_segment
from ..many.rasterio_tool import RasterioTool
from ..many.segment_many import segment_many
from ..model.model_loader import Loader
from ..prepared_scene import Emit
from .progress_bar import ProgressLine
from .segment_arguments import MOSAICS

INTERRUPTED = 130
_RASTERS = (".tif", ".tiff")


def segment_all(options: argparse.Namespace, out: IO[str], variant: str) -> int:
    """Segment every input; one that fails does not stop the others. Returns the exit code."""
    with tempfile.TemporaryDirectory(prefix="prithvi-stdin-") as folder:
        try:
            card = find_model(options.model, paths.model_folders())
            require_ready(card)
            template = _template(options, card)
            one = _is_one(options)
            scenes = list(_scenes(options, Path(folder), one))
            if one and len(scenes) > 1:  # a list or STAC items, which look like one file
                raise _several_to_one(options.output)
            _refuse_dates_of_several(options, scenes)
        except (PrithviError, ValueError) as e:
            print(f"Error: {e}", file=sys.stderr)
            return 2
        loader = Loader(variant)
        try:
            with _interruptible() as interrupted:
                line = ProgressLine(sys.stderr)
                if one:
                    return _one(options, template, scenes[0], loader, out, line, interrupted)
                return _many(options, template, card, scenes, loader, out, line, interrupted)
        finally:
            loader.unload()


def _template(options: argparse.Namespace, card: ModelCard) -> Segment:
    template = Segment(
        source="",
        model=str(card.folder),
        output="",
        bands=tuple(int(b) for b in options.bands.split(",")) if options.bands else (),
        scale=options.scale,
        offset=options.offset,
        stride=options.stride,
        pipeline="stock" if options.stock else "streaming",
        batch_size=options.batch_size,
        gpu_memory=options.gpu_memory,
        memory_mb=options.memory_mb,
        sensor=options.sensor,
        min_probability=read_min_probability(options.min_probability, card),
        min_area=options.min_area,
        ignore_classes=read_ignore_classes(options.ignore_classes, card),
        frames=tuple(options.frame),
        dates=read_dates(options.dates, 1 + len(options.frame)),
        resolution_m=options.resolution,
        resampling=options.resampling,
    )
    check_mask_options(template, card)
    return template


def _is_one(options: argparse.Namespace) -> bool:
    """Whether it is one scene to one mask; refuses several scenes to one file, and several engines for it."""
    output = Path(options.output)
    if output.is_dir() or output.suffix.lower() not in _RASTERS:
        return False
    if len(options.input) > 1 or (holds_scenes(options.input[0]) and not is_granule(options.input[0])):
        raise _several_to_one(options.output)
    if options.workers != 1 or options.cluster:
        raise PrithviError(
            ErrorCode.PARAMETER_INVALID,
            f"--workers and --cluster share work in a folder, and {output} is one file.",
            "Give a folder as output.",
        )
    return True


def _several_to_one(output: str) -> PrithviError:
    return PrithviError(
        ErrorCode.OUTPUT_UNWRITABLE, f"{output} is one file, but there are several scenes.", "Give a folder."
    )


def _refuse_dates_of_several(options: argparse.Namespace, scenes: list[SceneSource]) -> None:
    if len(scenes) > 1 and (options.frame or options.dates):
        raise PrithviError(
            ErrorCode.PARAMETER_INVALID,
            f"--frame and --dates belong to one scene, and here each of {len(scenes)} is segmented by itself.",
            "Give one scene, or leave them out.",
        )


def _scenes(options: argparse.Namespace, folder: Path, one: bool) -> Iterator[SceneSource]:
    found: list[SceneSource] = []
    for place in options.input:
        if place == "-":
            found.append(SceneSource(str(_from_stdin(folder)), "standard input", "-", "stdin"))
        elif one and is_granule(place):  # whatever else lies in its folder
            found.append(single_scene(place))
        else:
            found += find_scenes(place, options.pattern, options.recursive, Path(options.output).absolute())
    yield from with_own_stems(found)


def _one(
    options: argparse.Namespace,
    template: Segment,
    scene: SceneSource,
    loader: Loader,
    out: IO[str],
    line: ProgressLine,
    interrupted: threading.Event,
) -> int:
    target = Path(options.output)
    request = dataclasses.replace(
        template,
        source=scene.source,
        source_name=scene.name,
        taken=scene.taken,
        output=str(target),
        probability=str(target.with_name(f"{target.stem}_probability.tif")) if options.probability else "",
        polygons=str(target.with_name(f"{target.stem}_polygons.gpkg")) if options.polygons else "",
    )

    def emit(message: Message) -> None:
        if isinstance(message, Log):
            line.say(f"{message.level}: {message.text}")
        elif isinstance(message, Progress):
            line.show(message, "tiles")

    try:
        result = run_segment(request, loader, emit, Heartbeat(interrupted.is_set))
    except Exception as e:
        line.end()
        problem = failure(e, request)
        _tell_failed(options, options.input[0], problem.code, problem.text, problem.hint, out)
        return INTERRUPTED if interrupted.is_set() else 1
    line.end()
    _tell_done(options, options.input[0], result, out)
    return 0


def _many(
    options: argparse.Namespace,
    template: Segment,
    card: ModelCard,
    scenes: list[SceneSource],
    loader: Loader,
    out: IO[str],
    line: ProgressLine,
    interrupted: threading.Event,
) -> int:
    mosaic = MOSAICS[options.mosaic]
    wanted = FolderRunOptions(options.probability, options.polygons, options.overwrite, mosaic, options.metrics)
    try:
        with closing(FolderRun(Path(options.output).absolute(), scenes, template, card, wanted, RasterioTool())) as run:

            def emit(message: Message) -> None:
                run.take(message)
                if isinstance(message, SceneDone):
                    line.clear()
                    _tell_done(options, run.key(message.number), message.result, out)
                elif isinstance(message, SceneFailed):
                    line.clear()
                    _tell_failed(options, run.key(message.number), message.code, message.text, message.hint, out)
                elif isinstance(message, Log):
                    line.say(f"{message.level}: {message.text}")
                elif isinstance(message, Progress):
                    line.show(message, "scenes")

            try:
                if run.todo:
                    _drive(options, run, loader, emit, interrupted)
            except PrithviError:
                run.finish(complete=False)
                raise
            finally:
                line.end()
            outcome = run.finish()
    except PrithviError as e:
        print(f"Error: {e.line}", file=sys.stderr, flush=True)
        return INTERRUPTED if interrupted.is_set() else 1
    for note in outcome.notes:
        line.say(note)
    if options.json:
        counts = {k: getattr(outcome, k) for k in ("scenes", "done", "skipped", "failed")}
        files = {"results": str(run.folder / RECORDS), "mosaics": [str(p) for p in outcome.mosaics]}
        print(json.dumps({**counts, **files}), file=out, flush=True)
    else:
        print(outcome.line, file=out, flush=True)
    return 1 if outcome.failed else 0


def _drive(
    options: argparse.Namespace, run: FolderRun, loader: Loader, emit: Emit, interrupted: threading.Event
) -> None:
    """In this process, or by several workers, each with an engine of its own."""
    if not options.cluster and wanted_workers(options.workers, loader.variant) == 1:
        segment_many(run.todo, loader, emit, Heartbeat(interrupted.is_set), len(run.todo))
        return
    from ..cluster.driver import ClusterOptions, run_workers

    crew = ClusterOptions(options.workers, options.cluster, loader.variant)
    run_workers(run.todo, crew, emit, run.take_workers, interrupted.is_set)


def _tell_done(options: argparse.Namespace, name: str, result: Result, out: IO[str]) -> None:
    if options.json:
        print(json.dumps({"input": name, **dataclasses.asdict(result)}), file=out, flush=True)
        return
    rate = result.tiles / max(result.timings["segment"], 1e-9)
    print(f"{name}: {result.output} ({result.tiles} tiles, {rate:.1f}/s, {result.seconds:.1f} s)", file=out, flush=True)


def _tell_failed(options: argparse.Namespace, name: str, code: str, text: str, hint: str, out: IO[str]) -> None:
    if options.json:
        body: dict[str, Any] = {"input": name, "error": code, "text": text, "hint": hint}
        print(json.dumps(body), file=out, flush=True)
    else:
        print(f"Error: {f'{text} {hint}'.strip()}", file=out, flush=True)


def _from_stdin(folder: Path) -> Path:
    """GeoTIFF bytes from standard input, plain or as base64, in a file."""
    data = sys.stdin.buffer.read()
    if data[:2] not in (b"II", b"MM"):
        try:
            data = base64.b64decode(data, validate=False)
        except ValueError:
            pass  # the reader says what it is not
    path = folder / "stdin.tif"
    path.write_bytes(data)
    return path


@contextmanager
def _interruptible() -> Iterator[threading.Event]:
    """Ctrl-C and SIGTERM end a run between two batches, with its records in order; a second one at once."""
    asked = threading.Event()
    before = {}

    def ask(number: int, frame: object) -> None:
        if asked.is_set():
            raise KeyboardInterrupt
        asked.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        before[number] = signal.signal(number, ask)
    try:
        yield asked
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
