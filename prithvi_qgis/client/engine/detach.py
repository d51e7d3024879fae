"""Start a command that outlives its starter: ``python detach.py LOG COMMAND...`` prints the command's process id.

Run as a file by the engine's Python. This process exits at once, so that QGIS keeps no zombie when the command ends.
"""

from __future__ import annotations

import os
import subprocess  # nosec B404: starts the engine; the command line is ours
import sys


def main(log: str, command: list[str]) -> int:
    """Start ``command`` in a new session, with both outputs appended to ``log``."""
    out = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    child = subprocess.Popen(  # nosec B603: a list without a shell, made by client/engine/launch.py
        command, stdin=subprocess.DEVNULL, stdout=out, stderr=out, start_new_session=True
    )
    sys.stdout.write(f"{child.pid}\n")
    sys.stdout.flush()
    os._exit(0)  # without Popen's wait: the child continues


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
