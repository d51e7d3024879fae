"""Start the engine's process, and find out why it ended."""

from __future__ import annotations

import contextlib
import os
import re
import subprocess  # nosec B404: starts the engine's Python with a list of arguments

from ...core.errors import ErrorCode, PrithviError
from ...core.system import paths
from ...core.system.engine_log import ENGINE_STARTED, after_last_mark, mark_line
from ...core.system.timeouts import TIMEOUTS
from ..runtime import code_copy
from ..runtime.environment import engine_environment
from ..runtime.readiness import NEXT_STEP, VARIANTS, read_record, readiness

_LOG_LIMIT_BYTES = 5 << 20
# Logging, torch's own logging, warnings, progress bars.
_ROUTINE = re.compile(r"\b(DEBUG|INFO|WARNING)\b|^[VIW]\d{4} \d\d:|Warning\b|%( Completed )?\|")
_COLOURS = re.compile(r"\x1b\[[0-9;]*m")
_TAIL_BYTES = 16 << 10
LOG_LEVELS = ("warning", "info", "debug")

_log_level = "info"


def use_log_level(level: str) -> None:
    """Set the log level of engines that this process starts from now on: one of :data:`LOG_LEVELS`."""
    global _log_level  # noqa: PLW0603  (a preference of the process, as the data folder is)
    _log_level = level


def start(variant: str, keep_warm_min: float) -> int:
    """Start an engine that outlives this process, without waiting until it listens.

    Args:
        variant: ``cpu`` or ``cuda``, installed.
        keep_warm_min: idle minutes before it exits.
    Returns:
        the engine's process id.
    Raises:
        PrithviError: ``engine_missing``, ``engine_died`` or ``engine_unreachable``.
    """
    python = paths.venv_python(variant)
    if not readiness(variant).ready:
        raise missing(variant)
    folder, code_hash = code_copy.installed_code()
    code_copy.remove_old_copies(folder)
    _begin_log()
    command = [str(python), "-m", "prithvi_qgis.engine", "serve"]
    command += ["--variant", variant, "--code", code_hash, "--keep-warm", f"{keep_warm_min:g}"]
    command += ["--log-level", _log_level]
    detach = str(folder / "prithvi_qgis" / "client" / "engine" / "detach.py")
    try:
        done = subprocess.run(  # nosec B603: a list without a shell; the program is the venv's own Python
            [str(python), "-S", detach, str(paths.log_file()), *command],
            cwd=paths.home(),
            env=engine_environment(folder),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=TIMEOUTS.detach_s,
            check=False,
        )
        return int(done.stdout)
    except (OSError, ValueError, subprocess.TimeoutExpired) as e:
        raise PrithviError(
            ErrorCode.ENGINE_DIED,
            f"The engine's Python {python} does not start: {_reason(e, locals().get('done'))}.",
            f"{NEXT_STEP}.",
        ) from e


def missing(variant: str = "") -> PrithviError:
    """Return the error for an engine that is not installed or outdated; an empty ``variant`` means any."""
    if variant:
        state = readiness(variant)
        return PrithviError(ErrorCode.ENGINE_MISSING, state.reason, state.next_step)
    outdated = [s for s in map(readiness, VARIANTS) if read_record(s.variant)]
    if outdated:
        return PrithviError(ErrorCode.ENGINE_MISSING, outdated[0].reason, outdated[0].next_step)
    text = f"The engine is not installed in {paths.home() / 'engine'}."
    return PrithviError(ErrorCode.ENGINE_MISSING, text, f"{NEXT_STEP}.")


def log_tail() -> str:
    """Return the last informative line that the engine wrote in its last run, preferably an error; empty without one.

    Before its first run, those of its start count. Routine messages do not count: an engine that was killed leaves
    nothing else.
    """
    try:
        with open(paths.log_file(), "rb") as f:
            f.seek(max(0, os.fstat(f.fileno()).st_size - _TAIL_BYTES))
            text = after_last_mark(f.read().decode(errors="replace"))
            raw = _COLOURS.sub("", text).splitlines()
    except OSError:
        return ""
    # Python puts the line of code below a warning, indented.
    lines = [s.strip() for before, s in zip(["", *raw], raw) if not ("Warning: " in before and s[:2] == "  ")]
    lines = [s for s in lines if s and not set(s) <= set("^~ -=")]
    informative = [s for s in lines if not _ROUTINE.search(s)]
    errors = [s for s in informative[-40:] if "error" in s.lower() or "killed" in s.lower()]
    return (errors or informative or [""])[-1][:300]


def died(doing: str) -> PrithviError:
    """Return the error for an engine that ended while ``doing`` something."""
    reason = log_tail()
    return PrithviError(
        ErrorCode.ENGINE_DIED,
        f"The engine stopped while {doing}{f' (its last words: {reason})' if reason else ''}.",
        f"Run again; the engine's log is {paths.log_file()}.",
    )


def _begin_log() -> None:
    """Rotate a large log, and mark where the lines of the engine that starts now begin."""
    log = paths.log_file()
    with contextlib.suppress(FileNotFoundError):
        if log.stat().st_size > _LOG_LIMIT_BYTES:
            log.replace(log.with_name(log.name + ".1"))
    # The log has paths of the user's scenes, hence the mode.
    handle = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        os.write(handle, mark_line(ENGINE_STARTED).encode())
    finally:
        os.close(handle)


def _reason(error: Exception, done: object) -> str:
    if isinstance(done, subprocess.CompletedProcess) and done.stderr.strip():
        return done.stderr.strip().splitlines()[-1]
    return getattr(error, "strerror", None) or str(error)
