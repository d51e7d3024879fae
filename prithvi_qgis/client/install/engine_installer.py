"""Installing the engine: a venv in the user's data folder, exactly what the lock says, checked before it counts.

The venv is built under another name, proved by importing what the engine needs, and renamed; an engine that works is
never touched by an installation that fails.
"""

from __future__ import annotations

import shutil
import time
from dataclasses import dataclass
from pathlib import Path

from ...core.errors import ErrorCode, PrithviError
from ...core.protocol.messages import SmokeTest
from ...core.system import paths
from ...core.system.atomic_files import replace_folder
from ..engine.engine_client import stop
from ..runtime.environment import scrubbed
from ..runtime.hardware import choose_variant
from ..runtime.readiness import lock_checksum, lock_file, readiness
from ..runtime.subprocess_lines import cancelled, run
from ..translation import tr
from .base_installer import Installer, InstallTarget, IsCancelled, Report, disk_trouble
from .find_python import Python, find_python
from .lock import InstallLock, install_lock
from .network_policy import PLAIN, Network
from .uv import fetch_uv, find_uv
from .wheelhouse import Wheelhouse, open_wheelhouse

# What the engine imports when it loads a model, and vLLM's compiled part, whose absence vLLM only warns of.
_CHECK = (
    "import json, sys, cv2, rasterio, torch, torchvision, terratorch.models, vllm;"
    "from vllm.platforms import current_platform;"
    "current_platform.import_kernels();"
    "from importlib.metadata import version;"
    "names = ['torch', 'terratorch', 'rasterio'];"
    "v = {'vllm': vllm.__version__, **{n: version(n) for n in names}};"
    "print('\\n' + json.dumps({'type': 'SmokeTest', 'cuda': torch.cuda.is_available(), 'versions': v,"
    " 'python': sys.version.split()[0]}), flush=True)"
)
_KERNELS_MISSING = "Failed to import from vllm._C"
_LIBNUMA = "import ctypes; ctypes.CDLL('libnuma.so.1')"


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
    network: Network = PLAIN,
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
    source = open_wheelhouse(wheelhouse) if wheelhouse else None
    choice = source.choose(variant) if source else choose_variant(variant)
    report(0, tr("Variant: {}").format(choice.reason))
    try:
        (paths.home() / "engine").mkdir(parents=True, exist_ok=True)
        with install_lock(engine_name(choice.variant)) as lock:
            job = EngineInstaller(choice.variant, source, report, is_cancelled, lock, network)
            _recover(choice.variant)
            found = job.check_installed()
            versions = found or job.build()
    except OSError as e:
        raise disk_trouble(e) from e
    report(100, tr("The engine is ready"))
    return InstallOutcome(
        choice.variant,
        choice.reason,
        paths.venv_folder(choice.variant),
        paths.venv_python(choice.variant),
        not found,
        versions,
    )


class EngineInstaller(Installer):
    """The engine of one variant: a venv that takes the place of the one before."""

    def __init__(
        self,
        variant: str,
        wheelhouse: Wheelhouse | None,
        report: Report,
        is_cancelled: IsCancelled,
        lock: InstallLock,
        network: Network,
    ):
        """``wheelhouse``: used instead of the network, or None."""
        packages = "lib/python3*/site-packages/*.dist-info"
        subject = InstallTarget(engine_name(variant), variant, _staging(variant), packages)
        super().__init__(subject, variant, wheelhouse, report, is_cancelled, lock, network)

    def check_installed(self) -> dict[str, str]:
        """The versions of an engine that is there and works, else an empty dict."""
        if not readiness(self.variant).ready:
            return {}
        self.progress.show(10, tr("The engine is there already: checking it"))
        try:
            return self._proof(paths.venv_folder(self.variant)).versions
        except PrithviError as e:
            if e.code is ErrorCode.CANCELLED:
                raise
            self.progress.show(1, tr("The engine that is there does not work, so it is made anew. {}").format(e.text))
            return {}

    def build(self) -> dict[str, str]:
        """Make the venv, prove it, put it in its place."""
        self.require_source("Name a folder of wheels (WHEELHOUSE)")
        self.progress.show(1, tr("Looking for Python and uv"))
        uv, python = self._tools()
        self.progress.show(2, f"Python {'.'.join(map(str, python.version))} ({python.path}), uv: {uv}")
        self.require_room(uv)
        self.progress.show(3, tr("Making the environment"))
        self.clean()
        try:
            self.fill(uv, *self._commands(python))
            self.progress.show(87, tr("Checking that the engine works (about a minute the first time)"))
            proof = self._proof(self.staging)
            record: dict[str, object] = {"lock": lock_checksum(self.variant), "variant": self.variant}
            record |= {"versions": proof.versions, "python": proof.python}
            self.write_ready_record(paths.ready_file(self.variant).name, record)
            self._release()
            self._swap()
        finally:
            self.clean()
        return proof.versions

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

    def _commands(self, python: Python) -> tuple[list[str], list[str]]:
        """uv's arguments: an empty venv, then the lock's packages with their checksums compared."""
        venv = ["venv", "--no-project", "--python", str(python.path), "--relocatable", str(self.staging)]
        sync = ["pip", "sync", "--require-hashes", "--python", str(self.staging / "bin" / "python")]
        sync += ["--build-constraints", str(paths.resources() / "engine" / "build.lock"), str(lock_file(self.variant))]
        return [*venv, "--no-python-downloads"], sync

    def _proof(self, venv: Path) -> SmokeTest:
        """Import what the engine needs in the venv; its answer.

        Raises:
            PrithviError: ``install_failed`` when it does not import, or CUDA is not usable in the CUDA variant.
        """
        offline = {"VLLM_NO_USAGE_STATS": "1", "HF_HUB_OFFLINE": "1"}
        proof = self.smoke_test(venv / "bin" / "python", _CHECK, offline, _KERNELS_MISSING)
        if self.variant == "cuda" and not proof.cuda:
            raise PrithviError(
                ErrorCode.INSTALL_FAILED,
                "The CUDA engine was put in place, but CUDA does not work in it although there is a GPU.",
                "Restart the machine if the driver was updated, or install the CPU engine (VARIANT=2).",
            )
        return proof

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
        replace_folder(self.staging, paths.venv_folder(self.variant), _former(self.variant))


def engine_name(variant: str) -> str:
    """What messages call the engine in the middle of a sentence."""
    return f"the {variant.upper()} engine"


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
