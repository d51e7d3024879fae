"""Commands without a network: in a namespace that has no route."""

from __future__ import annotations

import functools
import shutil
import subprocess

import pytest

# What the namespace knows of the world, then the command itself. An address of a range for documentation: not even a
# packet to it may find a way. A machine without a network still has its loopback.
_CHECK = """
ip link set lo up
test -z "$(ip -4 route show; ip -6 route show default)" || { echo "this namespace has a route" >&2; exit 99; }
! ip route get 192.0.2.1 >/dev/null 2>&1 || { echo "a packet would leave this namespace" >&2; exit 99; }
exec "$@"
"""


@functools.lru_cache(maxsize=1)
def _namespace() -> tuple[str, ...]:
    for command in (("unshare", "-n"), ("unshare", "-r", "-n")):  # as root, or as a user who may be root inside
        if shutil.which("unshare") and subprocess.run([*command, "true"], capture_output=True).returncode == 0:
            return command
    return ()


def cut() -> tuple[str, ...]:
    """A prefix for a command that then has no route anywhere; skips the test where the system forbids namespaces.

    The command ends with 99 when the namespace has a route after all.
    """
    if not _namespace():
        pytest.skip("this system lets nobody make a network namespace (unshare -n)")
    if not shutil.which("ip"):
        pytest.skip("the program ip, which shows a namespace's routes, is missing (iproute2)")
    return (*_namespace(), "sh", "-c", _CHECK, "sh")
