"""Find or fetch uv, the program that builds the engine's venv."""

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
from ...core.system.timeouts import TIMEOUTS
from ..runtime.environment import scrubbed
from ..runtime.readiness import lock_file
from ..runtime.subprocess_lines import last_error_line, run
from .pip_settings import pip_variables, uv_variables

OLDEST_UV = (0, 5, 0)

# Variables that would make uv use another interpreter, deviate from the lock, or break its lines.
_DROPPED = {
    "COLUMNS",
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
    """Return uv's environment: the user's variables, pip's settings if uv has none, then those ``offered``."""
    environment = {k: v for k, v in scrubbed().items() if k not in _DROPPED}
    environment.update(uv_variables(environment))
    environment = with_offered(environment, offered)
    if any(Path(p).is_file() for p in SYSTEM_CERTIFICATES):
        # Trust certificates that the organisation added to the system, as pip and browsers do.
        environment.setdefault("UV_SYSTEM_CERTS", "true")
        environment.setdefault("UV_NATIVE_TLS", "true")  # its name in older versions
    return {**environment, "NO_COLOR": "1"}


def index_options(environment: Mapping[str, str]) -> list[str]:
    """Return pip's ``no-index`` as an option, since no variable of uv has this meaning."""
    return ["--no-index"] if environment.get("UV_NO_INDEX") else []


def with_offered(environment: Mapping[str, str], offered: Mapping[str, str]) -> dict[str, str]:
    """Return ``environment`` with the front end's proxy and certificates where it sets none.

    Args:
        offered: variables such as ``HTTPS_PROXY``, ``NO_PROXY`` and ``SSL_CERT_FILE``. If ``environment`` sets any
            proxy, none of the offered ones is used: a mixture would fit no network.
    """
    present = {k.upper() for k, v in environment.items() if v}
    if present & _PROXIES:
        present |= _PROXIES | {"NO_PROXY"}
    return {**environment, **{k: v for k, v in offered.items() if k.upper() not in present}}


def find_uv() -> Path | None:
    """Return uv from ``PRITHVI_QGIS_UV``, the PATH, or the data folder; None if none of them works.

    Raises:
        PrithviError: ``install_failed`` if ``PRITHVI_QGIS_UV`` is not a usable uv.
    """
    named = os.environ.get("PRITHVI_QGIS_UV")
    if named:
        chosen = str(Path(named).expanduser().absolute())
        problem = _problem(chosen)
        if problem:
            raise PrithviError(
                ErrorCode.INSTALL_FAILED,
                f"PRITHVI_QGIS_UV names {chosen}, which {problem}.",
                "Correct it, or unset it to have uv found or fetched.",
            )
        return Path(chosen)
    for candidate in (shutil.which("uv"), str(own_uv())):
        if candidate and not _problem(candidate):
            return Path(candidate)
    return None


def own_uv() -> Path:
    """The uv that the plugin fetched."""
    return paths.home() / "tools" / "uv"


def fetch_uv(python: Path, wheels: Path | None, offered: Mapping[str, str], is_cancelled: Callable[[], bool]) -> Path:
    """Put the pinned uv into the data folder, from ``wheels`` or else with pip.

    Args:
        python: an interpreter whose venv or pip is used.
        wheels: folder of wheels; if given, pip is not tried.
        offered: as in :func:`with_offered`.
    Raises:
        PrithviError: ``install_failed`` with what to install, ``cancelled``.
    """
    target = own_uv()
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".uv-") as temporary:
        new = Path(temporary) / "uv"
        if wheels:
            _unpack(_uv_wheel(wheels), new)
        else:
            _install_with_pip(python, Path(temporary), new, offered, is_cancelled)
        new.chmod(0o755)
        problem = _problem(str(new))
        if problem:
            raise PrithviError(
                ErrorCode.INSTALL_FAILED,
                f"The uv that was fetched {problem}.",
                "Install uv by hand and run this again.",
            )
        new.replace(target)
    return target


def _problem(uv: str) -> str:
    """Return why this uv is not usable, or an empty string."""
    try:
        done = subprocess.run(  # nosec B603  # a list without a shell
            [uv, "--version"], capture_output=True, text=True, timeout=TIMEOUTS.command_s, check=False, env=scrubbed()
        )
    except (OSError, subprocess.TimeoutExpired) as e:
        return f"does not run ({getattr(e, 'strerror', None) or 'no answer'})"
    version = re.match(r"uv (\d+)\.(\d+)\.(\d+)", done.stdout)
    if done.returncode != 0 or not version:
        return "does not run as uv"
    if tuple(int(n) for n in version.groups()) < OLDEST_UV:
        return f"is version {'.'.join(version.groups())}, older than {'.'.join(map(str, OLDEST_UV))}"
    return ""


def _uv_wheel(folder: Path) -> Path:
    """Return the wheel of the pinned uv for this machine, after comparing its checksum.

    Raises:
        PrithviError: ``install_failed`` if the folder has none or another one.
    """
    pinned = lock_file("bootstrap").read_text(encoding="utf-8")
    version = re.findall(r"^uv==([\w.]+)", pinned, re.MULTILINE)[0]
    wheels = sorted(w for w in folder.glob("uv-*.whl") if platform.machine() in w.name and "linux" in w.name)
    for wheel in wheels:
        if sha256_of_file(wheel) in pinned:
            return wheel
    raise PrithviError(
        ErrorCode.INSTALL_FAILED,
        f"{folder} has no wheel of uv {version} for {platform.machine()} that matches the lock"
        f" ({', '.join(w.name for w in wheels) or 'none at all'}).",
        f"Add it (pip download uv=={version}), or install uv and run this again.",
    )


def _unpack(wheel: Path, target: Path) -> None:
    """Extract the program from uv's wheel."""
    with zipfile.ZipFile(wheel) as archive:
        name = next(n for n in archive.namelist() if n.endswith(".data/scripts/uv"))
        with archive.open(name) as packed, target.open("wb") as out:
            shutil.copyfileobj(packed, out)


def _install_with_pip(
    python: Path, folder: Path, target: Path, offered: Mapping[str, str], is_cancelled: Callable[[], bool]
) -> None:
    """Install uv with the pip of a temporary venv, or else with the interpreter's own pip, and keep the program."""
    venv = folder / "venv"
    options = ["--require-hashes", "--no-input", "--disable-pip-version-check", "-r", str(lock_file("bootstrap"))]
    environment = {k: v for k, v in scrubbed().items() if k not in ("PIP_TARGET", "PIP_PREFIX", "PIP_USER")}
    environment = with_offered(environment, pip_variables(environment, offered))
    lines: list[str] = []
    attempts: list[list[list[str]]] = [
        [[str(python), "-m", "venv", str(venv)], [str(venv / "bin" / "python"), "-m", "pip", "install", *options]],
        [[str(python), "-m", "pip", "install", *options, "--target", str(venv)]],
    ]
    for commands in attempts:
        shutil.rmtree(venv, ignore_errors=True)
        if all(run(c, environment, folder, lines.append, is_cancelled) == 0 for c in commands):
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
