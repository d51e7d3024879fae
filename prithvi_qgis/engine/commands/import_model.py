"""``import-model`` of the engine's command line."""

from __future__ import annotations

import argparse
import logging
from pathlib import Path
from typing import IO

from ...core.errors import ErrorCode, PrithviError
from ...core.protocol.lines import to_line
from ...core.protocol.messages import Failed, Message, ModelImported, Percent
from ..importing.importer import ImportRequest, import_model

log = logging.getLogger(__name__)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of ``import-model``."""
    parser.add_argument("--config", required=True, type=Path, help="YAML of the training, or a model.json")
    parser.add_argument("--checkpoint", type=Path, help=".ckpt, .pt, .pth or .safetensors; not for a model.json")
    parser.add_argument("--id", default="", help="of the new model, a folder's name; a model.json has one")
    parser.add_argument("--classes", default="", help='JSON: [{"value": 0, "name": "Land", "color": "#d9c8a0"}, ...]')
    parser.add_argument("--overwrite", action="store_true", help="replace a model of that id")
    parser.add_argument("--json", action="store_true", help="a JSON object a line: progress, then model or error")


def run_import(options: argparse.Namespace, out: IO[str], variant: str) -> int:
    """Import a model and report it on ``out``; returns 0, or 1 after a failure."""

    def report(message: Message, text: str) -> None:
        print(to_line(message) if options.json else text, file=out, flush=True)

    request = ImportRequest(options.config, options.checkpoint, options.id, options.classes, options.overwrite)
    try:
        folder = import_model(request, variant, lambda percent, text: report(Percent(percent, text), text))
    except Exception as e:  # the parent process needs one line, whatever happened
        error = _error(e)
        report(Failed.of(error), f"Error: {error.line}")
        return 1
    report(ModelImported(str(folder)), f"The model is in {folder}")
    return 0


def _error(e: Exception) -> PrithviError:
    if isinstance(e, PrithviError):
        return e
    if isinstance(e, MemoryError):
        return PrithviError(ErrorCode.OUT_OF_MEMORY, "The model does not fit into memory.", "Free some.")
    log.error("import failed", exc_info=e)
    what = f"An error that should not happen: {type(e).__name__}: {e}"
    return PrithviError(ErrorCode.INTERNAL, f"{what[:300].rstrip('.')}.", "Please report it.")
