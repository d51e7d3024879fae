"""What installing the engine has in common with installing an optional part of it.

Both fill a folder with uv from a lock, ask a Python whether what lies there works, write a record that makes it count,
and rename the folder into its place. This is uv, its progress and its errors; who installs what brings the rest.
"""

from __future__ import annotations

import datetime
import json
import os
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from ...core.errors import ErrorCode, PrithviError, is_disk_full
from ...core.protocol.lines import parse_line
from ...core.protocol.messages import SmokeTest
from ...core.system import paths
from ...core.system.atomic_files import write_text
from ..runtime.environment import scrubbed
from ..runtime.subprocess_lines import last_error_line, run
from .lock import InstallLock
from .network_policy import Network
from .progress import InstallProgress
from .setup_plan import SPARE_MB
from .uv import index_options, uv_environment
from .wheelhouse import Wheelhouse

Report = Callable[[int, str], None]
IsCancelled = Callable[[], bool]


@dataclass(frozen=True)
class InstallTarget:
    """What is installed.

    Attributes:
        name: in the middle of a sentence: ``the CPU engine``, ``Ray``.
        sizes: its key in ``sizes.json``.
        staging: the folder where it grows.
        packages: pattern below ``staging`` of what each package in place has one of.
    """

    name: str
    sizes: str
    staging: Path
    packages: str

    @property
    def title(self) -> str:
        """The name at the beginning of a sentence."""
        return self.name[0].upper() + self.name[1:]


class Installer:
    """One installation, under the lock."""

    def __init__(
        self,
        subject: InstallTarget,
        variant: str,
        wheelhouse: Wheelhouse | None,
        report: Report,
        is_cancelled: IsCancelled,
        lock: InstallLock,
        network: Network,
    ):
        """``wheelhouse``: used instead of the network, or None."""
        self.subject, self.variant = subject, variant
        self.staging = subject.staging
        self.wheelhouse = wheelhouse.folder if wheelhouse else None
        self.pythons = wheelhouse.pythons(variant) if wheelhouse else ()
        self.is_cancelled = is_cancelled
        self.lock = lock
        self.network = network
        sizes = json.loads((paths.resources() / "engine" / "sizes.json").read_text(encoding="utf-8"))[subject.sizes]
        self.installed_mb = sizes["installed_mb"]
        self.progress = InstallProgress(
            sizes["packages"],
            sizes["download_mb"],
            sizes["installed_mb"],
            lambda: subject.staging.glob(subject.packages),
            report,
        )
        self.lines: list[str] = []  # of the last command

    def require_source(self, way_out: str) -> None:
        """Refuse what offline mode makes impossible.

        Raises:
            PrithviError: ``install_failed`` with ``way_out`` as the next step.
        """
        if self.network.offline and not self.wheelhouse:
            raise PrithviError(
                ErrorCode.INSTALL_FAILED,
                f"Offline mode is on, so {self.subject.name} cannot be downloaded.",
                f"{way_out}, or turn offline mode off in the options.",
            )

    def require_room(self, uv: Path) -> None:
        """Refuse before gigabytes have been downloaded for nothing.

        Raises:
            PrithviError: ``disk_full`` naming the disk.
        """
        home = paths.home()
        needs = {home: self.installed_mb + SPARE_MB}
        lines: list[str] = []
        if run([str(uv), "cache", "dir"], uv_environment({}), home, lines.append, self.is_cancelled) == 0 and lines:
            cache = _existing(Path(lines[-1].strip()))
            if os.stat(cache).st_dev != os.stat(home).st_dev:
                # Without a common disk uv copies: the packages then lie on both.
                needs[cache] = self.installed_mb + SPARE_MB
        for folder, need_mb in needs.items():
            free_mb = shutil.disk_usage(folder).free // 2**20
            if free_mb < need_mb:
                what = "PRITHVI_QGIS_HOME" if folder == home else "UV_CACHE_DIR"
                raise PrithviError(
                    ErrorCode.DISK_FULL,
                    f"{self.subject.title} needs {need_mb / 1024:.1f} GB on the disk of {folder};"
                    f" {free_mb / 1024:.1f} GB are free.",
                    f"Make room, or set {what} to a folder on another disk.",
                )

    def fill(self, uv: Path, *commands: list[str]) -> None:
        """Run uv's commands; the last one fetches packages and is told from where.

        Raises:
            PrithviError: ``install_failed`` or ``disk_full`` with what uv said; ``cancelled``.
        """
        environment = uv_environment(self.network.variables)
        if self.wheelhouse:
            source = ["--offline", "--no-index", "--find-links", str(self.wheelhouse)]
        else:
            source = index_options(environment)
        for command in (*commands[:-1], [*commands[-1], *source]):
            if self._run([str(uv), *command], environment, self.progress.wait) != 0:
                raise self._failure()

    def smoke_test(self, python: Path, code: str, variables: Mapping[str, str], fatal: str = "") -> SmokeTest:
        """Run ``code``, which prints a :class:`SmokeTest`, in ``python``.

        Args:
            variables: added to the environment.
            fatal: words that mean a failure whatever else is printed; what follows them is the reason.
        Raises:
            PrithviError: ``install_failed`` with the reason.
        """
        # Bytecode is wanted: without it every start of the engine would compile everything again.
        environment = {k: v for k, v in scrubbed().items() if k != "PYTHONDONTWRITEBYTECODE"}
        environment |= {"PYTHONSAFEPATH": "1", **variables}
        # -P alone would not do: the user's own site-packages must not stand in for what the lock lacks.
        failed = self._run([str(python), "-s", "-c", code], environment) != 0
        answers = [message for message in map(parse_line, self.lines) if isinstance(message, SmokeTest)]
        reasons = [line.partition(fatal)[2] for line in self.lines if fatal and fatal in line]
        if failed or not answers or reasons:
            said = reasons[0].strip(". :") if reasons else last_error_line(self.lines)
            raise PrithviError(
                ErrorCode.INSTALL_FAILED,
                f"{self.subject.title} does not start: {said}.",
                f"All of it is in {_log()}; docs/troubleshooting.md has the known causes.",
            )
        return answers[-1]

    def write_ready_record(self, name: str, record: Mapping[str, object]) -> None:
        """Write the record that makes the folder count, last and in one step."""
        installed = datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds")
        write_text(self.staging / name, json.dumps({**record, "installed": installed}, indent=1))

    def clean(self) -> None:
        """Nothing that looks installed and is not, whatever happened; hard links make the next try quick."""
        shutil.rmtree(self.staging, ignore_errors=True)

    def _run(self, command: list[str], environment: dict[str, str], on_wait: Callable[[], None] = lambda: None) -> int:
        """Run, with progress, a record of what was said, and a note of the process for whoever comes after a kill."""
        with _log().open("a", encoding="utf-8") as log:
            log.write(f"{datetime.datetime.now().isoformat(timespec='seconds')} {' '.join(command)}\n")

            def begin(pid: int) -> None:
                self.lock.set_command(pid)
                self.progress.follow(pid)

            def take(line: str) -> None:
                log.write(line + "\n")
                self.lines.append(line)
                self.progress.line(line)

            del self.lines[:]
            try:
                return run(command, environment, paths.home(), take, self.is_cancelled, on_wait, begin)
            finally:
                self.lock.set_command(0)

    def _failure(self) -> PrithviError:
        """What uv said, as one error with a next step that fits."""
        said = last_error_line(self.lines)
        everything = "\n".join(self.lines).lower()
        if "no space left" in everything or "disk quota" in everything:
            return _disk_full(f"The disk is full: {said}.")
        hint = "Run it again; what was downloaded is kept."
        if self.wheelhouse:
            hint = f"Complete the wheelhouse {self.wheelhouse} (see docs/air-gapped.md) and run it again."
        elif any(word in everything for word in ("connect", "dns", "network", "timed out", "certificate", "tls")):
            hint = "Check the network and the proxy (HTTPS_PROXY), or name a WHEELHOUSE; then run it again."
        return PrithviError(
            ErrorCode.INSTALL_FAILED,
            f"uv could not install {self.subject.name}: {said}.",
            f"{hint} All of it is in {_log()}.",
        )


def disk_trouble(e: OSError) -> PrithviError:
    """An error of the file system as one line."""
    if is_disk_full(e):
        return _disk_full(f"The disk of {paths.home()} is full.")
    return PrithviError(
        ErrorCode.INSTALL_FAILED,
        f"{e.filename or paths.home()} cannot be written ({e.strerror}).",
        "Choose a data folder that you may write (in the options, or PRITHVI_QGIS_HOME).",
    )


def _disk_full(text: str) -> PrithviError:
    return PrithviError(
        ErrorCode.DISK_FULL,
        text,
        "Make room, or choose a data folder on another disk (the options, or PRITHVI_QGIS_HOME).",
    )


def _log() -> Path:
    """Everything that uv and the proofs said."""
    return paths.home() / "install.log"


def _existing(folder: Path) -> Path:
    """The folder, or the nearest one above it that exists."""
    return next((p for p in (folder, *folder.parents) if p.exists()), Path("/"))
