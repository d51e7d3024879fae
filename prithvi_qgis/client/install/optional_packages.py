"""Optional components of the engine: packages that few runs need, installed on first use.

A component lies in its own folder next to the engine's venv and is added to the path of the runs that need it. The
installed engine stays unchanged, whatever happens to the component.
"""

from __future__ import annotations

import json
from pathlib import Path

from ...core.errors import ErrorCode, PrithviError
from ...core.system import paths
from ...core.system.atomic_files import replace_folder
from ..runtime.readiness import lock_checksum, lock_file, readiness
from ..translation import tr
from .base_installer import InstallContext, Installer, InstallTarget, IsCancelled, Report, filesystem_error
from .find_python import find_python
from .lock import install_lock
from .network_policy import PLAIN, Network
from .uv import find_uv
from .wheelhouse import open_wheelhouse

RAY = "ray"
_SMOKE_TESTS = {
    RAY: "import json, ray; v = {'ray': ray.__version__};"
    "print('\\n' + json.dumps({'type': 'SmokeTest', 'versions': v}), flush=True)"
}


def component_ready(variant: str, component: str) -> bool:
    """Whether the component is installed in the version that this plugin needs. Reads two files only."""
    return _ready_record(variant, component).get("lock") == lock_checksum(component)


def component_versions(variant: str, component: str) -> dict[str, str]:
    """Versions of an installed component; empty if it is not installed."""
    return dict(_ready_record(variant, component).get("versions") or {})


def install_component(
    variant: str,
    component: str,
    wheelhouse: Path | None = None,
    report: Report = lambda percent, text: None,
    is_cancelled: IsCancelled = lambda: False,
    network: Network = PLAIN,
) -> bool:
    """Install a component of an installed engine, unless it is there.

    Args:
        variant: ``cpu`` or ``cuda``.
        component: :data:`RAY`.
        wheelhouse, report, is_cancelled, network: as in
            :func:`prithvi_qgis.client.install.engine_installer.install`.
    Returns:
        Whether it was installed by this call.
    Raises:
        PrithviError: ``engine_missing``, ``disk_full``, ``install_failed`` or ``cancelled``; nothing is left then.
    """
    state = readiness(variant)
    if not state.ready:
        raise PrithviError(ErrorCode.ENGINE_MISSING, state.reason, state.next_step)
    if component_ready(variant, component):
        return False
    source = open_wheelhouse(wheelhouse) if wheelhouse else None
    if source and not any(source.folder.glob(f"{component}-*.whl")):
        raise PrithviError(
            ErrorCode.INSTALL_FAILED,
            f"The folder of wheels {source.folder} has no {component.capitalize()}.",
            "Add it with RAY=true of prithvi:exportbundle, or install the engine without it.",
        )
    try:
        with install_lock(component.capitalize()) as lock:
            context = InstallContext(source, report, is_cancelled, lock, network)
            ComponentInstaller(component, variant, context).install()
    except OSError as e:
        raise filesystem_error(e) from e
    report(100, tr("{} is ready").format(component.capitalize()))
    return True


class ComponentInstaller(Installer):
    """Installs one component for the Python of the engine's venv."""

    def __init__(self, component: str, variant: str, context: InstallContext):
        staging = paths.home() / "engine" / f".{variant}-{component}-new"
        super().__init__(InstallTarget(component.capitalize(), component, staging, "*.dist-info"), variant, context)
        self.component = component

    def install(self) -> None:
        """Fill the staging folder, test it, and rename it."""
        self.require_source("Install it from a folder of wheels (prithvi:installengine with RAY and WHEELHOUSE)")
        self.progress.show(1, tr("Installing {}, an optional part of the engine").format(self.target.name))
        uv = self.require_uv(find_uv(), lambda: find_python(None, self.pythons).path)
        self.require_disk_space(uv)
        python = paths.venv_python(self.variant)
        command = ["pip", "install", "--require-hashes", "--no-deps", "--target", str(self.staging)]
        command += ["--python", str(python), "-r", str(lock_file(self.component))]
        self.clean()
        try:
            self.run_uv(uv, command)
            result = self.smoke_test(python, _SMOKE_TESTS[self.component], {"PYTHONPATH": str(self.staging)})
            record = {"lock": lock_checksum(self.component), "versions": result.versions}
            self.write_ready_record(paths.component_record(self.variant, self.component).name, record)
            replace_folder(self.staging, paths.component_folder(self.variant, self.component))
        finally:
            self.clean()


def _ready_record(variant: str, component: str) -> dict:
    try:
        record = json.loads(paths.component_record(variant, component).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return record if isinstance(record, dict) else {}
