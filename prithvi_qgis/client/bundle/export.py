"""Writing a bundle: what is missing is fetched, what is there and right stays."""

from __future__ import annotations

import contextlib
import hashlib
import shutil
from collections.abc import Callable, Iterator
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
from ..install.bundle_record import (
    MODELS,
    NOTE,
    PARTS,
    RECORD,
    SUMS,
    WHEELS,
    BundleRecord,
    EngineRecord,
    read_record,
    record_text,
    write_record,
)
from ..install.find_python import Python, find_python
from ..install.locks import RAY, part_checksum
from ..install.network_policy import Network
from ..install.plugin_zip import plugin_files, write_zip, zip_name
from ..install.uv import fetch_uv, find_uv, uv_environment
from ..runtime.readiness import lock_checksum
from ..runtime.subprocess_lines import cancelled, run
from . import volumes as splitting
from .fetch import check_room, fetch
from .install_note import install_note, parts_note
from .models import choose_models, copy_model, model_bytes
from .packages import Package, find_packages, oldest_glibc
from .targets import MACHINES, PYTHONS

Report = Callable[[int, str], None]
IsCancelled = Callable[[], bool]
_SCRATCH = ".work"
_LOCK = ".lock"


@dataclass(frozen=True)
class BundleOrder:
    """What to write.

    Attributes:
        folder: new, empty, or a bundle that is added to.
        variant: ``cpu`` or ``cuda``; python: ``3.11`` to ``3.13``; machine: ``x86_64`` or ``aarch64``.
        models: ids or folders with commas between; empty for all ready ones of the user's own.
        part_size_mb: size of parts in millions of bytes; 0 for none.
        ray: also the wheels of Ray, an optional part of the engine.
    """

    folder: Path
    variant: str
    python: str
    machine: str
    models: str = ""
    part_size_mb: int = 0
    ray: bool = False


@dataclass(frozen=True)
class BundleOutcome:
    """What was written: the folder to carry, its files and bytes, how many files were fetched, how many parts."""

    folder: Path
    files: int
    size_bytes: int
    fetched: int
    parts: int


def export_bundle(
    order: BundleOrder,
    report: Report = lambda percent, text: None,
    is_cancelled: IsCancelled = lambda: False,
    network: Optional[Network] = None,
) -> BundleOutcome:
    """Write a bundle, or complete one.

    Args:
        report: called with percent (0-100) and what is going on.
        is_cancelled: asked a few times a second.
        network: whether it may be used, and through what; the user's own variables and settings win.
    Raises:
        PrithviError: one line on what is in the way. What came is kept, and the bundle calls itself unfinished.
    """
    _check(order)
    cards, said = choose_models(order.models)
    for line in said:
        report(0, line)
    try:
        before = _usable(order.folder)
        with _alone(order.folder) as scratch:
            return _Export(order, cards, before, scratch, report, is_cancelled, network or Network()).run()
    except PrithviError as e:
        if e.code is not ErrorCode.CANCELLED:
            raise
        hint = "Run it again when you like; what is there is kept."
        raise PrithviError(ErrorCode.CANCELLED, "The export was cancelled.", hint) from e
    except OSError as e:
        full = is_disk_full(e)
        raise PrithviError(
            ErrorCode.DISK_FULL if full else ErrorCode.OUTPUT_UNWRITABLE,
            f"The disk of {order.folder} is full."
            if full
            else f"{e.filename or order.folder} cannot be read or written ({e.strerror or e}).",
            "Make room and run it again; what is there is kept." if full else "Choose another OUTPUT.",
        ) from e


class _Export:
    """One export."""

    def __init__(
        self,
        order: BundleOrder,
        cards: list[ModelCard],
        before: BundleRecord,
        scratch: Path,
        report: Report,
        is_cancelled: IsCancelled,
        network: Network,
    ):
        self.order, self.folder, self.cards, self.before = order, order.folder, cards, before
        self.scratch, self.report, self.is_cancelled, self.network = scratch, report, is_cancelled, network
        self.wheels = self.folder / WHEELS
        self.fetched = 0

    def run(self) -> BundleOutcome:
        """All of it; the record is written last."""
        self._unfinish(self.before)
        self.report(1, "Looking at what is there")
        known = next((e for e in self.before.engines if self._is_asked(e)), None)
        if known is None or self._missing(known.files):
            known = self._complete_engine()
        else:
            self._check_room([])
        record = self.before.with_engine(known)
        self._unfinish(record)
        record = self._copy_models(record)
        self.report(90, "Packing the plugin")
        write_zip(self.folder / zip_name())
        self._remove_stale(record)
        sums = self._seal(record)
        files = len(sums) + 1
        size = sum((self.folder / name).stat().st_size for name in sums)
        count = self._split([*sums, SUMS]) if self.order.part_size_mb else 0
        self.report(100, "The bundle is complete")
        place = self.folder / PARTS if count else self.folder
        return BundleOutcome(place, files, size, self.fetched, count)

    def _is_asked(self, engine: EngineRecord) -> bool:
        asked = (self.order.variant, self.order.python, self.order.machine, lock_checksum(self.order.variant))
        with_ray = not self.order.ray or engine.ray == part_checksum(RAY)
        return with_ray and (engine.variant, engine.python, engine.machine, engine.lock) == asked

    def _unfinish(self, record: BundleRecord) -> None:
        """Until the end nothing here looks whole."""
        write_record(self.folder, replace(record, complete=False))
        for name in (SUMS, NOTE):
            (self.folder / name).unlink(missing_ok=True)
        shutil.rmtree(self.folder / PARTS, ignore_errors=True)

    def _check_cancelled(self, done_bytes: int = 0) -> None:
        if self.is_cancelled():
            raise cancelled()

    def _missing(self, files: dict[str, str]) -> list[str]:
        """Names of the files that are not there, or are not what they should be."""
        missing = []
        for number, (name, digest) in enumerate(sorted(files.items())):
            self.report(1 + 9 * number // max(len(files), 1), "Comparing checksums of what is there")
            path = self.wheels / name
            if not path.is_file() or sha256_of_file(path, report=self._check_cancelled) != digest:
                missing.append(name)
        return missing

    def _complete_engine(self) -> EngineRecord:
        """Fetch what is not there."""
        order = self.order
        title = f"the {order.variant.upper()} engine for Python {order.python} on {order.machine}"
        if self.network.offline:
            raise PrithviError(
                ErrorCode.DOWNLOAD_FAILED,
                f"Offline mode is on, and wheels of {title} are not in {self.wheels} yet.",
                "Turn it off in the options (PRITHVI_QGIS_OFFLINE), or export where there is a network.",
            )
        self.wheels.mkdir(exist_ok=True)
        uv, python = self._tools()
        self.report(10, f"Asking the package index for {title}")
        target = (order.variant, order.python, order.machine)
        packages = find_packages(uv, python, target, self.scratch, self.network.variables, self.is_cancelled, order.ray)
        names = [p.name for p in packages]
        engine = EngineRecord(
            *target,
            lock_checksum(order.variant),
            __version__,
            oldest_glibc(names, order.machine),
            {p.name: p.sha256 for p in packages},
            part_checksum(RAY) if order.ray else "",
        )
        self._unfinish(self.before.with_engine(engine))
        missing = set(self._missing(engine.files))
        wanted = [p for p in packages if p.name in missing]
        self._check_room(wanted)
        if wanted:
            size = sum(p.size for p in wanted)
            largest = ", ".join(p.name for p in sorted(wanted, key=lambda p: -p.size)[:3])
            self.report(15, f"Fetching {len(wanted)} files ({size_text(size)}) from the package index: {largest}, ...")
            fetch(
                wanted,
                self.wheels,
                python,
                self.scratch,
                self.network.variables,
                lambda share, text: self.report(15 + int(60 * share), text),
                self.is_cancelled,
            )
        self.fetched = len(wanted)
        return engine

    def _tools(self) -> tuple[Path, Python]:
        """uv that writes lists of files (0.7 or newer), and a Python."""
        uv = find_uv()
        python = find_python(uv)
        lines: list[str] = []
        if uv:
            run([str(uv), "pip", "compile", "--help"], uv_environment({}), self.scratch, lines.append, lambda: False)
        if uv is None or "pylock.toml" not in " ".join(lines):
            self.report(9, "Fetching uv")
            uv = fetch_uv(python.path, None, self.network.variables, self.is_cancelled)
        return uv, python

    def _check_room(self, wanted: list[Package]) -> None:
        """For what will be written beside what is there."""
        models = {card.id: model_bytes(card) for card in self.cards}
        new = sum(size for name, size in models.items() if not (self.folder / MODELS / name / "model.json").is_file())
        fetched = sum(p.size for p in wanted)
        plugin = sum(path.stat().st_size for _, path in plugin_files())
        needed = fetched + new + plugin
        if self.order.part_size_mb:
            there = sum(path.stat().st_size for path in self.wheels.glob("*.*") if path.is_file())
            needed += there + fetched + sum(models.values()) + plugin
        check_room(self.folder, needed)

    def _copy_models(self, record: BundleRecord) -> BundleRecord:
        for number, card in enumerate(self.cards):
            first, share = 75 + 15 * number / len(self.cards), 15 / len(self.cards)
            text = f"Copying the model {card.id} ({size_text(model_bytes(card))})"

            def tell(done: float, first: float = first, share: float = share, text: str = text) -> None:
                self.report(int(first + share * done), text)

            files = copy_model(card, self.folder / MODELS / card.id, tell, self.is_cancelled)
            record = replace(record, models={**record.models, card.id: files})
            self._unfinish(record)
        # Somebody may have taken a model out of the bundle.
        kept = {name: files for name, files in record.models.items() if (self.folder / MODELS / name).is_dir()}
        return replace(record, models=kept)

    def _remove_stale(self, record: BundleRecord) -> None:
        """What an earlier export put here and this one no longer names."""
        for name in self.before.wheels():
            if name not in record.wheels():
                (self.wheels / name).unlink(missing_ok=True)
        for part in self.wheels.glob(".*.part"):
            part.unlink()
        for old in self.folder.glob("prithvi_qgis-*.zip"):
            if old.name != zip_name():
                old.unlink()

    def _seal(self, record: BundleRecord) -> dict[str, str]:
        """Note, checksums, and at last the record; file name to sha256."""
        sums = {f"{WHEELS}/{name}": digest for name, digest in record.wheels().items()}
        for name, files in record.models.items():
            sums |= {f"{MODELS}/{name}/{file}": digest for file, digest in files.items()}
        titles = {card.id: card.title for card in self.cards}
        write_text(self.folder / NOTE, install_note(record, titles, zip_name()))
        finished = replace(record, complete=True)
        for name in (NOTE, zip_name()):
            sums[name] = sha256_of_file(self.folder / name)
        sums[RECORD] = hashlib.sha256(record_text(finished).encode()).hexdigest()
        absent = [name for name in sums if name != RECORD and not (self.folder / name).is_file()]
        if absent:
            raise PrithviError(
                ErrorCode.OUTPUT_UNWRITABLE,
                f"{self.folder / absent[0]} is gone ({len(absent)} files).",
                "Run the export again.",
            )
        write_text(self.folder / SUMS, "".join(f"{sums[name]}  {name}\n" for name in sorted(sums)))
        write_record(self.folder, finished)
        return dict(sorted(sums.items()))

    def _split(self, names: list[str]) -> int:
        size = sum((self.folder / name).stat().st_size for name in names)
        return splitting.write_parts(
            self.folder,
            names,
            self.order.part_size_mb,
            parts_note(size_text(size)),
            lambda share: self.report(92 + int(7 * share), f"Writing parts of {self.order.part_size_mb} MB"),
            self.is_cancelled,
        )


def _check(order: BundleOrder) -> None:
    """Refuse what cannot be, before anything is written."""
    for name, value, known in (
        ("VARIANT", order.variant, ("cpu", "cuda")),
        ("PYTHON", order.python, PYTHONS),
        ("ARCHITECTURE", order.machine, MACHINES),
    ):
        if value not in known:
            raise PrithviError(
                ErrorCode.PARAMETER_INVALID, f'{name} "{value}" is none that the engine runs on.', f"Use {_or(known)}."
            )
    if order.part_size_mb < 0:
        raise PrithviError(
            ErrorCode.PARAMETER_INVALID, f"PART_SIZE_MB {order.part_size_mb} is no size.", "Use 0 for no parts."
        )


def _or(words: tuple[str, ...]) -> str:
    return f"{', '.join(words[:-1])} or {words[-1]}"


def _usable(folder: Path) -> BundleRecord:
    """What is in the folder already; it is made if need be.

    Raises:
        PrithviError: ``output_unwritable`` for one that holds something else.
    """
    for above in (paths.home(), paths.resources()):
        if folder == above or above in folder.parents:
            raise PrithviError(
                ErrorCode.OUTPUT_UNWRITABLE, f"{folder} is inside {above}, which is the plugin's.", "Choose another."
            )
    folder.mkdir(parents=True, exist_ok=True)
    record = read_record(folder)
    if record is None and any(p.name not in (_SCRATCH, _LOCK) for p in folder.iterdir()):
        raise PrithviError(
            ErrorCode.OUTPUT_UNWRITABLE, f"{folder} holds something else than a bundle.", "Choose an empty folder."
        )
    return record or BundleRecord()


@contextlib.contextmanager
def _alone(folder: Path) -> Iterator[Path]:
    """Keep another export out; gives a folder for what is in between."""
    lock = FileLock(folder / _LOCK)
    if not lock.acquire():
        raise PrithviError(
            ErrorCode.OUTPUT_UNWRITABLE, f"Another export writes into {folder}.", "Wait until it has ended."
        )
    scratch = folder / _SCRATCH
    with lock:
        try:
            shutil.rmtree(scratch, ignore_errors=True)
            scratch.mkdir()
            yield scratch
        finally:
            shutil.rmtree(scratch, ignore_errors=True)
            lock.path.unlink(missing_ok=True)
