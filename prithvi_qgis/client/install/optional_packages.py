"""Optional parts of the engine: packages that few need, installed when first asked for.

A part lies in a folder beside the engine's venv and is put on the path of the runs that need it. So an engine that
works is left as it is, and a part that fails takes nothing with it.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from ...core.errors import ErrorCode, PrithviError
from ...core.system import paths
from ...core.system.atomic_files import replace_folder
from ..runtime.readiness import readiness
from ..translation import tr
from .base_installer import Installer, InstallTarget, IsCancelled, Report, disk_trouble
from .find_python import find_python
from .lock import InstallLock, install_lock
from .locks import RAY, part_checksum, part_lock
from .network_policy import PLAIN, Network
from .uv import fetch_uv, find_uv
from .wheelhouse import Wheelhouse, open_wheelhouse

_PROOFS = {
    RAY: "import json, ray; v = {'ray': ray.__version__};"
    "print('\\n' + json.dumps({'type': 'SmokeTest', 'versions': v}), flush=True)"
}


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
    network: Network = PLAIN,
) -> bool:
    """Install a part of an engine that is installed, unless it is there.

    Args:
        variant: ``cpu`` or ``cuda``; part: :data:`RAY`. The rest as for
        :func:`client.install.engine_installer.install`.
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
    source = open_wheelhouse(wheelhouse) if wheelhouse else None
    if source and not any(source.folder.glob(f"{part}-*.whl")):
        raise PrithviError(
            ErrorCode.INSTALL_FAILED,
            f"The folder of wheels {source.folder} has no {part.capitalize()}.",
            "Add it with RAY=true of prithvi:exportbundle, or install the engine without it.",
        )
    try:
        with install_lock(part.capitalize()) as lock:
            PartInstaller(part, variant, source, report, is_cancelled, lock, network).put()
    except OSError as e:
        raise disk_trouble(e) from e
    report(100, tr("{} is ready").format(part.capitalize()))
    return True


class PartInstaller(Installer):
    """One part: a folder of packages beside the engine's venv, for its Python."""

    def __init__(
        self,
        part: str,
        variant: str,
        wheelhouse: Wheelhouse | None,
        report: Report,
        is_cancelled: IsCancelled,
        lock: InstallLock,
        network: Network,
    ):
        """``wheelhouse``: used instead of the network, or None."""
        subject = InstallTarget(
            part.capitalize(), part, paths.home() / "engine" / f".{variant}-{part}-new", "*.dist-info"
        )
        super().__init__(subject, variant, wheelhouse, report, is_cancelled, lock, network)
        self.part = part

    def put(self) -> None:
        """Fill a folder, prove it, rename it into its place."""
        self.require_source("Install it from a folder of wheels (prithvi:installengine with RAY and WHEELHOUSE)")
        self.progress.show(1, tr("Installing {}, an optional part of the engine").format(self.subject.name))
        uv = self._uv()
        self.require_room(uv)
        place = paths.part_folder(self.variant, self.part)
        python = paths.venv_python(self.variant)
        command = ["pip", "install", "--require-hashes", "--no-deps", "--target", str(self.staging)]
        command += ["--python", str(python), "-r", str(part_lock(self.part))]
        self.clean()
        try:
            self.fill(uv, command)
            proof = self.smoke_test(python, _PROOFS[self.part], {"PYTHONPATH": str(self.staging)})
            record = {"lock": part_checksum(self.part), "versions": proof.versions}
            self.write_ready_record(paths.part_record(self.variant, self.part).name, record)
            replace_folder(self.staging, place)
        finally:
            self.clean()

    def _uv(self) -> Path:
        uv = find_uv()
        if uv is None:
            self.progress.show(2, tr("Fetching uv"))
            python = find_python(None, self.pythons)
            uv = fetch_uv(python.path, self.wheelhouse, self.network.variables, self.is_cancelled)
        return uv


def _record(variant: str, part: str) -> dict[str, Any]:
    try:
        record = json.loads(paths.part_record(variant, part).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return record if isinstance(record, dict) else {}
