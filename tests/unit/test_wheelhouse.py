"""What an installation takes for a folder of wheels, and what it says to the others."""

from __future__ import annotations

import platform

import pytest

from prithvi_qgis.client.bundle.wheel_tags import glibc_needed, rank
from prithvi_qgis.client.install import wheelhouse
from prithvi_qgis.client.install.bundle_record import BundleRecord, EngineRecord, write_bundle_record
from prithvi_qgis.client.runtime.hardware import Choice
from prithvi_qgis.client.runtime.readiness import lock_checksum
from prithvi_qgis.core.errors import PrithviError

HERE = platform.machine()


def engine(variant="cpu", python="3.11", machine=HERE, lock=""):
    return EngineRecord(variant, python, machine, lock or lock_checksum(variant), "0.1.0", "2.31", {})


def bundle(folder, *engines, complete=True):
    (folder / "wheels").mkdir(parents=True)
    write_bundle_record(folder, BundleRecord(complete, engines))
    return folder


@pytest.fixture(autouse=True)
def machine(monkeypatch):
    """A machine without a GPU."""

    def choose(wanted="auto"):
        assert wanted != "cuda", "no GPU"
        return Choice("cpu", "CPU, because there is no GPU.")

    monkeypatch.setattr(wheelhouse, "choose_variant", choose)


def test_the_bundle_its_wheels_and_what_was_joined_are_the_same(tmp_path):
    folder = bundle(tmp_path / "stick" / "prithvi-bundle", engine())
    for named in (folder, folder / "wheels", tmp_path / "stick"):
        found = wheelhouse.open_wheelhouse(named)
        assert (found.folder, found.bundle) == (folder / "wheels", folder)
        assert found.pythons("cpu") == ("3.11",)


def test_bare_wheels_are_taken_as_they_are(tmp_path):
    found = wheelhouse.open_wheelhouse(tmp_path)
    assert found.folder == tmp_path and found.bundle is None
    assert found.choose("auto").variant == "cpu" and found.pythons("cpu") == ()


def test_pythons_are_those_of_the_chosen_variant(tmp_path):
    folder = bundle(tmp_path / "b", engine(python="3.12"), engine("cuda", "3.13"), engine(python="3.14"))
    assert wheelhouse.open_wheelhouse(folder).pythons("cpu") == ("3.12", "3.14")


@pytest.mark.parametrize(
    ("engines", "wanted", "says"),
    [
        ([engine("cuda")], "cpu", "no CPU engine; it holds the CUDA engine for Python 3.11"),
        ([engine(machine="riscv64")], "cpu", f"this machine is {HERE}"),
        ([engine(lock="0" * 64)], "cpu", "another version of the plugin (0.1.0)"),
        ([], "cpu", "no engine"),
    ],
)
def test_a_bundle_that_does_not_fit_is_one_line(tmp_path, engines, wanted, says):
    with pytest.raises(PrithviError) as e:
        wheelhouse.open_wheelhouse(bundle(tmp_path / "b", *engines)).choose(wanted)
    assert says in e.value.line and e.value.hint and "\n" not in e.value.line


def test_automatic_takes_the_only_engine_and_says_so(tmp_path, monkeypatch):
    gpu = Choice("cuda", "CUDA, because there is an H100.")
    monkeypatch.setattr(wheelhouse, "choose_variant", lambda w="auto": gpu if w == "auto" else Choice(w, "as asked"))
    choice = wheelhouse.open_wheelhouse(bundle(tmp_path / "b", engine())).choose("auto")
    assert choice.variant == "cpu" and "the only engine in" in choice.reason and "H100" in choice.reason


@pytest.mark.parametrize(
    "text", ["{", "[]", '{"format": 9}', '{"format": 1, "engines": [{}], "models": {}, "complete": 1}']
)
def test_a_record_that_cannot_be_read_is_one_line(tmp_path, text):
    (tmp_path / "bundle.json").write_text(text)
    with pytest.raises(PrithviError) as e:
        wheelhouse.open_wheelhouse(tmp_path)
    assert "bundle.json" in e.value.line and e.value.hint and "\n" not in e.value.line


@pytest.mark.parametrize(
    ("name", "python", "fits"),
    [
        ("a-1-cp312-cp312-manylinux_2_28_x86_64.whl", "3.12", True),
        ("a-1-cp312-cp312-manylinux_2_28_x86_64.whl", "3.11", False),
        ("a-1-cp313-cp313t-manylinux_2_28_x86_64.whl", "3.13", False),  # the one without a global lock
        ("a-1-cp314-cp314-manylinux_2_28_x86_64.whl", "3.14", True),
        ("a-1-cp314-cp314t-manylinux_2_28_x86_64.whl", "3.14", False),
        ("a-1-cp313-cp313-manylinux_2_28_x86_64.whl", "3.14", False),
        ("a-1-cp39-abi3-manylinux1_x86_64.manylinux_2_28_x86_64.whl", "3.13", True),
        ("a-1-cp313-abi3-manylinux_2_28_x86_64.whl", "3.12", False),
        ("a-1-py2.py3-none-any.whl", "3.12", True),
        ("a-1-py2-none-any.whl", "3.12", False),
        ("a-1-pp311-pypy311_pp73-manylinux_2_28_x86_64.whl", "3.11", False),
        ("a-1-cp312-cp312-musllinux_1_2_x86_64.whl", "3.12", False),
        ("a-1-cp312-cp312-manylinux_2_28_aarch64.whl", "3.12", False),
        ("a-1-cp312-cp312-macosx_11_0_arm64.whl", "3.12", False),
        ("a-1-cp312-cp312-manylinux_2_99_x86_64.whl", "3.12", False),
        ("a-1-2build-py3-none-linux_x86_64.whl", "3.12", True),
        ("a-1.tar.gz", "3.12", False),
    ],
)
def test_wheels_fit_by_their_names(name, python, fits):
    assert (rank(name, python, "x86_64") is not None) == fits


def test_the_wheel_for_just_this_python_and_the_oldest_systems_comes_first():
    names = [
        "a-1-cp312-cp312-manylinux_2_17_x86_64.manylinux2014_x86_64.whl",
        "a-1-cp312-cp312-manylinux_2_28_x86_64.whl",
        "a-1-cp311-abi3-manylinux_2_17_x86_64.whl",
        "a-1-cp39-abi3-manylinux_2_17_x86_64.whl",
        "a-1-py3-none-manylinux_2_17_x86_64.whl",
        "a-1-py3-none-any.whl",
    ]
    assert sorted(set(names), key=lambda n: rank(n, "3.12", "x86_64")) == names
    assert glibc_needed(names[1], "x86_64") == (2, 28)
