"""Files appear whole or not at all."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from prithvi_qgis.core.errors import ErrorCode, PrithviError
from prithvi_qgis.core.system.processes import is_alive
from prithvi_qgis.engine.failures import disk_error
from prithvi_qgis.engine.writing.atomic_outputs import MARK, AtomicOutputs, _host, clean_leftovers


def test_nothing_appears_before_commit_and_everything_after(tmp_path):
    target = tmp_path / "mask.tif"
    with AtomicOutputs() as staging:
        staging.stage(str(target)).write_text("mask")
        staging.sidecar(str(target), ".qml", "style")
        staging.sidecar(str(target), ".aux.xml", "table")
        assert not target.exists()
        staging.commit()
    assert sorted(p.name for p in tmp_path.iterdir()) == ["mask.qml", "mask.tif", "mask.tif.aux.xml"]


def test_leaving_without_commit_removes_everything_and_keeps_the_old_mask(tmp_path):
    target = tmp_path / "mask.tif"
    target.write_text("old")
    with pytest.raises(RuntimeError), AtomicOutputs() as staging:
        path = staging.stage(str(target))
        path.write_text("half")
        path.with_name(path.name + "-journal").write_text("sqlite")
        raise RuntimeError
    assert [p.name for p in tmp_path.iterdir()] == ["mask.tif"]
    assert target.read_text() == "old"


@pytest.mark.parametrize("name", ["mask[1].tif", "mask*.tif", "mask.TIFF"])
def test_any_name_is_cleaned_up_and_cleared_of_stale_files(name, tmp_path):
    with AtomicOutputs() as staging:
        staging.stage(str(tmp_path / name)).write_text("half")
    assert list(tmp_path.iterdir()) == []
    (tmp_path / f"{name}.ovr").write_text("old")
    with AtomicOutputs() as staging:
        staging.stage(str(tmp_path / name)).write_text("new")
        staging.commit()
    assert [p.name for p in tmp_path.iterdir()] == [name]


def test_the_style_of_a_scene_beside_the_polygons_stays(tmp_path):
    (tmp_path / "scene.qml").write_text("mine")
    (tmp_path / "scene.gpkg-wal").write_text("old")
    with AtomicOutputs() as staging:
        staging.stage(str(tmp_path / "scene.gpkg")).write_text("new")
        staging.commit()
    assert sorted(p.name for p in tmp_path.iterdir()) == ["scene.gpkg", "scene.qml"]


def test_stale_sidecars_of_an_older_mask_are_removed(tmp_path):
    target = tmp_path / "mask.tif"
    for name in ("mask.tif", "mask.tif.ovr", "mask.tif.aux.xml", "mask.tif.msk", "mask.qml", "mask.txt"):
        (tmp_path / name).write_text("old")
    with AtomicOutputs() as staging:
        staging.stage(str(target)).write_text("new")
        staging.commit()
    assert sorted(p.name for p in tmp_path.iterdir()) == ["mask.tif", "mask.txt"]


def test_a_folder_that_does_not_exist_is_named(tmp_path):
    with AtomicOutputs() as staging, pytest.raises(PrithviError) as e:
        staging.stage(str(tmp_path / "nowhere" / "mask.tif"))
    assert e.value.code is ErrorCode.OUTPUT_UNWRITABLE
    assert "nowhere does not exist" in e.value.line


def test_two_runs_for_one_mask_never_meet_in_their_unfinished_files(tmp_path):
    target = str(tmp_path / "mask.tif")
    with AtomicOutputs() as hanging:
        hanging.stage(target).write_text("old")
        with AtomicOutputs() as fresh:
            path = fresh.stage(target)
            path.write_text("half")
            hanging.commit()
            assert (tmp_path / "mask.tif").read_text() == "old"
            path.write_text("new")
            fresh.commit()
    assert [(p.name, p.read_text()) for p in tmp_path.iterdir()] == [("mask.tif", "new")]


def test_what_is_given_up_while_it_goes_to_the_disk_does_not_appear(tmp_path, monkeypatch):
    synced = []
    monkeypatch.setattr(os, "fsync", synced.append)
    target = tmp_path / "mask.tif"
    (tmp_path / "mask.tif.ovr").write_text("of the old mask")

    def check():
        assert len(synced) == 2
        raise RuntimeError

    with pytest.raises(RuntimeError), AtomicOutputs() as staging:
        staging.stage(str(target)).write_text("mask")
        staging.sidecar(str(target), ".qml", "style")
        staging.commit(check)
    assert [p.name for p in tmp_path.iterdir()] == ["mask.tif.ovr"]


def test_leftovers_of_an_engine_that_nobody_collected_are_removed(tmp_path):
    ended = subprocess.Popen([sys.executable, "-c", ""], stdout=subprocess.PIPE)
    ended.stdout.read()
    while is_alive(ended.pid):
        time.sleep(0.01)
    assert Path(f"/proc/{ended.pid}").exists()  # a zombie
    (tmp_path / f".mask{MARK}{ended.pid}-{_host()}-0.tif").touch()
    assert clean_leftovers(tmp_path) == 1
    ended.wait()


def test_leftovers_of_dead_engines_are_removed_and_those_of_living_ones_kept(tmp_path):
    living = tmp_path / f".mask{MARK}{os.getpid()}-{_host()}-0.tif"
    dead = tmp_path / f".mask{MARK}999999999-{_host()}-0.tif"
    elsewhere = tmp_path / f".mask{MARK}999999999-abcdef-0.tif"
    for path in (living, dead, elsewhere):
        path.write_text("half")
    assert clean_leftovers(tmp_path) == 1
    assert living.exists()
    assert elsewhere.exists()  # an engine of another machine, on a shared disk
    assert not dead.exists()


@pytest.mark.parametrize(("number", "says"), [(errno.ENOSPC, "is full"), (errno.EDQUOT, "quota")])
def test_a_quota_that_is_used_up_is_a_full_disk(number, says, tmp_path):
    problem = disk_error(OSError(number, os.strerror(number)), str(tmp_path / "mask.tif"))
    assert problem.code is ErrorCode.DISK_FULL
    assert says in problem.text
