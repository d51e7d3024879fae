"""Checks of the parameters of "Prithvi segment" that need no engine.

They run on the main thread: a wrong value is reported at once and leaves nothing behind.
"""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Optional

from ...core.errors import ErrorCode, PrithviError
from ...core.models import model_card
from ...core.scenes import sensors
from ...core.scenes.output_conflicts import find_conflict
from ...core.system import paths
from ..parameter_names import OUTPUT, POLYGONS, PROBABILITY, REPORT


@dataclass(frozen=True)
class Outputs:
    """The files that a run writes; empty where not requested."""

    mask: str
    probability: str = ""
    polygons: str = ""
    report: str = ""

    def named(self) -> list[tuple[str, str]]:
        """Return (parameter, path) of each requested output."""
        pairs = [
            (OUTPUT, self.mask),
            (PROBABILITY, self.probability),
            (POLYGONS, self.polygons),
            (REPORT, self.report),
        ]
        return [(name, path) for name, path in pairs if path]


_SUFFIXES = {
    OUTPUT: (".tif", ".tiff"),
    PROBABILITY: (".tif", ".tiff"),
    POLYGONS: (".gpkg",),
    REPORT: (".html", ".htm"),
}


def find_model(name: str) -> model_card.ModelCard:
    """Return the card of a model id or folder; raises ``model_unknown`` or ``model_invalid``."""
    return model_card.find_model(name.strip(), paths.model_folders())


def read_bands(text: str, card: model_card.ModelCard, band_count: int) -> tuple[int, ...]:
    """Return band numbers from ``"2,3,4,9,12,13"``; with empty text the engine finds them.

    Raises:
        PrithviError: ``parameter_invalid`` with the offending number.
    """
    numbers = [p for p in text.replace(";", ",").replace(" ", ",").split(",") if p]
    if not numbers:
        return ()
    wanted = ", ".join(card.bands)
    for number in numbers:
        if not number.isascii() or not number.isdigit() or not 1 <= int(number) <= band_count:
            raise PrithviError(
                ErrorCode.PARAMETER_INVALID,
                f'"{number}" in BANDS is no band number of the scene, which has 1 to {band_count}.',
                f"Give {len(card.bands)} numbers for {wanted}, or leave BANDS empty.",
            )
    if len(numbers) != len(card.bands):
        raise PrithviError(
            ErrorCode.PARAMETER_INVALID,
            f"BANDS has {len(numbers)} numbers ({text.strip()}); {card.id} needs {len(card.bands)} ({wanted}).",
            "Give one number for each of them, or leave BANDS empty.",
        )
    return tuple(int(p) for p in numbers)


def read_sensor(choice: int) -> str:
    """Return the id of the chosen preset; empty for 0, automatic."""
    return sensors.SENSORS[choice - 1].id if 0 < choice <= len(sensors.SENSORS) else ""


def check_outputs(outputs: Outputs, source_files: Sequence[str]) -> None:
    """Refuse outputs that would overwrite the scene or each other, or cannot be written. Creates nothing.

    Args:
        outputs: what the run writes.
        source_files: all files of the scene.
    Raises:
        PrithviError: ``output_is_input`` or ``output_unwritable``.
    """
    seen: dict[str, str] = {}
    for name, path in outputs.named():
        if not path.lower().endswith(_SUFFIXES[name]):
            raise PrithviError(
                ErrorCode.OUTPUT_UNWRITABLE,
                f"{name} {path} does not end in {_SUFFIXES[name][0]}, the only format written.",
                f"Name it {Path(path).stem}{_SUFFIXES[name][0]}.",
            )
        source = find_conflict(path, source_files)
        if source is not None:
            raise PrithviError(
                ErrorCode.OUTPUT_IS_INPUT,
                f"{name} {path} is the scene itself{'' if source == path else f' ({source})'}.",
                "Choose another file for it.",
            )
        earlier = find_conflict(path, seen)
        if earlier is not None:
            raise PrithviError(
                ErrorCode.OUTPUT_UNWRITABLE,
                f"{name} and {seen[earlier]} are the same file {path}.",
                "Choose two files.",
            )
        seen[path] = name
        _check_writable(name, Path(path))


def _check_writable(name: str, path: Path) -> None:
    folder = path.parent
    problem: Optional[str] = None
    if not folder.is_dir():
        problem = f"The folder {folder} of {name} does not exist."
    elif path.is_dir():
        problem = f"{name} {path} is a folder."
    else:
        try:
            # Only writing shows it: permissions, read-only disks and quotas each have their own rules.
            tempfile.TemporaryFile(dir=folder).close()
        except OSError as e:
            problem = f"{name} cannot be written into {folder}: {e.strerror or e}."
    if problem:
        raise PrithviError(ErrorCode.OUTPUT_UNWRITABLE, problem, "Choose a folder that exists and can be written.")
