"""A bundle: complete or not at all, resumed where it stopped, and enough for a machine without a network."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from support.cut_network import cut
from support.tiny_bundle import add_model, export, start
from support.tiny_engine import TinyEngine, cancel, make_wheel, outcome, uv
from support.waiting import wait_until
from support.wheel_index import WheelIndex

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the engine runs on Linux")
ENGINE_WHEELS = 7
BIG = "ballast-1.0-py3-none-any.whl"


@pytest.fixture
def tiny(tmp_path):
    tiny = TinyEngine(tmp_path)
    # As large as a few blocks, and not to be packed smaller.
    make_wheel(tiny.wheelhouse, "ballast", f"data = {os.urandom(1_500_000).hex()!r}\n")
    tiny.write_lock()
    return tiny


def bundle_of(tiny, **more) -> tuple[Path, dict]:
    with WheelIndex(tiny.wheelhouse) as index:
        folder = tiny.home.parent / "bundle"
        return folder, export(tiny, folder, **more, **index.variables)


def whole(folder: Path) -> bool:
    """Whether the folder passes for a finished bundle."""
    return (folder / "SHA256SUMS").exists() or (folder / "INSTALL.txt").exists()


def sha256sum(folder: Path) -> subprocess.CompletedProcess:
    return subprocess.run(["sha256sum", "-c", "SHA256SUMS"], cwd=folder, capture_output=True, text=True)


def test_a_bundle_is_enough_where_the_network_is_cut(tiny):
    wheel = make_wheel(tiny.wheelhouse, "uv", "", scripts={"uv": Path(uv())})
    checksum = hashlib.sha256(wheel.read_bytes()).hexdigest()
    (tiny.resources / "bootstrap.lock").write_text(f"uv==1.0 --hash=sha256:{checksum}\n")
    folder, done = bundle_of(tiny)
    assert done.get("fetched") == ENGINE_WHEELS + 1, done
    checked = sha256sum(folder)
    assert checked.returncode == 0, checked.stdout
    listed = {line.partition("  ")[2] for line in (folder / "SHA256SUMS").read_text().splitlines()}
    there = {str(p.relative_to(folder)) for p in folder.rglob("*") if p.is_file()}
    assert there == listed | {"SHA256SUMS"}

    tiny.wheelhouse.rename(tiny.wheelhouse.with_name("gone"))
    without_uv = os.pathsep.join(p for p in ("/usr/bin", "/bin") if not (Path(p) / "uv").exists())
    installed = tiny.install(wheelhouse=str(folder), wrap=cut(), PRITHVI_QGIS_UV="", PATH=without_uv)
    assert installed.get("fresh") is True, installed
    assert tiny.ready()["ready"]


def test_the_namespace_of_these_tests_has_no_route():
    ask = "import socket; socket.create_connection(('192.0.2.1', 80), 5)"
    inside = subprocess.run([*cut(), sys.executable, "-c", ask], capture_output=True, text=True)
    assert "Network is unreachable" in inside.stderr
    if Path("/proc/net/route").read_text().count("\n") > 1:  # where there is a network, the check finds it
        outside = subprocess.run([sys.executable, cut()[-1], "true"], capture_output=True, text=True)
        assert outside.returncode == 99 and "has routes" in outside.stderr


def test_another_machine_and_another_python_get_their_own_wheels(tiny):
    hashes = []
    for tag in (
        *("cp311-cp311-manylinux_2_28_x86_64", "cp312-cp312-manylinux_2_28_x86_64", "py3-none-any"),
        *(
            "cp312-cp312-manylinux_2_34_aarch64",
            "cp312-cp312-manylinux_2_28_aarch64",
            "cp313-cp313-manylinux_2_17_aarch64",
        ),
    ):
        wheel = make_wheel(tiny.wheelhouse, "native", f"tag = {tag!r}")
        hashes.append(hashlib.sha256(wheel.read_bytes()).hexdigest())
        wheel.rename(tiny.wheelhouse / f"native-1.0-{tag}.whl")
    locked = " ".join(f"--hash=sha256:{h}" for h in hashes)
    old = make_wheel(tiny.wheelhouse, "backport", "")
    line = (
        f"backport==1.0 ; python_full_version < '3.12' --hash=sha256:{hashlib.sha256(old.read_bytes()).hexdigest()}\n"
    )
    with (tiny.resources / "cuda.lock").open("a") as lock:
        lock.write(f"native==1.0 {locked}\n{line}")
    folder, done = bundle_of(tiny, order={"variant": "cuda", "python": "3.12", "machine": "aarch64"})
    assert done.get("fetched") == ENGINE_WHEELS + 1, done
    assert [p.name for p in (folder / "wheels").glob("native*")] == [
        "native-1.0-cp312-cp312-manylinux_2_28_aarch64.whl"
    ]
    note = (folder / "INSTALL.txt").read_text()
    assert "glibc 2.28" in note and "Python 3.12" in note and "--VARIANT=1" in note and "driver 580" in note


def test_what_is_there_and_right_is_not_fetched_again(tiny):
    folder, _ = bundle_of(tiny)
    (folder / "wheels" / "vllm-1.0-py3-none-any.whl").unlink()
    (folder / "wheels" / BIG).write_bytes(b"damaged")
    with WheelIndex(tiny.wheelhouse) as index:
        done = export(tiny, folder, **index.variables)
        assert sorted(name for name, _ in index.fetched) == [BIG, "vllm-1.0-py3-none-any.whl"]
    assert done["fetched"] == 2
    assert "Fetching 2 files" in str(done["progress"])
    assert sha256sum(folder).returncode == 0
    # Now nothing is missing, so nobody needs a network.
    again = export(tiny, folder, wrap=cut())
    assert again.get("fetched") == 0, again


def test_a_connection_that_breaks_goes_on_where_it_stopped(tiny):
    with WheelIndex(tiny.wheelhouse, drop={BIG: 2}) as index:
        done = export(tiny, tiny.home.parent / "bundle", **index.variables)
        assert done.get("fetched") == ENGINE_WHEELS, done
        asked = [part for name, part in index.fetched if name == BIG]
    size = (tiny.wheelhouse / BIG).stat().st_size
    assert asked == ["", f"bytes={size // 2}-", f"bytes={size // 2 + (size - size // 2) // 2}-"]


def test_a_file_that_is_not_the_locks_never_gets_its_name(tiny):
    folder = tiny.home.parent / "bundle"
    with WheelIndex(tiny.wheelhouse, lie=(BIG,)) as index:
        done = export(tiny, folder, **index.variables)
    assert done["code"] == "download_failed"
    assert BIG in done["line"] and "checksum" in done["line"] and "\n" not in done["line"]
    assert not (folder / "wheels" / BIG).exists()
    assert not whole(folder)


def test_cancel_leaves_nothing_that_looks_whole_and_keeps_what_came(tiny):
    folder = tiny.home.parent / "bundle"
    with WheelIndex(tiny.wheelhouse, pause_s=0.2) as index:
        running = start(tiny, folder, **index.variables)
        tiny.wait_for(running, "Fetching")
        part = folder / "wheels" / f".{BIG}.part"
        wait_until(lambda: part.exists() and part.stat().st_size, 60)
        cancel(running)
        began = time.monotonic()
        done = outcome(running)
        assert time.monotonic() - began < 10
        asked = len(index.fetched)
        time.sleep(1)
        assert len(index.fetched) == asked  # nobody is left who downloads
    assert done["code"] == "cancelled" and "export" in done["line"]
    assert not whole(folder)
    assert not (folder / "wheels" / BIG).exists()
    refused = tiny.install(wheelhouse=str(folder))
    assert "unfinished" in refused["line"] and "exportbundle" in refused["line"]
    before = part.stat().st_size
    assert before
    with WheelIndex(tiny.wheelhouse) as index:
        assert export(tiny, folder, **index.variables)["files"]
        assert (BIG, f"bytes={before}-") in index.fetched
    assert sha256sum(folder).returncode == 0
    assert not list(folder.rglob(".*"))


def test_offline_mode_asks_nobody(tiny):
    with WheelIndex(tiny.wheelhouse) as index:
        done = export(tiny, tiny.home.parent / "bundle", TINY_OFFLINE="1", **index.variables)
        assert done["code"] == "download_failed" and "Offline mode is on" in done["line"]
        assert index.fetched == []


def test_an_unreachable_index_is_one_line(tiny):
    done = export(tiny, tiny.home.parent / "bundle", UV_HTTP_RETRIES="0")
    assert done["code"] == "download_failed"
    assert "HTTPS_PROXY" in done["line"] and "\n" not in done["line"]


def test_too_little_disk_is_told_before_anything_is_fetched(tiny):
    folder = tiny.home.parent / "small"
    folder.mkdir()
    if subprocess.run(["unshare", "-m", "true"], capture_output=True).returncode != 0:
        pytest.skip("this system lets nobody mount a small disk")
    inside = f'mount -t tmpfs -o size=20m none {folder} && exec "$@"'
    with WheelIndex(tiny.wheelhouse) as index:
        done = export(tiny, folder, wrap=("unshare", "-m", "sh", "-c", inside, "sh"), **index.variables)
        assert done["code"] == "disk_full" and str(folder) in done["line"] and "OUTPUT" in done["line"]
        assert index.fetched == []


def test_name_and_password_of_pips_index_reach_the_files(tiny):
    with WheelIndex(tiny.wheelhouse, user="me:s%t") as index:
        known = index.variables
        pip = {**known, "PIP_INDEX_URL": known["UV_DEFAULT_INDEX"], "UV_DEFAULT_INDEX": ""}
        done = export(tiny, tiny.home.parent / "bundle", **pip)
    assert done.get("fetched") == ENGINE_WHEELS, done
    assert "s%25t" not in (tiny.home.parent / "bundle" / "bundle.json").read_text() + str(done)


def test_a_mirror_in_a_folder_needs_no_network(tiny):
    pip = {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(tiny.wheelhouse)}
    done = export(tiny, tiny.home.parent / "bundle", wrap=cut(), **pip)
    assert done.get("fetched") == ENGINE_WHEELS, done
    assert sha256sum(tiny.home.parent / "bundle").returncode == 0


def test_the_front_ends_proxy_is_used(tiny):
    with WheelIndex(tiny.wheelhouse) as index:
        variables = {"UV_DEFAULT_INDEX": "http://wheels.invalid/simple", "HTTP_PROXY": "", "HTTPS_PROXY": ""}
        offered = json.dumps({"HTTP_PROXY": f"http://{index.place}"})
        done = export(tiny, tiny.home.parent / "bundle", TINY_OFFERED=offered, **variables)
        assert done.get("fetched") == ENGINE_WHEELS, done
        assert index.proxied > ENGINE_WHEELS


def test_a_folder_with_other_things_is_left_alone(tiny, tmp_path):
    folder = tmp_path / "mine"
    folder.mkdir()
    (folder / "letter.txt").write_text("Dear")
    done = export(tiny, folder)
    assert done["code"] == "output_unwritable" and str(folder) in done["line"]
    assert [p.name for p in folder.iterdir()] == ["letter.txt"]


def test_models_come_along_as_real_files(tiny):
    own = add_model(tiny)
    add_model(tiny, "to-come")
    (tiny.home / "models" / "to-come" / "model.safetensors").unlink()
    folder, done = bundle_of(tiny)
    assert done.get("files"), done
    assert [p.name for p in (folder / "models").iterdir()] == ["lake"]
    weights = folder / "models" / "lake" / "model.safetensors"
    assert not weights.is_symlink() and weights.read_bytes() == (own / "model.safetensors").read_bytes()
    assert 'CONFIG="$PWD/models/lake/model.json"    # Lakes' in (folder / "INSTALL.txt").read_text()
    assert sha256sum(folder).returncode == 0


@pytest.mark.parametrize(
    ("names", "spoil", "says"),
    [
        ("nowhere", "", 'no model "nowhere"'),
        ("lake", "weights", "not the ones its card names"),
        ("lake", "config", "lacks config.json"),
        ("lake, {other}", "", "the same id, lake"),
    ],
)
def test_a_model_that_cannot_come_along_is_one_line(tiny, names, spoil, says):
    own = add_model(tiny)
    other = add_model(tiny, "other")
    (other / "model.json").write_bytes((own / "model.json").read_bytes())
    other = other.rename(tiny.home / "elsewhere")
    if spoil == "weights":
        (own / "model.safetensors").resolve().write_bytes(b"changed")
    if spoil == "config":
        (own / "config.json").unlink()
    folder, done = bundle_of(tiny, order={"models": names.format(other=other)})
    assert says in done["line"] and "\n" not in done["line"]
    assert not whole(folder)


def test_a_second_engine_joins_the_first(tiny):
    folder, _ = bundle_of(tiny)
    _, done = bundle_of(tiny, order={"variant": "cuda"})
    assert done.get("fetched") == 0, done  # the tiny engines are the same wheels
    assert [e["variant"] for e in json.loads((folder / "bundle.json").read_text())["engines"]] == ["cpu", "cuda"]
    # Another version of a package: what only the old lock named goes.
    make_wheel(tiny.wheelhouse, "vllm", "__version__ = '2'", version="2.0")
    lines = (tiny.resources / "cpu.lock").read_text().splitlines()
    new = hashlib.sha256((tiny.wheelhouse / "vllm-2.0-py3-none-any.whl").read_bytes()).hexdigest()
    for variant in ("cpu", "cuda"):
        (tiny.resources / f"{variant}.lock").write_text(
            "\n".join(f"vllm==2.0 --hash=sha256:{new}" if line.startswith("vllm==") else line for line in lines)
        )
        bundle_of(tiny, order={"variant": variant})
    assert [p.name for p in (folder / "wheels").glob("vllm*")] == ["vllm-2.0-py3-none-any.whl"]


def test_parts_are_joined_by_sh_and_install(tiny, tmp_path):
    add_model(tiny)
    folder, done = bundle_of(tiny, order={"volume_size_mb": 4})
    assert done.get("volumes", 0) > 2, done
    stick = (folder / "parts").rename(tmp_path / "stick")
    sizes = [p.stat().st_size for p in sorted(stick.glob("prithvi-bundle.tar.*"))]
    assert set(sizes[:-1]) == {4_000_000} and sizes[-1] <= 4_000_000

    refused = tiny.install(wheelhouse=str(stick), wrap=cut())
    assert f"sh {stick}/join.sh" in refused["line"] and "\n" not in refused["line"]
    part = stick / "prithvi-bundle.tar.0002"
    content = part.read_bytes()
    part.write_bytes(b"?" + content[1:])
    joined = subprocess.run(["sh", stick / "join.sh"], capture_output=True, text=True, cwd="/")
    assert joined.returncode == 1 and "prithvi-bundle.tar.0002" in joined.stderr
    assert not (stick / "prithvi-bundle").exists()
    part.write_bytes(content)
    joined = subprocess.run(["sh", stick / "join.sh"], capture_output=True, text=True, cwd="/")
    assert joined.returncode == 0, joined.stderr
    assert (stick / "prithvi-bundle" / "SHA256SUMS").read_bytes() == (folder / "SHA256SUMS").read_bytes()
    assert tiny.install(wheelhouse=str(stick), wrap=cut()).get("fresh") is True
