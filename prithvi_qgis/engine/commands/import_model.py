"""``import-model`` of the engine's command line."""

from __future__ import annotations

import argparse
import contextlib
import json
from pathlib import Path
from typing import IO, Any

from ...core.errors import ErrorCode, PrithviError
from ..importing.importer import ImportRequest, import_model


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare them."""
    parser.add_argument("--config", required=True, type=Path, help="YAML of the training, or a model.json")
    parser.add_argument("--checkpoint", type=Path, help=".ckpt, .pt, .pth or .safetensors; not for a model.json")
    parser.add_argument("--id", default="", help="of the new model, a folder's name; a model.json has one")
    parser.add_argument("--classes", default="", help='JSON: [{"value": 0, "name": "Land", "color": "#d9c8a0"}, ...]')
    parser.add_argument("--overwrite", action="store_true", help="replace a model of that id")
    parser.add_argument("--json", action="store_true", help="a JSON object a line: progress, then model or error")


def run_import(options: argparse.Namespace, out: IO[str], variant: str) -> int:
    """Import; returns 0, or 1 after a failure that was told in one line."""

    def say(body: dict[str, Any], text: str) -> None:
        out.write(f"{json.dumps(body) if options.json else text}\n")
        out.flush()

    def tell(percent: int, text: str) -> None:
        say({"percent": percent, "text": text}, text)

    order = ImportRequest(options.config, options.checkpoint, options.id, options.classes, options.overwrite)
    try:
        try:
            folder = import_model(order, variant, tell)
        except PrithviError:
            raise
        except MemoryError as e:
            raise PrithviError(ErrorCode.OUT_OF_MEMORY, "The model does not fit into memory.", "Free some.") from e
        except Exception as e:  # the border to whoever started this
            _log(e)
            what = f"An error that should not happen: {type(e).__name__}: {e}"
            raise PrithviError(ErrorCode.INTERNAL, f"{what[:300].rstrip('.')}.", "Please report it.") from e
    except PrithviError as e:
        say({"error": e.code.value, "text": e.text, "hint": e.hint}, f"Error: {e.line}")
        return 1
    say({"model": str(folder)}, f"The model is in {folder}")
    return 0


def _log(e: Exception) -> None:
    import logging

    with contextlib.suppress(Exception):
        logging.getLogger(__name__).error("import failed", exc_info=e)
