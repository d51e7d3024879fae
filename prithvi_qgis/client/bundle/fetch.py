"""Fetch files in a child process, which a cancel ends at once."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

from ...core.errors import ErrorCode, PrithviError
from ...core.models.catalogue import size_text
from ...core.protocol.command_messages import FileDone, FileProgress
from ...core.protocol.messages import Message
from ..install.find_python import Python
from ..install.setup_plan import SPARE_MB
from ..install.uv import SYSTEM_CERTIFICATES, uv_environment
from ..runtime.subprocess_lines import run_for_messages
from .packages import Package

_PACKAGE = Path(__file__).resolve().parents[2]
# The plugins folder comes last on the path: no other plugin may stand in for a module of the standard library.
_MODULE = "prithvi_qgis.client.bundle.fetch_files"
_RUN = f"import runpy, sys; sys.path.append(sys.argv.pop(1)); runpy.run_module('{_MODULE}', run_name='__main__')"


def fetch(
    wanted: Sequence[Package],
    folder: Path,
    python: Python,
    work: Path,
    offered: Mapping[str, str],
    report: Callable[[float, str], None],
    is_cancelled: Callable[[], bool],
) -> None:
    """Fetch into ``folder``; a file has its name there once it is complete and its checksum right.

    Args:
        wanted: files, with URL, size and checksum.
        python: runs the child process.
        work: folder for temporary files.
        offered: variables with proxy and certificates; the user's own take precedence.
        report: called with the finished share, 0 to 1, and a text.
    Raises:
        PrithviError: ``download_failed``, ``disk_full``, ``output_unwritable``, ``cancelled``.
    """
    total = sum(p.size for p in wanted)
    plan = work / "files.json"
    plan.write_text(json.dumps([asdict(p) for p in wanted]), encoding="utf-8")
    environment = uv_environment(offered)
    _refuse_socks(environment)
    if not environment.get("SSL_CERT_FILE") and not environment.get("SSL_CERT_DIR"):
        # A Python that was built for another system looks for its certificates elsewhere.
        known = next((p for p in SYSTEM_CERTIFICATES if Path(p).is_file()), "")
        environment |= {"SSL_CERT_FILE": known} if known else {}
    finished = 0

    def on_message(message: Message) -> None:
        nonlocal finished
        if isinstance(message, FileDone):
            finished += 1
        elif isinstance(message, FileProgress):
            share = min(1.0, message.done / total) if total else finished / len(wanted)
            of = f" of {size_text(total)}" if total else ""
            report(share, f"{size_text(message.done)}{of}, {finished} of {len(wanted)} files ({message.file})")

    command = [str(python.path), "-I", "-B", "-c", _RUN, str(_PACKAGE.parent), str(plan), str(folder)]
    status, last_line = run_for_messages(command, environment, work, on_message, is_cancelled)
    if status != 0:
        raise PrithviError(ErrorCode.DOWNLOAD_FAILED, f"The download ended early: {last_line}.", "Run again.")


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
