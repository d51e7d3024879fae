"""A copy of the plugin whose engine is a handful of tiny wheels, so that installing it takes seconds.

Everything else is real: uv, the venv, the checksums, the processes, the network that is not there.
"""

from __future__ import annotations

import base64
import hashlib
import io
import json
import os
import shutil
import signal
import subprocess
import sys
import tarfile
import time
import zipfile
from pathlib import Path

from support import ROOT

BODIES = {
    "torch": "class cuda:\n    is_available = staticmethod(lambda: False)\n",
    "torchvision": "",
    "cv2": "",
    "terratorch": "import sys\nmodels = sys.modules['terratorch.models'] = sys\n",
    "rasterio": "",
    "vllm": "import os, time\n__version__ = '1.0'\ntime.sleep(float(os.environ.get('TINY_IMPORT_S', 0)))\n"
    "import sys, types\nplatforms = sys.modules['vllm.platforms'] = types.ModuleType('vllm.platforms')\n"
    "def kernels():\n    print(os.environ.get('TINY_KERNELS', ''))\n"
    "platforms.current_platform = types.SimpleNamespace(import_kernels=kernels)\n",
}
_PART_DRIVER = """
import json, os, sys
from pathlib import Path
from prithvi_qgis.client.install.network_policy import Network
from prithvi_qgis.client.install.optional_packages import install_component, component_ready, component_versions
from prithvi_qgis.core.errors import PrithviError
wheelhouse = Path(sys.argv[1]) if sys.argv[1] else None
def report(percent, text):
    print(json.dumps([percent, text]), flush=True)
try:
    before = component_ready("cpu", "ray")
    fresh = install_component("cpu", "ray", wheelhouse, report, network=Network(bool(os.environ.get("TINY_OFFLINE"))))
    ready, versions = component_ready("cpu", "ray"), component_versions("cpu", "ray")
    print(json.dumps({"before": before, "fresh": fresh, "ready": ready, "versions": versions}))
except PrithviError as e:
    print(json.dumps({"code": e.code.value, "line": e.line, "ready": component_ready("cpu", "ray")}))
"""
_DRIVER = """
import json, os, signal, sys
from pathlib import Path
from prithvi_qgis.client.install.engine_installer import install
from prithvi_qgis.client.install.network_policy import Network
from prithvi_qgis.core.errors import PrithviError
stop = []
signal.signal(signal.SIGUSR1, lambda *a: stop.append(1))
wheelhouse = Path(sys.argv[2]) if sys.argv[2] else None
network = Network(
    bool(os.environ.get("TINY_OFFLINE")),
    json.loads(os.environ.get("TINY_OFFERED", "{}")),
    bool(os.environ.get("TINY_FETCH_PYTHON")),
)
def report(percent, text):
    print(json.dumps([percent, text]), flush=True)
try:
    done = install(sys.argv[1], wheelhouse, report, lambda: bool(stop), network)
    print(json.dumps({"variant": done.variant, "fresh": done.fresh, "versions": done.versions}))
except PrithviError as e:
    print(json.dumps({"code": e.code.value, "line": e.line}))
"""


def uv() -> str:
    """The uv that the tests use."""
    built = ROOT / "build" / "tools" / "bin" / "uv"
    found = os.environ.get("PRITHVI_QGIS_UV") or (str(built) if built.is_file() else shutil.which("uv"))
    if not found:
        raise RuntimeError("the tests of the installation need uv: run make tools")
    return found


def make_wheel(
    folder: Path, name: str, body: str, version: str = "1.0", scripts: dict[str, Path] | None = None
) -> Path:
    """A pure wheel with one module, or with programs."""
    info = f"{name}-{version}.dist-info"
    files = {
        f"{name}/__init__.py": body.encode(),
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n".encode(),
        f"{info}/WHEEL": b"Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    for program, source in (scripts or {}).items():
        files[f"{name}-{version}.data/scripts/{program}"] = source.read_bytes()
    record = "".join(
        f"{path},sha256={base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b'=').decode()},{len(data)}\n"
        for path, data in files.items()
    )
    files[f"{info}/RECORD"] = f"{record}{info}/RECORD,,\n".encode()
    tag = f"manylinux_2_17_{os.uname().machine}" if scripts else "any"
    path = folder / f"{name}-{version}-py3-none-{tag}.whl"
    with zipfile.ZipFile(path, "w") as archive:
        for entry, data in files.items():
            archive.writestr(zipfile.ZipInfo(entry), data)
    return path


def make_sdist(folder: Path, name: str, setup: str) -> Path:
    """A source package whose build runs ``setup``, with a build backend of its own."""
    top = f"{name}-1.0"
    backend = (
        "import zipfile\n"
        f"{setup}\n"
        "def build_wheel(folder, config_settings=None, metadata_directory=None):\n"
        "    run()\n"
        f"    path = '{name}-1.0-py3-none-any.whl'\n"
        "    with zipfile.ZipFile(folder + '/' + path, 'w') as z:\n"
        f"        z.writestr('{name}.py', '')\n"
        f"        info = '{name}-1.0.dist-info/'\n"
        f"        z.writestr(info + 'METADATA', 'Metadata-Version: 2.1\\nName: {name}\\nVersion: 1.0\\n')\n"
        "        z.writestr(info + 'WHEEL', 'Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n')\n"
        "        z.writestr(info + 'RECORD', '')\n"
        "    return path\n"
    )
    files = {
        "PKG-INFO": f"Metadata-Version: 2.2\nName: {name}\nVersion: 1.0\n",
        "backend.py": backend,
        "pyproject.toml": '[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n'
        f'[project]\nname = "{name}"\nversion = "1.0"\n',
    }
    path = folder / f"{name}-1.0.tar.gz"
    with tarfile.open(path, "w:gz") as archive:
        for entry, text in files.items():
            member = tarfile.TarInfo(f"{top}/{entry}")
            member.size = len(text.encode())
            archive.addfile(member, io.BytesIO(text.encode()))
    return path


class TinyEngine:
    """A plugin copy, its wheelhouse and a data folder, all below ``folder``."""

    def __init__(self, folder: Path):
        self.plugins = folder / "plugins"
        self.package = self.plugins / "prithvi_qgis"
        self.home = folder / "home"
        self.wheelhouse = folder / "wheels"
        self.cache = folder / "cache"
        shutil.copytree(ROOT / "prithvi_qgis", self.package, ignore=shutil.ignore_patterns("__pycache__"))
        self.resources = self.package / "resources" / "engine"
        self.resources.mkdir(parents=True)
        self.wheelhouse.mkdir()
        (self.resources / "build.lock").write_text("")
        (self.resources / "bootstrap.lock").write_text("uv==0.0.0\n")
        self.set_need(installed_mb=1)
        for name, body in BODIES.items():
            make_wheel(self.wheelhouse, name, body)
        self.write_lock()
        (self.resources / "ray.lock").write_text("")

    def add_ray(self, body: str = "__version__ = '1.0'\n") -> Path:
        """A wheel of Ray, and the lock that names it."""
        wheel = make_wheel(self.wheelhouse, "ray", body)
        checksum = hashlib.sha256(wheel.read_bytes()).hexdigest()
        (self.resources / "ray.lock").write_text(f"ray==1.0 --hash=sha256:{checksum}\n")
        return wheel

    def set_need(self, installed_mb: int) -> None:
        """What the installation believes to need."""
        sizes = {v: {"packages": 6, "download_mb": 1, "installed_mb": installed_mb} for v in ("cpu", "cuda", "ray")}
        (self.resources / "sizes.json").write_text(json.dumps(sizes))

    def write_lock(self) -> None:
        """Lock what the wheelhouse holds."""
        lines = []
        for path in sorted(self.wheelhouse.iterdir()):
            name = path.name.split("-")[0]
            if name not in ("uv", "ray"):
                lines.append(f"{name}==1.0 --hash=sha256:{hashlib.sha256(path.read_bytes()).hexdigest()}\n")
        for variant in ("cpu", "cuda"):
            (self.resources / f"{variant}.lock").write_text("".join(lines))

    def environment(self, **more: str) -> dict[str, str]:
        """Variables of an installation: its own data folder and cache, and a network that leads nowhere."""
        kept = {k: v for k, v in os.environ.items() if not k.upper().endswith("_PROXY") and not k.startswith("PIP_")}
        return {
            **kept,
            "PYTHONPATH": str(self.plugins),
            "PRITHVI_QGIS_HOME": str(self.home),
            "PRITHVI_QGIS_UV": uv(),
            "UV_CACHE_DIR": str(self.cache),
            "HTTPS_PROXY": "http://127.0.0.1:9",
            "HTTP_PROXY": "http://127.0.0.1:9",
            "PATH": "/usr/bin:/bin",
            **more,
        }

    def start(
        self, variant: str = "cpu", wheelhouse: str | None = None, wrap: tuple[str, ...] = (), **more: str
    ) -> subprocess.Popen:
        """Begin an installation in a process of its own. ``wrap`` is a command to run it under."""
        wheels = str(self.wheelhouse) if wheelhouse is None else wheelhouse
        return subprocess.Popen(
            [*wrap, sys.executable, "-c", _DRIVER, variant, wheels],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env=self.environment(**more),
            cwd=self.plugins,
        )

    def install(
        self, variant: str = "cpu", wheelhouse: str | None = None, wrap: tuple[str, ...] = (), **more: str
    ) -> dict:
        """Install to the end; the outcome or the error."""
        return outcome(self.start(variant, wheelhouse, wrap, **more))

    def install_ray(self, wheelhouse: str | None = None, **more: str) -> dict:
        """Install the part Ray of the CPU engine; the outcome or the error."""
        wheels = str(self.wheelhouse) if wheelhouse is None else wheelhouse
        done = subprocess.Popen(
            [sys.executable, "-c", _PART_DRIVER, wheels],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env=self.environment(**more),
            cwd=self.plugins,
        )
        return outcome(done)

    def ready(self, variant: str = "cpu") -> dict:
        """The plugin's own judgement."""
        code = (
            "import json, sys; from prithvi_qgis.client.runtime.readiness import readiness;"
            "print(json.dumps(vars(readiness(sys.argv[1]))))"
        )
        done = subprocess.run(
            [sys.executable, "-c", code, variant],
            capture_output=True,
            text=True,
            check=True,
            env=self.environment(),
            cwd=self.plugins,
        )
        return json.loads(done.stdout)

    def leftovers(self) -> list[str]:
        """What lies in the engine's folder beside the lock and finished venvs."""
        return sorted(p.name for p in (self.home / "engine").iterdir() if p.name not in ("install.lock", "cpu", "cuda"))

    def processes(self) -> list[int]:
        """Processes that work in the engine's folder."""
        found = []
        for entry in Path("/proc").iterdir():
            try:
                if entry.name.isdigit() and str(self.home / "engine").encode() in (entry / "cmdline").read_bytes():
                    found.append(int(entry.name))
            except OSError:
                continue
        return found

    def wait_for(self, process: subprocess.Popen, words: str, timeout_s: float = 120) -> None:
        """Read progress until a line holds ``words``."""
        deadline = time.monotonic() + timeout_s
        seen = []
        for line in process.stdout:
            seen.append(line)
            if words in line:
                return
            assert time.monotonic() < deadline, seen
        raise AssertionError(f"ended without {words!r}: {seen}")


def outcome(process: subprocess.Popen) -> dict:
    """The last line of an installation: its outcome or its error; ``progress`` holds the lines before."""
    out, _ = process.communicate(timeout=300)
    lines = [json.loads(line) for line in out.splitlines() if line.startswith(("[", "{"))]
    assert lines and isinstance(lines[-1], dict), out
    return {**lines[-1], "progress": lines[:-1]}


def cancel(process: subprocess.Popen) -> None:
    """Ask the installation to stop, as the Toolbox's Cancel does."""
    process.send_signal(signal.SIGUSR1)
