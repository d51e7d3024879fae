"""The folder that an imported model is written to."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

from ...core.errors import ErrorCode, PrithviError, is_disk_full
from ...core.system import paths
from .errors import parameter_error

_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


def check_id(model_id: str, overwrite: bool) -> Path:
    """The folder of a new model.

    Raises:
        PrithviError: ``parameter_invalid`` for an id that cannot be a folder's name or is taken.
    """
    if not _ID.fullmatch(model_id):
        raise parameter_error(
            f"ID {model_id[:80]!r} cannot be a model's id.",
            "Use up to 64 letters, digits, points, hyphens and underlines.",
        )
    if (paths.resources() / "models" / model_id).exists():
        raise parameter_error(f"ID {model_id} is the plugin's own model.", "Choose another ID.")
    target = paths.home() / "models" / model_id
    if os.path.lexists(target) and not overwrite:
        raise parameter_error(
            f"There is a model {model_id} already, in {target}.",
            "Choose another ID, set OVERWRITE to replace it, or remove that folder.",
        )
    return target


@contextlib.contextmanager
def staging(target: Path) -> Iterator[Path]:
    """A folder on the target's disk that goes away; models in it are too deep to be found."""
    hidden = target.parent / f".importing-{os.getpid()}"
    try:
        folder = hidden / target.name
        folder.mkdir(parents=True)
        yield folder
    except OSError as e:
        code = ErrorCode.DISK_FULL if is_disk_full(e) else ErrorCode.OUTPUT_UNWRITABLE
        raise PrithviError(
            code,
            f"The model cannot be written to {target.parent}: {e.strerror or e}.",
            "Free space or choose another data folder (PRITHVI_QGIS_HOME).",
        ) from e
    finally:
        shutil.rmtree(hidden, ignore_errors=True)
