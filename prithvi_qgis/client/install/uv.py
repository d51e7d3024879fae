"""Finding uv, the program that makes the engine's venv, or getting it."""

from __future__ import annotations

import os
import platform
import re
import shutil
import subprocess  # nosec B404  # runs uv, venv and pip with fixed arguments
import tempfile
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

from ...core.errors import ErrorCode, PrithviError
from ...core.system import paths
from ...core.system.file_checksum import sha256_of_file
from ..runtime.environment import scrubbed
from ..runtime.subprocess_lines import last_error_line, run
from .pip_settings import pip_variables, uv_variables

OLDEST_UV = (0, 5, 0)

# These would send uv to another interpreter or change what the lock says.
_DROPPED = {
    "UV_BREAK_SYSTEM_PACKAGES",
    "UV_BUILD_CONSTRAINT",
    "UV_CONSTRAINT",
    "UV_EXCLUDE",
    "UV_EXCLUDE_NEWER",
    "UV_ONLY_BINARY",
    "UV_NO_BINARY",
    "UV_NO_BUILD",
    "UV_NO_BUILD_ISOLATION",
    "UV_OVERRIDE",
    "UV_PRERELEASE",
    "UV_PYTHON",
    "UV_RESOLUTION",
    "UV_SYSTEM_PYTHON",
    "UV_TORCH_BACKEND",
    "UV_WORKING_DIRECTORY",
    "UV_WORKING_DIR",
}
_PROXIES = {"ALL_PROXY", "HTTP_PROXY", "HTTPS_PROXY"}
SYSTEM_CERTIFICATES = ("/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/cert.pem")


def uv_environment(offered: Mapping[str, str]) -> dict[str, str]:
    """What uv runs with: the user's variables, pip's settings where uv has none, and then what is ``offered``."""
    environment = {k: v for k, v in scrubbed().items() if k not in _DROPPED}
    environment.update(uv_variables(environment))
    environment = with_offered(environment, offered)
    if any(Path(p).is_file() for p in SYSTEM_CERTIFICATES):
        # Certificates that the organisation added to the system count, as they do for pip and the browser.
        environment.setdefault("UV_SYSTEM_CERTS", "true")
        environment.setdefault("UV_NATIVE_TLS", "true")  # its name in older versions
    return {**environment, "NO_COLOR": "1"}


def index_options(environment: Mapping[str, str]) -> list[str]:
    """What uv's own variables cannot say: that there is no index, only folders (pip's ``no-index``)."""
    return ["--no-index"] if environment.get("UV_NO_INDEX") else []


def with_offered(environment: Mapping[str, str], offered: Mapping[str, str]) -> dict[str, str]:
    """``environment`` and, for whatever it leaves open, the proxy and certificates of the front end.

    Args:
        offered: variables such as ``HTTPS_PROXY``, ``NO_PROXY`` and ``SSL_CERT_FILE``. A proxy that is there already,
            by whatever name, keeps all of the offered ones out: half of each would fit nowhere.
    """
    present = {k.upper() for k, v in environment.items() if v}
    if present & _PROXIES:
        present |= _PROXIES | {"NO_PROXY"}
    return {**environment, **{k: v for k, v in offered.items() if k.upper() not in present}}


def find_uv() -> Path | None:
    """uv from ``PRITHVI_QGIS_UV``, the PATH, or our own tools folder; None when there is none that works.

    Raises:
        PrithviError: ``install_failed`` when ``PRITHVI_QGIS_UV`` names something that is no uv.
    """
    named = os.environ.get("PRITHVI_QGIS_UV")
    if named:
        chosen = str(Path(named).expanduser().absolute())
        trouble = _trouble(chosen)
        if trouble:
            raise PrithviError(
                ErrorCode.INSTALL_FAILED,
                f"PRITHVI_QGIS_UV names {chosen}, which {trouble}.",
                "Correct it, or unset it to have uv found or fetched.",
            )
        return Path(chosen)
    found = shutil.which("uv")
    for candidate in (found, str(own_uv())):
        if candidate and not _trouble(candidate):
            return Path(candidate)
    return None


def own_uv() -> Path:
    """Where a uv that we fetched lies."""
    return paths.home() / "tools" / "uv"


def fetch_uv(
    python: Path, wheelhouse: Path | None, offered: Mapping[str, str], is_cancelled: Callable[[], bool]
) -> Path:
    """Put the pinned uv into our tools folder: from the wheelhouse, else with pip.

    Args:
        python: an interpreter whose venv or pip is used.
        wheelhouse: folder of wheels; when given, nothing else is tried.
        offered: see :func:`with_offered`.
    Raises:
        PrithviError: ``install_failed`` with what to install, ``cancelled``.
    """
    target = own_uv()
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".uv-") as scratch:
        fresh = Path(scratch) / "uv"
        if wheelhouse:
            _unpack(_uv_wheel(wheelhouse), fresh)
        else:
            _by_pip(python, Path(scratch), fresh, offered, is_cancelled)
        fresh.chmod(0o755)
        trouble = _trouble(str(fresh))
        if trouble:
            raise PrithviError(
                ErrorCode.INSTALL_FAILED,
                f"The uv that was fetched {trouble}.",
                "Install uv by hand and run this again.",
            )
        fresh.replace(target)
    return target


def _trouble(uv: str) -> str:
    """Why this is no uv we can use, or empty."""
    try:
        done = subprocess.run(  # nosec B603  # a list without a shell
            [uv, "--version"], capture_output=True, text=True, timeout=60, check=False, env=scrubbed()
        )
    except (OSError, subprocess.TimeoutExpired) as e:
        return f"does not run ({getattr(e, 'strerror', None) or 'no answer'})"
    version = re.match(r"uv (\d+)\.(\d+)\.(\d+)", done.stdout)
    if done.returncode != 0 or not version:
        return "does not run as uv"
    if tuple(int(n) for n in version.groups()) < OLDEST_UV:
        return f"is version {'.'.join(version.groups())}, older than {'.'.join(map(str, OLDEST_UV))}"
    return ""


def _lock() -> Path:
    return paths.resources() / "engine" / "bootstrap.lock"


def _uv_wheel(wheelhouse: Path) -> Path:
    """The pinned uv's wheel for this machine, its checksum compared.

    Raises:
        PrithviError: ``install_failed`` when the wheelhouse has none or another one.
    """
    pinned = _lock().read_text(encoding="utf-8")
    version = re.findall(r"^uv==([\w.]+)", pinned, re.MULTILINE)[0]
    wheels = sorted(w for w in wheelhouse.glob("uv-*.whl") if platform.machine() in w.name and "linux" in w.name)
    for wheel in wheels:
        if sha256_of_file(wheel) in pinned:
            return wheel
    raise PrithviError(
        ErrorCode.INSTALL_FAILED,
        f"{wheelhouse} has no wheel of uv {version} for {platform.machine()} that matches the lock"
        f" ({', '.join(w.name for w in wheels) or 'none at all'}).",
        f"Add it (pip download uv=={version}), or install uv and run this again.",
    )


def _unpack(wheel: Path, target: Path) -> None:
    """Write the program out of uv's wheel."""
    with zipfile.ZipFile(wheel) as archive:
        name = next(n for n in archive.namelist() if n.endswith(".data/scripts/uv"))
        with archive.open(name) as packed, target.open("wb") as out:
            shutil.copyfileobj(packed, out)


def _by_pip(
    python: Path, scratch: Path, target: Path, offered: Mapping[str, str], is_cancelled: Callable[[], bool]
) -> None:
    """Install uv with the pip of a throw-away venv, or with the interpreter's own pip, and keep the program."""
    venv = scratch / "venv"
    wanted = ["install", "--require-hashes", "--no-input", "--disable-pip-version-check", "-r", str(_lock())]
    environment = {k: v for k, v in scrubbed().items() if k not in ("PIP_TARGET", "PIP_PREFIX", "PIP_USER")}
    environment = with_offered(environment, pip_variables(environment, offered))
    lines: list[str] = []
    steps: list[list[list[str]]] = [
        [[str(python), "-m", "venv", str(venv)], [str(venv / "bin" / "python"), "-m", "pip", *wanted]],
        [[str(python), "-m", "pip", *wanted, "--target", str(venv)]],
    ]
    for commands in steps:
        shutil.rmtree(venv, ignore_errors=True)
        if all(run(c, environment, scratch, lines.append, is_cancelled) == 0 for c in commands):
            (venv / "bin" / "uv").replace(target)
            return
    missing = any(
        "ensurepip" in line or "No module named pip" in line or "No module named venv" in line for line in lines
    )
    raise PrithviError(
        ErrorCode.INSTALL_FAILED,
        f"uv, which installs the engine, could not be fetched: {last_error_line(lines)}.",
        "Install python3-venv (apt install python3-venv) or uv, then run this again."
        if missing
        else "Check the network and the proxy settings of pip, or install uv, then run this again.",
    )
