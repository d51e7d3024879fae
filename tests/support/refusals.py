"""What every refusal has in common, whoever refused."""

from __future__ import annotations

from pathlib import Path


def assert_refused(done, folder: Path, *words: str) -> str:
    """One line with ``words``, exit code 1, no traceback, no file."""
    assert done.code == 1, done.stdout + done.stderr
    assert "Traceback" not in done.stdout + done.stderr
    assert len(done.error_lines) == 1, done.stderr
    line = done.error_lines[0]
    for word in words:
        assert word in line
    assert line.endswith(".") or line[-1].isdigit(), line
    assert [p.name for p in folder.iterdir()] == []
    return line
