"""``segment`` of the engine's command line: scenes in, masks out, without QGIS and without a server."""

from __future__ import annotations

import argparse
import base64
import dataclasses
import json
import sys
import tempfile
from pathlib import Path
from typing import IO

from ..contract import paths
from ..contract.cards import find_model
from ..contract.catalogue import require_ready
from ..contract.dates import read_dates
from ..contract.errors import ErrorCode, PrithviError
from ..contract.mask_options import read_ignore_classes, read_min_area, read_min_probability
from ..contract.messages import Log, Message, Progress, Segment
from ..contract.products import is_product
from .jobs import failure
from .loader import Loader
from .run import run_segment


def segment_all(options: argparse.Namespace, out: IO[str], variant: str) -> int:
    """Segment every input; one that fails does not stop the others. Returns the exit code."""
    failed = 0
    try:
        card = find_model(options.model, paths.model_folders())
        require_ready(card)
        bands = tuple(int(b) for b in options.bands.split(",")) if options.bands else ()
        minima = read_min_probability(options.min_probability, card)
        ignored = read_ignore_classes(options.ignore_classes, card)
        read_min_area(options.min_area)
        dates = read_dates(options.dates, 1 + len(options.frame))
        pairs = _pairs(options.input, Path(options.output))
    except (PrithviError, ValueError) as e:
        print(f"Error: {e}", file=sys.stderr)
        return 2
    loader = Loader(variant)
    with tempfile.TemporaryDirectory(prefix="prithvi-stdin-") as folder:
        for source, target in pairs:
            request = Segment(
                source=source if source != "-" else str(_from_stdin(Path(folder))),
                model=str(card.folder),
                output=str(target),
                bands=bands,
                batch_size=options.batch_size,
                gpu_memory=options.gpu_memory,
                pipeline="stock" if options.stock else "streaming",
                source_name="standard input" if source == "-" else "",
                sensor=options.sensor,
                min_probability=minima,
                min_area=options.min_area,
                ignore_classes=ignored,
                frames=tuple(options.frame),
                dates=dates,
                resolution_m=options.resolution,
                resampling=options.resampling,
            )
            try:
                result = run_segment(request, loader, _show, lambda: False)
            except Exception as e:
                failed += 1
                problem = failure(e, request)
                body = {"input": source, "error": problem.code, "text": problem.text, "hint": problem.hint}
                print(json.dumps(body) if options.json else f"Error: {problem.error().line}", file=out, flush=True)
                continue
            if options.json:
                print(json.dumps({"input": source, **dataclasses.asdict(result)}), file=out, flush=True)
            else:
                rate = result.tiles / max(result.timings["segment"], 1e-9)
                print(
                    f"{source}: {target} ({result.tiles} tiles, {rate:.1f}/s, {result.seconds:.1f} s)",
                    file=out,
                    flush=True,
                )
    loader.unload()
    if len(pairs) > 1 and not options.json:
        print(f"{len(pairs) - failed} of {len(pairs)} scenes segmented, {failed} failed", file=out, flush=True)
    return 1 if failed else 0


def _pairs(inputs: list[str], output: Path) -> list[tuple[str, Path]]:
    """Each input with its mask: the output itself for one scene, else ``<stem>_mask.tif`` in the output folder."""
    if not output.is_dir():
        if len(inputs) > 1:
            raise PrithviError(
                ErrorCode.OUTPUT_UNWRITABLE, f"{output} is no folder, but there are {len(inputs)} scenes.", "Create it."
            )
        return [(inputs[0], output)]
    pairs = [(i, output / f"{_stem(i)}_mask.tif") for i in inputs]
    doubled = [str(target) for n, (_, target) in enumerate(pairs) if target in [t for _, t in pairs[:n]]]
    if doubled:
        raise PrithviError(
            ErrorCode.OUTPUT_UNWRITABLE, f"Two scenes would both become {doubled[0]}.", "Segment them one by one."
        )
    return pairs


def _stem(source: str) -> str:
    """What a scene is called: a product by its own name, whichever of its files was given."""
    if source == "-":
        return "stdin"
    path = Path(source)
    return path.parent.stem if is_product(source) and path.suffix == ".xml" else path.stem


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


def _show(message: Message) -> None:
    if isinstance(message, Log):
        print(f"{message.level}: {message.text}", file=sys.stderr, flush=True)
    elif isinstance(message, Progress) and message.total:
        print(f"{message.stage} {message.done}/{message.total}", file=sys.stderr, flush=True)
