"""Commands without a network: in a namespace that has no route.

Also a program: ``cut_network.py COMMAND...``, run inside the namespace, makes sure of that and becomes the command.
"""

from __future__ import annotations

import fcntl
import functools
import os
import shutil
import socket
import struct
import subprocess
import sys
from pathlib import Path

_HAS_ROUTE = 99


@functools.lru_cache(maxsize=1)
def _namespace() -> tuple[str, ...]:
    for command in (("unshare", "-n"), ("unshare", "-r", "-n")):  # as root, or as a user who may be root inside
        if shutil.which("unshare") and subprocess.run([*command, "true"], capture_output=True).returncode == 0:
            return command
    return ()


def cut() -> tuple[str, ...]:
    """A prefix for a command that then has no route anywhere; skips the test where the system forbids namespaces.

    The command is not run, and 99 the exit code, when the namespace has a route after all.
    """
    import pytest

    if not _namespace():
        pytest.skip("this system lets nobody make a network namespace (unshare -n)")
    return (*_namespace(), sys.executable, str(Path(__file__).resolve()))


def _raise_loopback() -> None:
    """Machines without a network have one."""
    get, put, up = 0x8913, 0x8914, 1  # SIOCGIFFLAGS, SIOCSIFFLAGS, IFF_UP
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        request = struct.pack("16sH14x", b"lo", 0)
        flags = struct.unpack("16sH14x", fcntl.ioctl(s, get, request))[1]
        fcntl.ioctl(s, put, struct.pack("16sH14x", b"lo", flags | up))


def _routes() -> list[str]:
    """Ways out of here: rows of the kernel's table, and addresses that a packet would be sent to."""
    found = [row for row in Path("/proc/net/route").read_text().splitlines()[1:] if row.strip()]
    for family, address in ((socket.AF_INET, "192.0.2.1"), (socket.AF_INET6, "2001:db8::1")):  # nobody's addresses
        try:
            with socket.socket(family, socket.SOCK_DGRAM) as s:
                s.connect((address, 9))  # sends nothing: the kernel only looks for a route
            found.append(address)
        except OSError:
            continue
    return found


if __name__ == "__main__":
    _raise_loopback()
    left = _routes()
    if left:
        print(f"this namespace has routes: {left}", file=sys.stderr)
        sys.exit(_HAS_ROUTE)
    os.execvp(sys.argv[1], sys.argv[1:])
