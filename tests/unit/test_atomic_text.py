"""Small files in one step."""

from __future__ import annotations

import errno
import os

import pytest

from prithvi_qgis.core.system.atomic_text import write_text


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
