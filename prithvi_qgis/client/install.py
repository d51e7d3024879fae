"""Installing the engine: a venv in the user's data folder, exactly what the lock says, checked before it counts.

The venv is built under another name, proved by importing what the engine needs, and renamed; an engine that works is
never touched by an installation that fails.
"""

from __future__ import annotations

import contextlib
import datetime
import errno
import json
import os
import shutil
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from ..contract import paths
from ..contract.errors import ErrorCode, PrithviError
from .command import cancelled, last_words, run
from .engine import stop
from .environment import scrubbed
from .hardware import choose_variant
from .install_lock import InstallLock, install_lock
from .install_progress import InstallProgress
from .pythons import Python, find_python
from .readiness import installed_variant, lock_checksum, lock_file, readiness
from .setup_plan import SPARE_MB
from .uv import fetch_uv, find_uv, index_options, uv_environment
from .wheelhouse import Wheelhouse, open_wheelhouse
from .words import tr

__all__ = ["InstallOutcome", "Network", "install", "installed_variant", "readiness"]

Report = Callable[[int, str], None]
IsCancelled = Callable[[], bool]

# What the engine imports when it loads a model, and vLLM's compiled part, whose absence vLLM only warns of.
_CHECK = (
    "import json, sys, cv2, rasterio, torch, torchvision, terratorch.models, vllm;"
    "from vllm.platforms import current_platform;"
    "current_platform.import_kernels();"
    "from importlib.metadata import version;"
    "names = ['torch', 'terratorch', 'rasterio'];"
    "v = {'vllm': vllm.__version__, **{n: version(n) for n in names}};"
    "print('\\nprithvi ' + json.dumps({'cuda': torch.cuda.is_available(), 'versions': v,"
    " 'python': sys.version.split()[0]}), flush=True)"
)
_KERNELS_MISSING = "Failed to import from vllm._C"
_LIBNUMA = "import ctypes; ctypes.CDLL('libnuma.so.1')"


@dataclass(frozen=True)
class Network:
    """How an installation may use the network.

    Attributes:
        offline: not at all; then only a wheelhouse will do.
        variables: proxy and certificates that the front end knows; the user's own variables and pip settings win.
    """

    offline: bool = False
    variables: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class InstallOutcome:
    """What an installation left.

    Attributes:
        variant: ``cpu`` or ``cuda``; reason: why that one, as a sentence.
        folder: the venv; python: its interpreter.
        fresh: False when the engine was there already and passed its check.
        versions: of the main packages.
    """

    variant: str
    reason: str
    folder: Path
    python: Path
    fresh: bool
    versions: dict[str, str]


def install(
    variant: str = "auto",
    wheelhouse: Path | None = None,
    report: Report = lambda percent, text: None,
    is_cancelled: IsCancelled = lambda: False,
    network: Network = Network(),
) -> InstallOutcome:
    """Install the engine, or check the one that is there.

    Args:
        variant: ``auto`` looks at the machine; ``cuda`` or ``cpu``.
        wheelhouse: folder of wheels, or a bundle's folder; the network is not used then.
        report: called with percent (0-100) and what is going on.
        is_cancelled: asked a few times a second.
        network: whether it may be used, and through what.
    Raises:
        PrithviError: ``device_missing``, ``disk_full``, ``install_failed`` or ``cancelled``. What was installed and
            worked before still does.
    """
    house = open_wheelhouse(wheelhouse) if wheelhouse else None
    choice = house.choose(variant) if house else choose_variant(variant)
    report(0, tr("Variant: {}").format(choice.reason))
    try:
        (paths.home() / "engine").mkdir(parents=True, exist_ok=True)
        with install_lock() as lock:
            job = Installation(choice.variant, house, report, is_cancelled, lock, network)
            _recover(choice.variant)
            found = job.check_installed()
            versions = found or job.build()
    except OSError as e:
        raise _disk_trouble(e) from e
    report(100, tr("The engine is ready"))
    return InstallOutcome(
        choice.variant,
        choice.reason,
        paths.venv_folder(choice.variant),
        paths.venv_python(choice.variant),
        not found,
        versions,
    )


class Installation:
    """One installation of one variant, under the lock."""

    def __init__(
        self,
        variant: str,
        house: Wheelhouse | None,
        report: Report,
        is_cancelled: IsCancelled,
        lock: InstallLock,
        network: Network,
    ):
        self.variant = variant
        self.wheelhouse = house.folder if house else None
        self.pythons = house.pythons(variant) if house else ()
        self.is_cancelled = is_cancelled
        self.lock = lock
        self.network = network
        self.staging = _staging(variant)
        sizes = json.loads((paths.resources() / "engine" / "sizes.json").read_text(encoding="utf-8"))[variant]
        self.installed_mb = sizes["installed_mb"]
        self.progress = InstallProgress(
            sizes["packages"], sizes["download_mb"], sizes["installed_mb"], self.staging, report
        )
        self.lines: list[str] = []

    def check_installed(self) -> dict[str, str]:
        """The versions of an engine that is there and works, else an empty dict."""
        if not readiness(self.variant).ready:
            return {}
        self.progress.show(10, tr("The engine is there already: checking it"))
        try:
            return self._prove(paths.venv_folder(self.variant))["versions"]
        except PrithviError as e:
            if e.code is ErrorCode.CANCELLED:
                raise
            self.progress.show(1, tr("The engine that is there does not work, so it is made anew. {}").format(e.text))
            return {}

    def build(self) -> dict[str, str]:
        """Make the venv, prove it, put it in its place."""
        if self.network.offline and not self.wheelhouse:
            raise PrithviError(
                ErrorCode.INSTALL_FAILED,
                f"Offline mode is on, so the {self.variant.upper()} engine cannot be downloaded.",
                "Name a folder of wheels (WHEELHOUSE), or turn offline mode off in the options.",
            )
        self.progress.show(1, tr("Looking for Python and uv"))
        uv, python = self._tools()
        self.progress.show(2, f"Python {'.'.join(map(str, python.version))} ({python.path}), uv: {uv}")
        self._check_disk(uv)
        self.progress.show(3, tr("Making the environment"))
        try:
            self._fill(uv, python)
            self.progress.show(87, tr("Checking that the engine works (about a minute the first time)"))
            proof = self._prove(self.staging)
            self._seal(proof)
            self._release()
            self._swap()
        finally:
            # Nothing that looks like an engine and is none, whatever happened; hard links make the next try quick.
            shutil.rmtree(self.staging, ignore_errors=True)
        return proof["versions"]

    def _tools(self) -> tuple[Path, Python]:
        uv = find_uv()
        python = find_python(uv, self.pythons)
        if self.variant == "cpu":
            self._check_libnuma(python)
        if uv is None:
            self.progress.show(2, tr("Fetching uv"))
            uv = fetch_uv(python.path, self.wheelhouse, self.network.variables, self.is_cancelled)
        return uv, python

    def _check_libnuma(self, python: Python) -> None:
        """The one library of the system that vLLM's CPU wheel needs and a small system may lack."""
        if run([str(python.path), "-c", _LIBNUMA], scrubbed(), paths.home(), self.lines.append, self.is_cancelled):
            raise PrithviError(
                ErrorCode.INSTALL_FAILED,
                "The CPU engine needs the system's library libnuma.so.1, which is not installed.",
                "Install it (Debian, Ubuntu: sudo apt install libnuma1; Fedora, RHEL: sudo dnf install numactl-libs),"
                " then run this again.",
            )

    def _check_disk(self, uv: Path) -> None:
        """Refuse before gigabytes have been downloaded for nothing."""
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
                    f"The {self.variant.upper()} engine needs {need_mb / 1024:.1f} GB on the disk of {folder};"
                    f" {free_mb / 1024:.1f} GB are free.",
                    f"Make room, or set {what} to a folder on another disk.",
                )

    def _fill(self, uv: Path, python: Python) -> None:
        """An empty venv, then the lock's packages with their checksums compared."""
        shutil.rmtree(self.staging, ignore_errors=True)
        engine = paths.resources() / "engine"
        venv = [str(uv), "venv", "--no-project", "--python", str(python.path), "--relocatable", str(self.staging)]
        sync = [str(uv), "pip", "sync", "--require-hashes", "--python", str(self.staging / "bin" / "python")]
        sync += ["--build-constraints", str(engine / "build.lock")]
        environment = uv_environment(self.network.variables)
        if self.wheelhouse:
            sync += ["--offline", "--no-index", "--find-links", str(self.wheelhouse)]
        else:
            sync += index_options(environment)
        for command in ([*venv, "--no-python-downloads"], [*sync, str(lock_file(self.variant))]):
            if self._run(command, environment, self.progress.wait) != 0:
                raise self._failure()

    def _run(self, command: list[str], environment: dict[str, str], on_wait: Callable[[], None] = lambda: None) -> int:
        """Run, with progress, a record of what was said, and a note of the process for whoever comes after a kill."""
        with (paths.home() / "install.log").open("a", encoding="utf-8") as log:
            log.write(f"{datetime.datetime.now().isoformat(timespec='seconds')} {' '.join(command)}\n")

            def begin(pid: int) -> None:
                self.lock.note_command(pid)
                self.progress.follow(pid)

            def take(line: str) -> None:
                log.write(line + "\n")
                self.lines.append(line)
                self.progress.line(line)

            del self.lines[:]
            try:
                return run(
                    command,
                    environment,
                    paths.home(),
                    take,
                    self.is_cancelled,
                    on_wait,
                    begin,
                )
            finally:
                self.lock.note_command(0)

    def _failure(self) -> PrithviError:
        """What uv said, as one error with a next step that fits."""
        said = last_words(self.lines)
        everything = "\n".join(self.lines).lower()
        where = f"All of it is in {paths.home() / 'install.log'}."
        if "no space left" in everything or "disk quota" in everything:
            return PrithviError(
                ErrorCode.DISK_FULL,
                f"The disk is full: {said}.",
                "Make room, or choose a data folder on another disk (the options, or PRITHVI_QGIS_HOME).",
            )
        hint = "Run it again; what was downloaded is kept."
        if self.wheelhouse:
            hint = f"Complete the wheelhouse {self.wheelhouse} (see docs/air-gapped.md) and run it again."
        elif any(word in everything for word in ("connect", "dns", "network", "timed out", "certificate", "tls")):
            hint = "Check the network and the proxy (HTTPS_PROXY), or name a WHEELHOUSE; then run it again."
        return PrithviError(ErrorCode.INSTALL_FAILED, f"uv could not install the engine: {said}.", f"{hint} {where}")

    def _prove(self, venv: Path) -> dict:
        """Import what the engine needs in the venv; its answer.

        Raises:
            PrithviError: ``install_failed`` when it does not import, or CUDA is not usable in the CUDA variant.
        """
        # Bytecode is wanted: without it every start of the engine would compile everything again.
        environment = {k: v for k, v in scrubbed().items() if k != "PYTHONDONTWRITEBYTECODE"}
        environment |= {"PYTHONSAFEPATH": "1", "VLLM_NO_USAGE_STATS": "1", "HF_HUB_OFFLINE": "1"}
        # -P alone would not do: the user's own site-packages must not stand in for what the lock lacks.
        code = self._run([str(venv / "bin" / "python"), "-s", "-c", _CHECK], environment)
        answers = [line[len("prithvi ") :] for line in self.lines if line.startswith("prithvi {")]
        kernels = [line.partition(_KERNELS_MISSING)[2] for line in self.lines if _KERNELS_MISSING in line]
        if code != 0 or not answers or kernels:
            said = kernels[0].strip(". :") if kernels else last_words(self.lines)
            raise PrithviError(
                ErrorCode.INSTALL_FAILED,
                f"The {self.variant.upper()} engine does not start: {said}.",
                f"All of it is in {paths.home() / 'install.log'}; docs/troubleshooting.md has the known causes.",
            )
        proof = json.loads(answers[-1])
        if self.variant == "cuda" and not proof["cuda"]:
            raise PrithviError(
                ErrorCode.INSTALL_FAILED,
                "The CUDA engine was put in place, but CUDA does not work in it although there is a GPU.",
                "Restart the machine if the driver was updated, or install the CPU engine (VARIANT=2).",
            )
        return proof

    def _seal(self, proof: dict) -> None:
        """Write the record that makes the venv count, last and in one step."""
        record = {
            "lock": lock_checksum(self.variant),
            "variant": self.variant,
            "versions": proof["versions"],
            "python": proof["python"],
            "installed": datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds"),
        }
        name = paths.ready_file(self.variant).name
        fresh = self.staging / f".{name}"
        with fresh.open("w", encoding="utf-8") as f:
            json.dump(record, f, indent=1)
            f.flush()
            os.fsync(f.fileno())
        fresh.replace(self.staging / name)

    def _release(self) -> None:
        """Have a running engine end before the venv under it goes; one that works is waited for."""
        if not paths.venv_folder(self.variant).exists():
            return
        while not stop(when_idle=True):
            self.progress.show(98, tr("Waiting for the running engine to finish its work"))
            if self.is_cancelled():
                raise cancelled()
            time.sleep(1)

    def _swap(self) -> None:
        """Put the proved venv in the place of the old one."""
        place, old = paths.venv_folder(self.variant), _former(self.variant)
        shutil.rmtree(old, ignore_errors=True)
        with contextlib.suppress(FileNotFoundError):
            place.rename(old)
        self.staging.rename(place)
        shutil.rmtree(old, ignore_errors=True)


def _staging(variant: str) -> Path:
    """Where a venv grows; also what tells our commands from others in :mod:`install_lock`."""
    return paths.home() / "engine" / f".{variant}-new"


def _former(variant: str) -> Path:
    return paths.home() / "engine" / f".{variant}-old"


def _recover(variant: str) -> None:
    """Put back the old venv of an installation that was killed between its two renames."""
    if _former(variant).is_dir() and not paths.venv_folder(variant).exists():
        _former(variant).rename(paths.venv_folder(variant))
    shutil.rmtree(_former(variant), ignore_errors=True)


def _existing(folder: Path) -> Path:
    """The folder, or the nearest one above it that exists."""
    return next((p for p in (folder, *folder.parents) if p.exists()), Path("/"))


def _disk_trouble(e: OSError) -> PrithviError:
    """An error of the file system as one line."""
    if e.errno in (errno.ENOSPC, errno.EDQUOT):
        return PrithviError(
            ErrorCode.DISK_FULL,
            f"The disk of {paths.home()} is full.",
            "Make room, or choose a data folder on another disk (the options, or PRITHVI_QGIS_HOME).",
        )
    return PrithviError(
        ErrorCode.INSTALL_FAILED,
        f"{e.filename or paths.home()} cannot be written ({e.strerror}).",
        "Choose a data folder that you may write (in the options, or PRITHVI_QGIS_HOME).",
    )
