"""Optional parts of the engine: packages that few need, installed when first asked for.

A part lies in a folder beside the engine's venv and is put on the path of the runs that need it. So an engine that
works is left as it is, and a part that fails takes nothing with it.
"""

from __future__ import annotations

import datetime
import hashlib
import json
import os
import shutil
from pathlib import Path

from ..contract import paths
from ..contract.errors import ErrorCode, PrithviError
from .command import last_words
from .environment import scrubbed
from .install import Installation, IsCancelled, Network, Report
from .install_lock import install_lock
from .readiness import readiness
from .uv import uv_environment
from .wheelhouse import open_wheelhouse

RAY = "ray"
NETWORK = Network()
_PROOFS = {RAY: "import ray; print('\\nprithvi ' + ray.__version__, flush=True)"}


def part_ready(variant: str, part: str) -> bool:
    """Whether a part is installed and is the one that this version of the plugin names. Looks at files alone."""
    try:
        record = json.loads(paths.part_record(variant, part).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return isinstance(record, dict) and record.get("lock") == _checksum(part)


def install_part(
    variant: str,
    part: str,
    wheelhouse: Path | None = None,
    report: Report = lambda percent, text: None,
    is_cancelled: IsCancelled = lambda: False,
    network: Network = NETWORK,
) -> bool:
    """Install a part of an engine that is installed, unless it is there.

    Args:
        variant: ``cpu`` or ``cuda``; part: :data:`RAY`. The rest as for :func:`..install.install`.
    Returns:
        whether it was installed now.
    Raises:
        PrithviError: ``engine_missing``, ``disk_full``, ``install_failed`` or ``cancelled``; nothing is left then.
    """
    state = readiness(variant)
    if not state.ready:
        raise PrithviError(ErrorCode.ENGINE_MISSING, state.reason, state.next_step)
    if part_ready(variant, part):
        return False
    house = open_wheelhouse(wheelhouse) if wheelhouse else None
    with install_lock() as lock:
        _Part(part, variant, house, report, is_cancelled, lock, network).put()
    report(100, f"{part.capitalize()} is ready")
    return True


class _Part(Installation):
    """The installation of one part, with the engine's own ways of running uv and telling what it said."""

    def __init__(self, part: str, variant: str, *rest: object):
        super().__init__(variant, *rest)  # type: ignore[arg-type]
        self.part = part
        self.staging = paths.home() / "engine" / f".{variant}-{part}-new"
        sizes = json.loads((paths.resources() / "engine" / "sizes.json").read_text(encoding="utf-8"))[part]
        self.installed_mb = sizes["installed_mb"]

    def put(self) -> None:
        """Fill a folder, prove it, rename it into its place."""
        if self.network.offline and not self.wheelhouse:
            raise PrithviError(
                ErrorCode.INSTALL_FAILED,
                f"Offline mode is on, so {self.part.capitalize()} cannot be downloaded.",
                "Name a folder of wheels (WHEELHOUSE) of prithvi:installengine, or turn offline mode off.",
            )
        self.progress.show(1, f"Installing {self.part.capitalize()}, an optional part of the engine")
        uv, _ = self._tools()
        self._check_disk(uv)
        place = paths.part_folder(self.variant, self.part)
        shutil.rmtree(self.staging, ignore_errors=True)
        try:
            command = [str(uv), "pip", "install", "--require-hashes", "--no-deps", "--target", str(self.staging)]
            command += ["--python", str(paths.venv_python(self.variant))]
            if self.wheelhouse:
                command += ["--offline", "--no-index", "--find-links", str(self.wheelhouse)]
            command += ["-r", str(_lock(self.part))]
            if self._run(command, uv_environment(self.network.variables), self.progress.wait) != 0:
                raise self._failure()
            self._record(self._version())
            shutil.rmtree(place, ignore_errors=True)
            self.staging.rename(place)
        finally:
            shutil.rmtree(self.staging, ignore_errors=True)

    def _version(self) -> str:
        """The version that the engine's Python imports from the new folder."""
        environment = {**scrubbed(), "PYTHONPATH": str(self.staging), "PYTHONSAFEPATH": "1"}
        python = str(paths.venv_python(self.variant))
        code = self._run([python, "-s", "-c", _PROOFS[self.part]], environment)
        answers = [line[len("prithvi ") :] for line in self.lines if line.startswith("prithvi ")]
        if code != 0 or not answers:
            raise PrithviError(
                ErrorCode.INSTALL_FAILED,
                f"{self.part.capitalize()} does not start: {last_words(self.lines)}.",
                f"All of it is in {paths.home() / 'install.log'}.",
            )
        return answers[-1]

    def _record(self, version: str) -> None:
        record = {
            "lock": _checksum(self.part),
            "versions": {self.part: version},
            "installed": datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds"),
        }
        with (self.staging / paths.part_record(self.variant, self.part).name).open("w", encoding="utf-8") as f:
            json.dump(record, f, indent=1)
            f.flush()
            os.fsync(f.fileno())


def _lock(part: str) -> Path:
    return paths.resources() / "engine" / f"{part}.lock"


def _checksum(part: str) -> str:
    return hashlib.sha256(_lock(part).read_bytes()).hexdigest()
