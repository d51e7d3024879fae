"""Files: replaced in one step, locked, and their checksums."""

from __future__ import annotations

import errno
import hashlib
import os

import pytest

from prithvi_qgis.core.system.atomic_files import replace_folder, write_text
from prithvi_qgis.core.system.file_checksum import copy_with_sha256, sha256_of_file
from prithvi_qgis.core.system.file_lock import FileLock


@pytest.mark.parametrize("durable", [True, False])
def test_a_file_is_replaced_and_nothing_else_is_left(tmp_path, durable):
    path = tmp_path / "page.html"
    path.write_text("old")
    write_text(path, "neu: ä\n", durable)
    assert path.read_bytes() == "neu: ä\n".encode()
    assert os.listdir(tmp_path) == ["page.html"]


def test_whoever_has_it_open_still_reads_the_old_one(tmp_path):
    path = tmp_path / "state.json"
    write_text(path, "old")
    with open(path) as f:
        write_text(path, "new")
        assert f.read() == "old"
    assert path.read_text() == "new"


def test_a_full_disk_leaves_the_old_file_and_no_half_of_the_new_one(tmp_path, monkeypatch):
    path = tmp_path / "state.json"
    write_text(path, "old")

    def full(file):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        write_text(path, "new")
    assert path.read_text() == "old"
    assert os.listdir(tmp_path) == ["state.json"]


def test_what_cannot_be_replaced_is_told_and_nothing_is_left(tmp_path):
    (tmp_path / "taken").mkdir()
    with pytest.raises(OSError, match="taken"):
        write_text(tmp_path / "taken", "text")
    assert os.listdir(tmp_path) == ["taken"]


def test_a_file_gets_the_permissions_it_was_given(tmp_path):
    write_text(tmp_path / "key", "secret", mode=0o600)
    assert (tmp_path / "key").stat().st_mode & 0o777 == 0o600


def test_a_folder_takes_the_place_of_another(tmp_path):
    for name in ("new", "target"):
        (tmp_path / name).mkdir()
        (tmp_path / name / name).touch()
    replace_folder(tmp_path / "new", tmp_path / "target")
    assert os.listdir(tmp_path) == ["target"]
    assert os.listdir(tmp_path / "target") == ["new"]


def test_a_link_to_a_folder_is_replaced_and_the_folder_stays(tmp_path):
    for name in ("new", "elsewhere"):
        (tmp_path / name).mkdir()
    (tmp_path / "target").symlink_to(tmp_path / "elsewhere")
    replace_folder(tmp_path / "new", tmp_path / "target")
    assert sorted(os.listdir(tmp_path)) == ["elsewhere", "target"]
    assert not (tmp_path / "target").is_symlink()


def test_a_folder_that_cannot_be_replaced_is_put_back(tmp_path):
    (tmp_path / "target").mkdir()
    with pytest.raises(FileNotFoundError):
        replace_folder(tmp_path / "missing", tmp_path / "target")
    assert os.listdir(tmp_path) == ["target"]


def test_a_checksum_is_that_of_hashlib_and_reports_its_progress(tmp_path):
    path, copy = tmp_path / "a", tmp_path / "b"
    path.write_bytes(b"abc" * 5)
    steps: list[int] = []
    digest = hashlib.sha256(b"abc" * 5).hexdigest()
    assert sha256_of_file(path, 4, steps.append) == digest
    assert steps == [4, 8, 12, 15]
    assert copy_with_sha256(path, copy) == digest
    assert copy.read_bytes() == path.read_bytes()


def test_a_lock_keeps_a_second_holder_out_until_it_is_released(tmp_path):
    first, second = FileLock(tmp_path / "lock", 0.01), FileLock(tmp_path / "lock", 0.01)
    with first:
        first.write("long text")
        first.write("short")
        assert (tmp_path / "lock").read_text() == "short"
        assert not second.acquire()
        with pytest.raises(BlockingIOError), second:
            pass
    assert second.acquire()
    second.release()
    second.release()


def test_a_wait_for_a_lock_ends_with_its_release_or_an_error(tmp_path):
    first, second = FileLock(tmp_path / "lock", 0.01), FileLock(tmp_path / "lock", 0.01)
    first.acquire()
    assert second.acquire(60, first.release)

    def cancelled():
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        first.acquire(60, cancelled)
