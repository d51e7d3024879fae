"""Write a bundle: fetch what is missing, keep files that are there and intact."""

from __future__ import annotations

import contextlib
import hashlib
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Optional

from ... import __version__
from ...core.errors import ErrorCode, PrithviError, is_disk_full
from ...core.models.catalogue import size_text
from ...core.models.model_card import ModelCard
from ...core.system import paths
from ...core.system.atomic_files import write_text
from ...core.system.file_checksum import sha256_of_file
from ...core.system.file_lock import FileLock
from ..install.base_installer import IsCancelled, Report
from ..install.bundle_record import (
    MODELS,
    NOTE,
    RECORD,
    SUMS,
    VOLUMES,
    WHEELS,
    BundleRecord,
    EngineRecord,
    bundle_record_text,
    read_bundle_record,
    write_bundle_record,
)
from ..install.find_python import Python, find_python
from ..install.network_policy import Network
from ..install.optional_packages import RAY
from ..install.plugin_zip import plugin_files, write_zip, zip_name
from ..install.python_versions import PYTHONS
from ..install.uv import fetch_uv, find_uv, uv_environment
from ..runtime.readiness import lock_checksum
from ..runtime.subprocess_lines import cancelled, run
from .fetch import check_disk_space, fetch
from .install_note import install_note, volumes_note
from .models import choose_models, copy_model, model_bytes
from .packages import Package, find_packages, oldest_glibc
from .targets import MACHINES
from .volumes import write_volumes

_WORK = ".work"
_LOCK = ".lock"


@dataclass(frozen=True)
class BundleRequest:
    """Contents and target of a bundle."""

    folder: Path
    """New, empty, or a bundle that is extended."""
    variant: str
    """``cpu`` or ``cuda``."""
    python: str
    """``3.11`` to ``3.14``."""
    machine: str
    """``x86_64`` or ``aarch64``."""
    models: str = ""
    """Ids or folders, separated by commas; empty for all ready ones in the user's own folder."""
    volume_size_mb: int = 0
    """Largest size of a volume in millions of bytes; 0 for none."""
    ray: bool = False
    """Also the wheels of Ray, an optional component of the engine."""


@dataclass(frozen=True)
class BundleResult:
    """A written bundle."""

    folder: Path
    """The folder to carry: the bundle, or its volumes."""
    files: int
    """Number of files of the bundle."""
    size_bytes: int
    fetched: int
    """Number of wheels fetched by this export."""
    volumes: int
    """Number of volumes; 0 for none."""


def export_bundle(
    request: BundleRequest,
    report: Report = lambda percent, text: None,
    is_cancelled: IsCancelled = lambda: False,
    network: Optional[Network] = None,
) -> BundleResult:
    """Write a bundle, or complete one.

    Args:
        report: called with percent (0-100) and the current step.
        is_cancelled: called a few times per second.
        network: whether it may be used, and through which proxy; the user's own variables and settings take precedence.
    Raises:
        PrithviError: the export failed. Fetched files are kept, and the bundle is marked as unfinished.
    """
    _check(request)
    cards, messages = choose_models(request.models)
    for message in messages:
        report(0, message)
    try:
        before = _open_folder(request.folder)
        with _locked(request.folder) as work:
            return _Export(request, cards, before, work, report, is_cancelled, network or Network()).run()
    except PrithviError as e:
        if e.code is not ErrorCode.CANCELLED:
            raise
        hint = "Run it again when you like; what is there is kept."
        raise PrithviError(ErrorCode.CANCELLED, "The export was cancelled.", hint) from e
    except OSError as e:
        full = is_disk_full(e)
        raise PrithviError(
            ErrorCode.DISK_FULL if full else ErrorCode.OUTPUT_UNWRITABLE,
            f"The disk of {request.folder} is full."
            if full
            else f"{e.filename or request.folder} cannot be read or written ({e.strerror or e}).",
            "Make room and run it again; what is there is kept." if full else "Choose another OUTPUT.",
        ) from e


class _Export:
    """One export; ``work`` is a temporary folder."""

    def __init__(
        self,
        request: BundleRequest,
        cards: list[ModelCard],
        before: BundleRecord,
        work: Path,
        report: Report,
        is_cancelled: IsCancelled,
        network: Network,
    ):
        self.request, self.folder, self.cards, self.before = request, request.folder, cards, before
        self.work, self.report, self.is_cancelled, self.network = work, report, is_cancelled, network
        self.wheels = self.folder / WHEELS
        self.fetched = 0

    def run(self) -> BundleResult:
        """Run every step; the complete record is written last."""
        self._mark_unfinished(self.before)
        self.report(1, "Looking at what is there")
        engine = next((e for e in self.before.engines if self._is_requested(e)), None)
        if engine is None or self._missing(engine.files):
            engine = self._complete_engine()
        else:
            self._check_disk_space([])
        record = self.before.with_engine(engine)
        self._mark_unfinished(record)
        record = self._copy_models(record)
        self.report(90, "Packing the plugin")
        write_zip(self.folder / zip_name())
        self._remove_stale(record)
        sums = self._finish(record)
        size = sum((self.folder / name).stat().st_size for name in sums)
        volumes = self._write_volumes([*sums, SUMS]) if self.request.volume_size_mb else 0
        self.report(100, "The bundle is complete")
        return BundleResult(
            self.folder / VOLUMES if volumes else self.folder, len(sums) + 1, size, self.fetched, volumes
        )

    def _is_requested(self, engine: EngineRecord) -> bool:
        wanted = (self.request.variant, self.request.python, self.request.machine, lock_checksum(self.request.variant))
        with_ray = not self.request.ray or engine.ray == lock_checksum(RAY)
        return with_ray and (engine.variant, engine.python, engine.machine, engine.lock) == wanted

    def _mark_unfinished(self, record: BundleRecord) -> None:
        """Write the record as incomplete and remove what belongs to a complete bundle."""
        write_bundle_record(self.folder, replace(record, complete=False))
        for name in (SUMS, NOTE):
            (self.folder / name).unlink(missing_ok=True)
        shutil.rmtree(self.folder / VOLUMES, ignore_errors=True)

    def _check_cancelled(self, done_bytes: int = 0) -> None:
        if self.is_cancelled():
            raise cancelled()

    def _missing(self, files: dict[str, str]) -> list[str]:
        """Return the names of wheels that are missing or damaged."""
        missing = []
        for number, (name, digest) in enumerate(sorted(files.items())):
            self.report(1 + 9 * number // max(len(files), 1), "Comparing checksums of what is there")
            path = self.wheels / name
            if not path.is_file() or sha256_of_file(path, report=self._check_cancelled) != digest:
                missing.append(name)
        return missing

    def _complete_engine(self) -> EngineRecord:
        """Find the engine's packages and fetch the missing ones."""
        request = self.request
        title = f"the {request.variant.upper()} engine for Python {request.python} on {request.machine}"
        if self.network.offline:
            raise PrithviError(
                ErrorCode.DOWNLOAD_FAILED,
                f"Offline mode is on, and wheels of {title} are not in {self.wheels} yet.",
                "Turn it off in the options (PRITHVI_QGIS_OFFLINE), or export where there is a network.",
            )
        self.wheels.mkdir(exist_ok=True)
        uv, python = self._tools()
        self.report(10, f"Asking the package index for {title}")
        target = (request.variant, request.python, request.machine)
        packages = find_packages(uv, python, target, self.work, self.network.variables, self.is_cancelled, request.ray)
        engine = EngineRecord(
            *target,
            lock_checksum(request.variant),
            __version__,
            oldest_glibc([p.name for p in packages], request.machine),
            {p.name: p.sha256 for p in packages},
            lock_checksum(RAY) if request.ray else "",
        )
        self._mark_unfinished(self.before.with_engine(engine))
        missing = set(self._missing(engine.files))
        wanted = [p for p in packages if p.name in missing]
        self._check_disk_space(wanted)
        if wanted:
            size = sum(p.size for p in wanted)
            largest = ", ".join(p.name for p in sorted(wanted, key=lambda p: -p.size)[:3])
            self.report(15, f"Fetching {len(wanted)} files ({size_text(size)}) from the package index: {largest}, ...")
            fetch(
                wanted,
                self.wheels,
                python,
                self.work,
                self.network.variables,
                lambda share, text: self.report(15 + int(60 * share), text),
                self.is_cancelled,
            )
        self.fetched = len(wanted)
        return engine

    def _tools(self) -> tuple[Path, Python]:
        """Return a uv that writes ``pylock.toml`` (0.7 or newer), and a Python."""
        uv = find_uv()
        python = find_python(uv)
        lines: list[str] = []
        if uv:
            run([str(uv), "pip", "compile", "--help"], uv_environment({}), self.work, lines.append, lambda: False)
        if uv is None or "pylock.toml" not in " ".join(lines):
            self.report(9, "Fetching uv")
            uv = fetch_uv(python.path, None, self.network.variables, self.is_cancelled)
        return uv, python

    def _check_disk_space(self, wanted: list[Package]) -> None:
        """Check the space for everything that is yet to be written."""
        models = {card.id: model_bytes(card) for card in self.cards}
        new = sum(size for name, size in models.items() if not (self.folder / MODELS / name / "model.json").is_file())
        fetched = sum(p.size for p in wanted)
        plugin = sum(path.stat().st_size for _, path in plugin_files())
        needed = fetched + new + plugin
        if self.request.volume_size_mb:
            present = sum(path.stat().st_size for path in self.wheels.glob("*.*") if path.is_file())
            needed += present + fetched + sum(models.values()) + plugin
        check_disk_space(self.folder, needed)

    def _copy_models(self, record: BundleRecord) -> BundleRecord:
        for number, card in enumerate(self.cards):
            first, share = 75 + 15 * number / len(self.cards), 15 / len(self.cards)
            text = f"Copying the model {card.id} ({size_text(model_bytes(card))})"

            def report(done: float, first: float = first, share: float = share, text: str = text) -> None:
                self.report(int(first + share * done), text)

            files = copy_model(card, self.folder / MODELS / card.id, report, self.is_cancelled)
            record = replace(record, models={**record.models, card.id: files})
            self._mark_unfinished(record)
        # The user may have removed a model from the bundle.
        kept = {name: files for name, files in record.models.items() if (self.folder / MODELS / name).is_dir()}
        return replace(record, models=kept)

    def _remove_stale(self, record: BundleRecord) -> None:
        """Remove files of an earlier export that the record no longer contains."""
        stale = [self.wheels / name for name in self.before.wheels() if name not in record.wheels()]
        stale += self.wheels.glob(".*.part")
        stale += (old for old in self.folder.glob("prithvi_qgis-*.zip") if old.name != zip_name())
        for path in stale:
            path.unlink(missing_ok=True)

    def _finish(self, record: BundleRecord) -> dict[str, str]:
        """Write the instructions, the checksums and last the complete record; returns file names to SHA-256."""
        sums = {f"{WHEELS}/{name}": digest for name, digest in record.wheels().items()}
        for name, files in record.models.items():
            sums |= {f"{MODELS}/{name}/{file}": digest for file, digest in files.items()}
        titles = {card.id: card.title for card in self.cards}
        write_text(self.folder / NOTE, install_note(record, titles, zip_name()))
        for name in (NOTE, zip_name()):
            sums[name] = sha256_of_file(self.folder / name)
        missing = [name for name in sums if not (self.folder / name).is_file()]
        if missing:
            raise PrithviError(
                ErrorCode.OUTPUT_UNWRITABLE,
                f"{self.folder / missing[0]} is gone ({len(missing)} files).",
                "Run the export again.",
            )
        finished = replace(record, complete=True)
        sums[RECORD] = hashlib.sha256(bundle_record_text(finished).encode()).hexdigest()
        sums = dict(sorted(sums.items()))
        write_text(self.folder / SUMS, "".join(f"{digest}  {name}\n" for name, digest in sums.items()))
        write_bundle_record(self.folder, finished)
        return sums

    def _write_volumes(self, names: list[str]) -> int:
        size_mb = self.request.volume_size_mb
        return write_volumes(
            self.folder,
            names,
            size_mb,
            volumes_note(size_text(sum((self.folder / name).stat().st_size for name in names))),
            lambda share: self.report(92 + int(7 * share), f"Writing parts of {size_mb} MB"),
            self.is_cancelled,
        )


def _check(request: BundleRequest) -> None:
    """Refuse invalid parameters before anything is written."""
    for name, value, known in (
        ("VARIANT", request.variant, ("cpu", "cuda")),
        ("PYTHON", request.python, PYTHONS),
        ("ARCHITECTURE", request.machine, MACHINES),
    ):
        if value not in known:
            raise PrithviError(
                ErrorCode.PARAMETER_INVALID,
                f'{name} "{value}" is none that the engine runs on.',
                f"Use {', '.join(known[:-1])} or {known[-1]}.",
            )
    if request.volume_size_mb < 0:
        raise PrithviError(
            ErrorCode.PARAMETER_INVALID, f"PART_SIZE_MB {request.volume_size_mb} is no size.", "Use 0 for no parts."
        )


def _open_folder(folder: Path) -> BundleRecord:
    """Create the folder if needed; returns its record, an empty one for a new bundle.

    Raises:
        PrithviError: ``output_unwritable`` for a folder with other content.
    """
    for reserved in (paths.home(), paths.resources()):
        if folder == reserved or reserved in folder.parents:
            raise PrithviError(
                ErrorCode.OUTPUT_UNWRITABLE, f"{folder} is inside {reserved}, which is the plugin's.", "Choose another."
            )
    folder.mkdir(parents=True, exist_ok=True)
    record = read_bundle_record(folder)
    if record is None and any(p.name not in (_WORK, _LOCK) for p in folder.iterdir()):
        raise PrithviError(
            ErrorCode.OUTPUT_UNWRITABLE, f"{folder} holds something else than a bundle.", "Choose an empty folder."
        )
    return record or BundleRecord()


@contextlib.contextmanager
def _locked(folder: Path) -> Iterator[Path]:
    """Hold the folder's lock; yields a temporary folder in it."""
    lock = FileLock(folder / _LOCK)
    if not lock.acquire():
        raise PrithviError(
            ErrorCode.OUTPUT_UNWRITABLE, f"Another export writes into {folder}.", "Wait until it has ended."
        )
    work = folder / _WORK
    with lock:
        try:
            shutil.rmtree(work, ignore_errors=True)
            work.mkdir()
            yield work
        finally:
            shutil.rmtree(work, ignore_errors=True)
            lock.path.unlink(missing_ok=True)
