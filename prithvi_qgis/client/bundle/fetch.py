"""Fetch files in a child process, which a cancel ends at once."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from ...core.errors import ErrorCode, PrithviError
from ...core.models.catalogue import size_text
from ..install.find_python import Python
from ..install.setup_plan import SPARE_MB
from ..install.uv import SYSTEM_CERTIFICATES, uv_environment
from ..runtime.subprocess_lines import last_error_line, run
from .packages import Package

_SCRIPT = Path(__file__).with_name("fetch_files.py")


def fetch(
    wanted: Sequence[Package],
    folder: Path,
    python: Python,
    work: Path,
    offered: Mapping[str, str],
    report: Callable[[float, str], None],
    is_cancelled: Callable[[], bool],
) -> None:
    """Fetch into ``folder``; a file gets its name once it is complete and its checksum matches.

    Args:
        report: called with the share that is done, 0 to 1, and a short text.
    Raises:
        PrithviError: ``download_failed``, ``disk_full``, ``output_unwritable``, ``cancelled``.
    """
    total = sum(p.size for p in wanted)
    plan = work / "files.json"
    plan.write_text(json.dumps([asdict(p) for p in wanted]), encoding="utf-8")
    environment = uv_environment(offered)
    _refuse_socks(environment)
    if not environment.get("SSL_CERT_FILE") and not environment.get("SSL_CERT_DIR"):
        # A Python that was not built for this system looks for certificates elsewhere.
        known = next((p for p in SYSTEM_CERTIFICATES if Path(p).is_file()), "")
        environment |= {"SSL_CERT_FILE": known} if known else {}
    error: dict[str, Any] = {}
    others: list[str] = []
    finished = 0

    def on_line(line: str) -> None:
        nonlocal finished
        try:
            body = json.loads(line) if line.startswith("{") else {}
        except ValueError:
            body = {}
        if "done" in body:
            share = min(1.0, body["done"] / total) if total else finished / len(wanted)
            of = f" of {size_text(total)}" if total else ""
            report(share, f"{size_text(body['done'])}{of}, {finished} of {len(wanted)} files ({body['file']})")
        elif "finished" in body:
            finished += 1
        elif "error" in body:
            error.update(body["error"])
        else:
            others.append(line)

    command = [str(python.path), "-I", str(_SCRIPT), str(plan), str(folder)]
    code = run(command, environment, work, on_line, is_cancelled)
    if error:
        raise PrithviError(ErrorCode(error["code"]), error["text"], error["hint"])
    if code != 0:
        raise PrithviError(
            ErrorCode.DOWNLOAD_FAILED, f"The download ended early: {last_error_line(others)}.", "Run again."
        )


def check_disk_space(folder: Path, needed: int) -> None:
    """Check the free disk space before anything is fetched.

    Args:
        needed: bytes yet to be written.
    Raises:
        PrithviError: ``disk_full``.
    """
    free = shutil.disk_usage(folder).free
    if free < needed + (SPARE_MB << 20):
        raise PrithviError(
            ErrorCode.DISK_FULL,
            f"The bundle needs {size_text(needed + (SPARE_MB << 20))} more on the disk of {folder};"
            f" {size_text(free)} are free.",
            "Make room, or choose an OUTPUT on another disk.",
        )


def _refuse_socks(environment: Mapping[str, str]) -> None:
    for name, value in environment.items():
        if name.upper() in ("HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY") and value.lower().startswith("socks"):
            raise PrithviError(
                ErrorCode.DOWNLOAD_FAILED,
                f"A bundle cannot be fetched through a SOCKS proxy ({name}).",
                "Set HTTPS_PROXY to an HTTP proxy for this run.",
            )
