"""``segment`` of the engine's command line: scenes in, masks out, without QGIS and without a server.

One scene to one ``.tif``, or many to a folder with the same records, resuming and file names as
``prithvi:segmentfolder``. Results go to standard output, everything else to standard error.

Exit codes: 0 every scene has its mask; 1 a scene failed, or all of them for one reason; 2 wrong arguments; 130
interrupted (what is complete stays, the same command resumes).
"""

from __future__ import annotations

import argparse
import base64
import dataclasses
import json
import os
import signal
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from ...core.errors import ErrorCode, PrithviError
from ...core.folder_runs.folder_run import FolderRun, FolderRunOptions
from ...core.folder_runs.records import RECORDS
from ...core.folder_runs.scene_discovery import SceneSource, find_scenes, holds_scenes, single_scene, with_unique_stems
from ...core.masks.mask_options import check_mask_options, read_ignore_classes, read_min_probability
from ...core.models.catalogue import require_ready
from ...core.models.model_card import ModelCard, find_model
from ...core.protocol.messages import Failed, Log, Message, Progress, Result, SceneDone, SceneFailed, Segment
from ...core.scenes.dates import read_dates
from ...core.scenes.gdal_names import locate
from ...core.scenes.granules import is_granule
from ...core.system import paths
from ...core.system.heartbeat import Heartbeat
from ..device.worker_count import wanted_workers
from ..failures import failure
from ..html_renderer import render
from ..inference.segment_scene import run_segment
from ..many.rasterio_tool import RasterioTool
from ..many.segment_many import segment_many
from ..model.model_loader import Loader
from .progress_bar import ProgressBar
from .segment_arguments import MOSAICS

INTERRUPTED = 130
_RASTERS = (".tif", ".tiff")


def segment_all(options: argparse.Namespace, out: IO[str], variant: str) -> int:
    """Segment every input; a failed scene does not stop the others. Returns the exit code."""
    with tempfile.TemporaryDirectory(prefix="prithvi-stdin-") as folder:
        try:
            card = find_model(options.model, paths.model_folders())
            require_ready(card)
            template = _template(options, card)
            to_file = _writes_one_file(options)
            scenes = list(_scenes(options, Path(folder), to_file))
            if to_file and len(scenes) > 1:  # from a list or STAC items, which look like one file
                raise _several_to_one(options.output)
            _refuse_dates_of_several(options, scenes)
        except (PrithviError, ValueError) as e:
            print(f"Error: {e}", file=sys.stderr)
            return 2
        loader = Loader(variant)
        try:
            with _interruptible() as heartbeat:
                command = _Command(options, template, loader, out, ProgressBar(sys.stderr), heartbeat)
                return command.segment_one(scenes[0]) if to_file else command.segment_many(scenes, card)
        finally:
            loader.unload()


@dataclass(frozen=True)
class _Command:
    """The command with everything that it needs, after its arguments were checked."""

    options: argparse.Namespace
    template: Segment
    """A request without source and outputs."""
    loader: Loader
    out: IO[str]
    bar: ProgressBar
    heartbeat: Heartbeat
    """Cancelled by an interrupt."""

    def segment_one(self, scene: SceneSource) -> int:
        """Segment one scene to one mask; returns the exit code."""
        target = Path(self.options.output)
        request = dataclasses.replace(
            self.template,
            source=scene.source,
            source_name=scene.name,
            stated=scene.stated,
            output=str(target),
            probability=str(target.with_name(f"{target.stem}_probability.tif")) if self.options.probability else "",
            polygons=str(target.with_name(f"{target.stem}_polygons.gpkg")) if self.options.polygons else "",
        )
        try:
            result = run_segment(request, self.loader, lambda m: self._show(m, "tiles"), self.heartbeat)
        except Exception as e:
            self.bar.close()
            self._print_failed(self.options.input[0], failure(e, request))
            return self._failed_code
        self.bar.close()
        self._print_done(self.options.input[0], result)
        return 0

    def segment_many(self, scenes: list[SceneSource], card: ModelCard) -> int:
        """Segment scenes to a folder with records; returns the exit code."""
        options = self.options
        mosaic = MOSAICS[options.mosaic]
        wanted = FolderRunOptions(options.probability, options.polygons, options.overwrite, mosaic, options.metrics)
        folder = Path(options.output).absolute()
        try:
            with closing(FolderRun(folder, scenes, self.template, card, wanted, RasterioTool(), render)) as run:
                try:
                    if run.todo:
                        self._run_requests(run)
                except PrithviError:
                    run.finish(complete=False)
                    raise
                finally:
                    self.bar.close()
                outcome = run.finish()
        except PrithviError as e:
            print(f"Error: {e.line}", file=sys.stderr, flush=True)
            return self._failed_code
        for note in outcome.notes:
            self.bar.log(note)
        counts = {k: getattr(outcome, k) for k in ("scenes", "done", "skipped", "failed")}
        files = {"results": str(run.folder / RECORDS), "mosaics": [str(p) for p in outcome.mosaics]}
        self._print({**counts, **files}, outcome.line)
        return 1 if outcome.failed else 0

    def _run_requests(self, run: FolderRun) -> None:
        """Run the requests in this process, or with several workers, each with its own engine."""

        def emit(message: Message) -> None:
            run.take(message)
            if isinstance(message, SceneDone):
                self.bar.clear()
                self._print_done(run.key(message.number), message.result)
            elif isinstance(message, SceneFailed):
                self.bar.clear()
                self._print_failed(run.key(message.number), message)
            else:
                self._show(message, "scenes")

        options, variant = self.options, self.loader.variant
        if not options.cluster and wanted_workers(options.workers, variant) == 1:
            segment_many(run.todo, self.loader, emit, self.heartbeat, len(run.todo))
            return
        from ..cluster.driver import ClusterOptions, run_workers

        cluster = ClusterOptions(options.workers, options.cluster, variant)
        run_workers(run.todo, cluster, emit, run.take_workers, lambda: self.heartbeat.cancelled)

    @property
    def _failed_code(self) -> int:
        return INTERRUPTED if self.heartbeat.cancelled else 1

    def _show(self, message: Message, unit: str) -> None:
        if isinstance(message, Log):
            self.bar.log(f"{message.level}: {message.text}")
        elif isinstance(message, Progress):
            self.bar.show(message, unit)

    def _print_done(self, name: str, result: Result) -> None:
        rate = result.tiles / max(result.timings["segment"], 1e-9)
        text = f"{name}: {result.output} ({result.tiles} tiles, {rate:.1f}/s, {result.seconds:.1f} s)"
        self._print({"input": name, **dataclasses.asdict(result)}, text)

    def _print_failed(self, name: str, failed: Failed | SceneFailed) -> None:
        body = {"input": name, "error": failed.code, "text": failed.text, "hint": failed.hint}
        self._print(body, f"Error: {f'{failed.text} {failed.hint}'.strip()}")

    def _print(self, body: Mapping[str, object], text: str) -> None:
        print(json.dumps(body) if self.options.json else text, file=self.out, flush=True)


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
        frames=tuple(locate(frame, os.getcwd()) for frame in options.frame),
        dates=read_dates(options.dates, 1 + len(options.frame)),
        resolution_m=options.resolution,
        resampling=options.resampling,
    )
    check_mask_options(template, card)
    return template


def _writes_one_file(options: argparse.Namespace) -> bool:
    """Whether the output is one mask and not a folder.

    Raises:
        PrithviError: several scenes, or several workers, for one file.
    """
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


def _scenes(options: argparse.Namespace, folder: Path, to_file: bool) -> Iterator[SceneSource]:
    found: list[SceneSource] = []
    for source in options.input:
        if source == "-":
            found.append(SceneSource(str(_from_stdin(folder)), "standard input", "-", "stdin"))
        elif to_file and is_granule(source):  # without the other granules of its folder
            found.append(single_scene(source))
        else:
            out = Path(options.output).absolute()
            found += find_scenes(source, options.pattern, options.recursive, out, _warn)
    yield from with_unique_stems(found)


def _warn(line: str) -> None:
    print(f"Warning: {line}", file=sys.stderr, flush=True)


def _from_stdin(folder: Path) -> Path:
    """Write GeoTIFF bytes from standard input, plain or as base64, to a file, and return its path."""
    data = sys.stdin.buffer.read()
    if data[:2] not in (b"II", b"MM"):
        try:
            data = base64.b64decode(data, validate=False)
        except ValueError:
            pass  # the reader reports what is wrong
    path = folder / "stdin.tif"
    path.write_bytes(data)
    return path


@contextmanager
def _interruptible() -> Iterator[Heartbeat]:
    """Yield a heartbeat that Ctrl-C or SIGTERM cancels, between two batches; a second signal ends the run at once."""
    heartbeat = Heartbeat()

    def interrupt(number: int, frame: object) -> None:
        if heartbeat.cancelled:
            raise KeyboardInterrupt
        heartbeat.cancel()

    handlers = {number: signal.signal(number, interrupt) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield heartbeat
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)
