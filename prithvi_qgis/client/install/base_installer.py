"""Steps that installing the engine and installing one of its optional components share.

Both fill a staging folder with uv from a lock file, run a smoke test on it, write the record that makes it count, and
rename the folder to its final name.
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
from ..translation import tr
from .fetch_python import FETCHED_VERSION, fetch_python
from .find_python import Python, any_python, find_python
from .lock import InstallLock
from .network_policy import Network
from .progress import InstallProgress
from .setup_plan import SPARE_MB, read_sizes
from .uv import fetch_uv, index_options, uv_environment
from .wheelhouse import Wheelhouse

Report = Callable[[int, str], None]
IsCancelled = Callable[[], bool]


@dataclass(frozen=True)
class InstallContext:
    """How an installation runs."""

    wheelhouse: Wheelhouse | None
    """Used instead of the network."""
    report: Report
    """Called with percent (0-100) and the current step."""
    is_cancelled: IsCancelled
    """Called a few times per second."""
    lock: InstallLock
    """Held for the whole installation."""
    network: Network
    """Whether the network may be used, and through which proxy."""


@dataclass(frozen=True)
class InstallTarget:
    """What is installed."""

    name: str
    """Name within a sentence: ``the CPU engine``, ``Ray``."""
    sizes: str
    """Key in ``sizes.json``."""
    staging: Path
    """Folder that is filled before the rename."""
    packages: str
    """Pattern below ``staging`` that matches once per installed package."""

    @property
    def title(self) -> str:
        """The name at the beginning of a sentence."""
        return self.name[0].upper() + self.name[1:]


class Installer:
    """One installation, under the lock."""

    def __init__(self, target: InstallTarget, variant: str, context: InstallContext):
        self.target, self.variant, self.context = target, variant, context
        self.staging = target.staging
        self.wheels = context.wheelhouse.folder if context.wheelhouse else None
        self.pythons = context.wheelhouse.pythons(variant) if context.wheelhouse else ()
        sizes = read_sizes(target.sizes)
        self.installed_mb = sizes["installed_mb"]
        self.progress = InstallProgress(
            sizes["packages"],
            sizes["download_mb"],
            sizes["installed_mb"],
            lambda: target.staging.glob(target.packages),
            context.report,
        )
        self.lines: list[str] = []  # output of the last command

    def require_source(self, alternative: str) -> None:
        """Refuse an installation that would need the network in offline mode.

        Raises:
            PrithviError: ``install_failed`` with ``alternative`` as the next step.
        """
        if self.context.network.offline and not self.wheels:
            raise PrithviError(
                ErrorCode.INSTALL_FAILED,
                f"Offline mode is on, so {self.target.name} cannot be downloaded.",
                f"{alternative}, or turn offline mode off in the options.",
            )

    def require_uv(self, uv: Path | None, python: Callable[[], Path]) -> Path:
        """Return ``uv``, or fetch it with the interpreter that ``python`` returns.

        Raises:
            PrithviError: ``install_failed``, ``cancelled``.
        """
        if uv is None:
            self.progress.show(2, tr("Fetching uv"))
            uv = fetch_uv(python(), self.wheels, self.context.network.variables, self.context.is_cancelled)
        return uv

    def require_tools(self, uv: Path | None) -> tuple[Path | None, Python]:
        """Return a Python for the engine, and uv if it had to be fetched or was given.

        Raises:
            PrithviError: ``install_failed`` without a Python that fits, unless one may be fetched; ``cancelled``.
        """
        network = self.context.network
        online = not self.wheels and not network.offline
        try:
            return uv, find_python(uv, self.pythons, online)
        except PrithviError:
            helper = any_python()
            if not online or not network.fetch_python or os.environ.get("PRITHVI_QGIS_PYTHON") or not (uv or helper):
                raise
        uv = self.require_uv(uv, lambda: helper or Path())
        self.progress.show(2, tr("Fetching Python {}").format(FETCHED_VERSION))
        return uv, fetch_python(uv, network.variables, self._run, self.lines)

    def require_disk_space(self, uv: Path) -> None:
        """Check the free space before gigabytes are downloaded.

        Raises:
            PrithviError: ``disk_full`` naming the disk.
        """
        home = paths.home()
        needs = {home: self.installed_mb + SPARE_MB}
        lines: list[str] = []
        code = run([str(uv), "cache", "dir"], uv_environment({}), home, lines.append, self.context.is_cancelled)
        if code == 0 and lines:
            cache = paths.existing_folder(Path(lines[-1].strip()))
            if os.stat(cache).st_dev != os.stat(home).st_dev:
                # Between disks uv copies instead of linking, so both hold the packages.
                needs[cache] = self.installed_mb + SPARE_MB
        for folder, need_mb in needs.items():
            free_mb = shutil.disk_usage(folder).free // 2**20
            if free_mb < need_mb:
                variable = "PRITHVI_QGIS_HOME" if folder == home else "UV_CACHE_DIR"
                raise PrithviError(
                    ErrorCode.DISK_FULL,
                    f"{self.target.title} needs {need_mb / 1024:.1f} GB on the disk of {folder};"
                    f" {free_mb / 1024:.1f} GB are free.",
                    f"Make room, or set {variable} to a folder on another disk.",
                )

    def run_uv(self, uv: Path, *commands: list[str]) -> None:
        """Run uv's commands; the options for the package source are appended to the last one.

        Raises:
            PrithviError: ``install_failed`` or ``disk_full`` with uv's error; ``cancelled``.
        """
        environment = uv_environment(self.context.network.variables)
        if self.wheels:
            source = ["--offline", "--no-index", "--find-links", str(self.wheels)]
        else:
            source = index_options(environment)
        for command in (*commands[:-1], [*commands[-1], *source]):
            if self._run([str(uv), *command], environment, self.progress.poll) != 0:
                raise self._uv_error()

    def smoke_test(self, python: Path, code: str, variables: Mapping[str, str], fatal: str = "") -> SmokeTest:
        """Run ``code``, which prints a :class:`SmokeTest`, with ``python``.

        Args:
            variables: added to the environment.
            fatal: a text in the output that means failure despite exit code 0; the reason follows it.
        Raises:
            PrithviError: ``install_failed`` with the reason.
        """
        # Bytecode is written, otherwise every start of the engine would compile everything again.
        environment = {k: v for k, v in scrubbed().items() if k != "PYTHONDONTWRITEBYTECODE"}
        environment |= {"PYTHONSAFEPATH": "1", **variables}
        # -P alone is not enough: the user's site-packages must not stand in for what the lock lacks.
        failed = self._run([str(python), "-s", "-c", code], environment) != 0
        answers = [message for message in map(parse_line, self.lines) if isinstance(message, SmokeTest)]
        reasons = [line.partition(fatal)[2] for line in self.lines if fatal and fatal in line]
        if failed or not answers or reasons:
            reason = reasons[0].strip(". :") if reasons else last_error_line(self.lines)
            raise PrithviError(
                ErrorCode.INSTALL_FAILED,
                f"{self.target.title} does not start: {reason}.",
                f"All of it is in {_log_file()}; docs/troubleshooting.md has the known causes.",
            )
        return answers[-1]

    def write_ready_record(self, name: str, record: Mapping[str, object]) -> None:
        """Write the record that makes the folder count; the last step before the rename."""
        installed = datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds")
        write_text(self.staging / name, json.dumps({**record, "installed": installed}, indent=1))

    def clean(self) -> None:
        """Remove the staging folder; uv's cache of hard links keeps the next attempt short."""
        shutil.rmtree(self.staging, ignore_errors=True)

    def _run(self, command: list[str], environment: dict[str, str], on_wait: Callable[[], None] = lambda: None) -> int:
        """Run with progress and a log; the lock records the process, so that it can be ended after a kill."""
        with _log_file().open("a", encoding="utf-8") as log:
            log.write(f"{datetime.datetime.now().isoformat(timespec='seconds')} {' '.join(command)}\n")

            def on_start(pid: int) -> None:
                self.context.lock.set_command(pid)
                self.progress.watch_process(pid)

            def on_line(line: str) -> None:
                log.write(line + "\n")
                self.lines.append(line)
                self.progress.read_line(line)

            del self.lines[:]
            try:
                return run(command, environment, paths.home(), on_line, self.context.is_cancelled, on_wait, on_start)
            finally:
                self.context.lock.set_command(0)

    def _uv_error(self) -> PrithviError:
        """Return uv's error with a next step that fits."""
        reason = last_error_line(self.lines)
        output = "\n".join(self.lines).lower()
        if "no space left" in output or "disk quota" in output:
            return _disk_full(f"The disk is full: {reason}.")
        hint = "Run it again; what was downloaded is kept."
        if self.wheels:
            hint = f"Complete the wheelhouse {self.wheels} (see docs/air-gapped.md) and run it again."
        elif any(word in output for word in ("connect", "dns", "network", "timed out", "certificate", "tls")):
            hint = "Check the network and the proxy (HTTPS_PROXY), or name a WHEELHOUSE; then run it again."
        return PrithviError(
            ErrorCode.INSTALL_FAILED,
            f"uv could not install {self.target.name}: {reason}.",
            f"{hint} All of it is in {_log_file()}.",
        )


def filesystem_error(e: OSError) -> PrithviError:
    """Return an error of the file system as ``disk_full`` or ``install_failed``."""
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


def _log_file() -> Path:
    """The output of uv and of the smoke tests."""
    return paths.home() / "install.log"
