"""Small outputs that an algorithm writes itself: checked before the work, written in one step after it."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from ...core.errors import ErrorCode, PrithviError
from ...core.system.atomic_files import write_text


def check_outputs(outputs: Sequence[str], inputs: Sequence[str]) -> None:
    """Refuse what could not be written, or would overwrite an input, before anything is computed.

    Raises:
        PrithviError: ``output_unwritable``, ``output_is_input`` or ``parameter_invalid`` for one file twice.
    """
    taken = {_real(path): path for path in inputs}
    for place, path in enumerate(outputs):
        folder = Path(path).absolute().parent
        if not folder.is_dir() or not os.access(folder, os.W_OK):
            raise PrithviError(
                ErrorCode.OUTPUT_UNWRITABLE, f"{folder} is no folder that can be written.", "Choose another one."
            )
        if Path(path).is_dir():
            raise PrithviError(ErrorCode.OUTPUT_UNWRITABLE, f"{path} is a folder.", "Give a file name.")
        if _real(path) in taken:
            raise PrithviError(ErrorCode.OUTPUT_IS_INPUT, f"{path} is an input.", "Choose another file.")
        if _real(path) in map(_real, outputs[:place]):
            raise PrithviError(
                ErrorCode.PARAMETER_INVALID, f"{path} is given for two outputs.", "Give each a file of its own."
            )


def write_output(path: str, text: str) -> None:
    """Write ``text`` in one step.

    Raises:
        PrithviError: ``output_unwritable``.
    """
    try:
        write_text(Path(path), text)
    except OSError as e:
        raise PrithviError(
            ErrorCode.OUTPUT_UNWRITABLE, f"{path} cannot be written: {e.strerror or e}.", "Choose another file."
        ) from e


def _real(path: str) -> str:
    return os.path.realpath(path)
