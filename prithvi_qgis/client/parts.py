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
from typing import Any

from ..contract import paths
from ..contract.errors import ErrorCode, PrithviError
from .command import last_words
from .environment import scrubbed
from .install import Installation, IsCancelled, Network, Report
from .install_lock import install_lock
from .install_progress import InstallProgress
from .readiness import readiness
from .uv import index_options, uv_environment
from .wheelhouse import open_wheelhouse
from .words import tr

RAY = "ray"
NETWORK = Network()
_PROOFS = {RAY: "import ray; print('\\nprithvi ' + ray.__version__, flush=True)"}


def part_ready(variant: str, part: str) -> bool:
    """Whether a part is installed and is the one that this version of the plugin names. Looks at files alone."""
    return _record(variant, part).get("lock") == part_checksum(part)


def part_versions(variant: str, part: str) -> dict[str, str]:
    """Versions of a part that is installed; empty where it is not."""
    return dict(_record(variant, part).get("versions") or {})


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
    if house and not any(house.folder.glob(f"{part}-*.whl")):
        raise PrithviError(
            ErrorCode.INSTALL_FAILED,
            f"The folder of wheels {house.folder} has no {part.capitalize()}.",
            "Add it with RAY=true of prithvi:exportbundle, or install the engine without it.",
        )
    try:
        with install_lock() as lock:
            _Part(part, variant, house, report, is_cancelled, lock, network).put()
    except OSError as e:
        raise PrithviError(
            ErrorCode.INSTALL_FAILED,
            f"{part.capitalize()} cannot be written to {paths.part_folder(variant, part)}: {e.strerror or e}.",
            "Make room or make it writable, then run it again.",
        ) from e
    report(100, tr("{} is ready").format(part.capitalize()))
    return True


class _Part(Installation):
    """The installation of one part, with the engine's own ways of running uv and telling what it said."""

    def __init__(self, part: str, variant: str, *rest: object):
        super().__init__(variant, *rest)  # type: ignore[arg-type]
        self.part = part
        self.staging = paths.home() / "engine" / f".{variant}-{part}-new"
        sizes = json.loads((paths.resources() / "engine" / "sizes.json").read_text(encoding="utf-8"))[part]
        self.installed_mb = sizes["installed_mb"]
        report = rest[1]
        self.progress = InstallProgress(
            sizes["packages"],
            sizes["download_mb"],
            sizes["installed_mb"],
            self.staging,
            report,  # type: ignore[arg-type]
        )

    def put(self) -> None:
        """Fill a folder, prove it, rename it into its place."""
        if self.network.offline and not self.wheelhouse:
            raise PrithviError(
                ErrorCode.INSTALL_FAILED,
                f"Offline mode is on, so {self.part.capitalize()} cannot be downloaded.",
                "Install it from a folder of wheels (prithvi:installengine with RAY and WHEELHOUSE), or turn offline "
                "mode off in the options.",
            )
        self.progress.show(1, tr("Installing {}, an optional part of the engine").format(self.part.capitalize()))
        uv, _ = self._tools()
        self._check_disk(uv)
        place = paths.part_folder(self.variant, self.part)
        shutil.rmtree(self.staging, ignore_errors=True)
        try:
            command = [str(uv), "pip", "install", "--require-hashes", "--no-deps", "--target", str(self.staging)]
            command += ["--python", str(paths.venv_python(self.variant))]
            environment = uv_environment(self.network.variables)
            if self.wheelhouse:
                command += ["--offline", "--no-index", "--find-links", str(self.wheelhouse)]
            else:
                command += index_options(environment)
            command += ["-r", str(part_lock(self.part))]
            if self._run(command, environment, self.progress.wait) != 0:
                raise self._failure()
            self._write_record(self._version())
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

    def _write_record(self, version: str) -> None:
        record = {
            "lock": part_checksum(self.part),
            "versions": {self.part: version},
            "installed": datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds"),
        }
        with (self.staging / paths.part_record(self.variant, self.part).name).open("w", encoding="utf-8") as f:
            json.dump(record, f, indent=1)
            f.flush()
            os.fsync(f.fileno())


def part_lock(part: str) -> Path:
    """The list of what a part holds, with checksums."""
    return paths.resources() / "engine" / f"{part}.lock"


def part_checksum(part: str) -> str:
    """sha256 of :func:`part_lock`."""
    return hashlib.sha256(part_lock(part).read_bytes()).hexdigest()


def _record(variant: str, part: str) -> dict[str, Any]:
    try:
        record = json.loads(paths.part_record(variant, part).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return record if isinstance(record, dict) else {}
