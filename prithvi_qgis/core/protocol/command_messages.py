"""What the child processes report on their standard output, beside the messages of a request.

:class:`.messages.Failed` and :class:`.messages.Log` are shared with the socket.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class Percent:
    """Progress of an import or a benchmark."""

    percent: float
    """0 to 100."""
    text: str
    """The step that begins."""


@dataclass(frozen=True)
class FileProgress:
    """Progress of a download."""

    file: str
    done: int
    """Bytes of all files so far."""
    total: int = 0
    """Bytes of all files; 0 where unknown."""


@dataclass(frozen=True)
class FileDone:
    """A file is complete, and its checksum is right."""

    file: str


@dataclass(frozen=True)
class ModelDownloaded:
    """A download has ended."""

    model: str
    """Folder of the model when it is ready to run, else empty."""
    revision: str
    """Commit of the repository."""
    config: str = ""
    """TerraTorch's configuration in the hub's cache when the model has yet to be imported."""
    checkpoint: str = ""
    """Weights that belong to ``config``."""
    fresh: bool = True
    """False when the model was there already."""


@dataclass(frozen=True)
class ModelImported:
    """An import has ended."""

    model: str
    """Folder of the model."""


@dataclass(frozen=True)
class BenchmarkRow:
    """One configuration of a benchmark, with medians of its timed runs; or ``error`` alone."""

    way: str
    """Name of the configuration."""
    seconds: float = 0.0
    tiles: int = 0
    tiles_per_s: float = 0.0
    pixels_per_s: int = 0
    load_s: float = 0.0
    device: str = ""
    engine: str = ""
    runs: tuple[float, ...] = ()
    """Seconds of each timed run."""
    error: str = ""


@dataclass(frozen=True)
class BenchmarkReport:
    """A benchmark has ended."""

    scene: str
    width: int
    height: int
    model: str
    """Id of the model."""
    title: str
    """Title of the model."""
    variant: str
    versions: dict[str, str]
    ways: tuple[BenchmarkRow, ...]

    def to_json(self) -> dict[str, Any]:
        """Return the object of the result file: a failed configuration has ``way`` and ``error`` alone."""
        ways = []
        for row in self.ways:
            body = asdict(row)
            error = body.pop("error")
            ways.append({"way": row.way, "error": error} if error else body)
        return {**asdict(self), "ways": ways}


@dataclass(frozen=True)
class SmokeTest:
    """An installation imports what it should."""

    versions: dict[str, str]
    """Version of each main package."""
    python: str = ""
    cuda: bool = False
    """Whether PyTorch can use a GPU."""
