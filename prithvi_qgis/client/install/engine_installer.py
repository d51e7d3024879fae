"""Install the engine: a venv in the user's data folder with exactly the packages of the lock file.

The venv is built under a temporary name, tested by importing what the engine needs, and renamed. A failed installation
never touches an engine that works.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path

from ...core.errors import ErrorCode, PrithviError
from ...core.protocol.messages import SmokeTest
from ...core.system import paths
from ...core.system.atomic_files import remove_folder, replace_folder
from ...core.system.timeouts import TIMEOUTS
from ..engine.engine_client import stop
from ..runtime.environment import scrubbed
from ..runtime.hardware import choose_variant
from ..runtime.readiness import lock_checksum, lock_file, readiness
from ..runtime.subprocess_lines import cancelled, run
from ..translation import tr
from .base_installer import InstallContext, Installer, InstallTarget, IsCancelled, Report, filesystem_error
from .find_python import Python
from .lock import install_lock
from .network_policy import PLAIN, Network
from .uv import find_uv
from .wheelhouse import open_wheelhouse

# What the engine imports when it loads a model, and vLLM's compiled part, whose absence vLLM only warns of.
_SMOKE_TEST = (
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
class InstallResult:
    """An installed engine."""

    variant: str
    """``cpu`` or ``cuda``."""
    reason: str
    """Why this variant was chosen, as a sentence."""
    folder: Path
    """The venv."""
    python: Path
    """The venv's interpreter."""
    fresh: bool
    """False if the engine was there already and passed its smoke test."""
    versions: dict[str, str]
    """Versions of the main packages."""


def install(
    variant: str = "auto",
    wheelhouse: Path | None = None,
    report: Report = lambda percent, text: None,
    is_cancelled: IsCancelled = lambda: False,
    network: Network = PLAIN,
) -> InstallResult:
    """Install the engine, or test the installed one.

    Args:
        variant: ``cuda``, ``cpu``, or ``auto`` for the one that fits the machine.
        wheelhouse: folder of wheels or of a bundle, used instead of the network.
        report: called with percent (0-100) and the current step.
        is_cancelled: called a few times per second.
        network: whether the network may be used, and through which proxy.
    Raises:
        PrithviError: ``device_missing``, ``disk_full``, ``install_failed`` or ``cancelled``. An engine that worked
            before still does.
    """
    source = open_wheelhouse(wheelhouse) if wheelhouse else None
    choice = source.choose(variant) if source else choose_variant(variant)
    report(0, tr("Variant: {}").format(choice.reason))
    try:
        (paths.home() / "engine").mkdir(parents=True, exist_ok=True)
        with install_lock(engine_name(choice.variant)) as lock:
            context = InstallContext(source, report, is_cancelled, lock, network)
            installer = EngineInstaller(choice.variant, context)
            _recover(choice.variant)
            found = installer.check_installed()
            versions = found or installer.install()
    except OSError as e:
        raise filesystem_error(e) from e
    report(100, tr("The engine is ready"))
    folder, python = paths.venv_folder(choice.variant), paths.venv_python(choice.variant)
    return InstallResult(choice.variant, choice.reason, folder, python, not found, versions)


class EngineInstaller(Installer):
    """Installs the engine of one variant as a venv."""

    def __init__(self, variant: str, context: InstallContext):
        staging = paths.home() / "engine" / f".{variant}-new"  # its path also identifies a leftover command of ours
        packages = "lib/python3*/site-packages/*.dist-info"
        super().__init__(InstallTarget(engine_name(variant), variant, staging, packages), variant, context)

    def check_installed(self) -> dict[str, str]:
        """Return the versions of an installed engine that passes its smoke test, else an empty dict."""
        if not readiness(self.variant).ready:
            return {}
        self.progress.show(10, tr("The engine is there already: checking it"))
        try:
            return self._test_venv(paths.venv_folder(self.variant)).versions
        except PrithviError as e:
            if e.code is ErrorCode.CANCELLED:
                raise
            self.progress.show(1, tr("The engine that is there does not work, so it is made anew. {}").format(e.text))
            return {}

    def install(self) -> dict[str, str]:
        """Build the venv, test it, and rename it; returns the versions of the main packages."""
        self.require_source("Name a folder of wheels (WHEELHOUSE)")
        self.progress.show(1, tr("Looking for Python and uv"))
        uv, python = self._tools()
        self.progress.show(2, f"Python {'.'.join(map(str, python.version))} ({python.path}), uv: {uv}")
        self.require_disk_space(uv)
        self.progress.show(3, tr("Making the environment"))
        self.clean()
        try:
            self.run_uv(uv, *self._commands(python))
            self.progress.show(87, tr("Checking that the engine works (about a minute the first time)"))
            result = self._test_venv(self.staging)
            record: dict[str, object] = {"lock": lock_checksum(self.variant), "variant": self.variant}
            record |= {"versions": result.versions, "python": result.python}
            self.write_ready_record(paths.ready_file(self.variant).name, record)
            self._stop_engine()
            replace_folder(self.staging, paths.venv_folder(self.variant), _backup(self.variant))
        finally:
            self.clean()
        return result.versions

    def _tools(self) -> tuple[Path, Python]:
        uv, python = self.require_tools(find_uv())
        if self.variant == "cpu":
            self._check_libnuma(python)
        return self.require_uv(uv, lambda: python.path), python

    def _check_libnuma(self, python: Python) -> None:
        """Check the one system library of vLLM's CPU wheel that a minimal system may lack."""
        command = [str(python.path), "-c", _LIBNUMA]
        if run(command, scrubbed(), paths.home(), self.lines.append, self.context.is_cancelled):
            raise PrithviError(
                ErrorCode.INSTALL_FAILED,
                "The CPU engine needs the system's library libnuma.so.1, which is not installed.",
                "Install it (Debian, Ubuntu: sudo apt install libnuma1; Fedora, RHEL: sudo dnf install numactl-libs),"
                " then run this again.",
            )

    def _commands(self, python: Python) -> tuple[list[str], list[str]]:
        """Return uv's arguments for an empty venv, and for the lock's packages with their checksums compared."""
        venv = ["venv", "--no-project", "--python", str(python.path), "--relocatable", str(self.staging)]
        sync = ["pip", "sync", "--require-hashes", "--python", str(self.staging / "bin" / "python")]
        sync += ["--build-constraints", str(lock_file("build")), str(lock_file(self.variant))]
        return [*venv, "--no-python-downloads"], sync

    def _test_venv(self, venv: Path) -> SmokeTest:
        """Run the smoke test in a venv.

        Raises:
            PrithviError: ``install_failed`` if an import fails, or CUDA does not work in the CUDA variant.
        """
        offline = {"VLLM_NO_USAGE_STATS": "1", "HF_HUB_OFFLINE": "1"}
        result = self.smoke_test(venv / "bin" / "python", _SMOKE_TEST, offline, _KERNELS_MISSING)
        if self.variant == "cuda" and not result.cuda:
            raise PrithviError(
                ErrorCode.INSTALL_FAILED,
                "The CUDA engine was put in place, but CUDA does not work in it although there is a GPU.",
                "Restart the machine if the driver was updated, or install the CPU engine (VARIANT=2).",
            )
        return result

    def _stop_engine(self) -> None:
        """Stop a running engine before its venv is replaced, as soon as it is idle."""
        if not paths.venv_folder(self.variant).exists():
            return
        while not stop(when_idle=True):
            self.progress.show(98, tr("Waiting for the running engine to finish its work"))
            if self.context.is_cancelled():
                raise cancelled()
            time.sleep(TIMEOUTS.retry_s)


def engine_name(variant: str) -> str:
    """Return the engine's name as in the middle of a sentence."""
    return f"the {variant.upper()} engine"


def _backup(variant: str) -> Path:
    return paths.home() / "engine" / f".{variant}-old"


def _recover(variant: str) -> None:
    """Restore the old venv of an installation that was killed between its two renames."""
    if _backup(variant).is_dir() and not paths.venv_folder(variant).exists():
        _backup(variant).rename(paths.venv_folder(variant))
    remove_folder(_backup(variant))
