"""Ray as this plugin uses it: asked for on purpose, quiet, and on this machine alone unless a cluster is named."""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ...core.errors import ErrorCode, PrithviError
from ...core.system import paths
from ...core.system.processes import is_alive
from .ray_reaper import ray_reaper
from .ray_token import has_token, use_fresh_token, use_token

FOLDER = "prithvi-ray-"
CONNECT_S = 10.0
STORE_BYTES = 100 << 20  # messages only: pixels travel as files


def put_on_path(variant: str) -> None:
    """Make Ray, an optional part of the engine, importable here and in the processes that it starts.

    Raises:
        PrithviError: ``engine_missing`` when the part is not installed.
    """
    part = str(paths.component_folder(variant, "ray"))
    if not paths.component_record(variant, "ray").is_file():
        raise PrithviError(
            ErrorCode.ENGINE_MISSING,
            f"Several workers need Ray, an optional part of the engine that is not installed in {part}.",
            "Install it with: qgis_process run prithvi:installengine --RAY=true",
        )
    code = str(Path(__file__).resolve().parents[3])
    os.environ["PYTHONPATH"] = os.pathsep.join([code, part])
    if part not in sys.path:
        sys.path.insert(1, part)


def prepare_ray(loopback: bool) -> None:
    """Set what Ray reads when it is imported.

    Args:
        loopback: listen on 127.0.0.1 alone. Ray has one switch that makes it take the loopback address for the node's,
            meant for systems without clusters; every other way leaves its servers open on all interfaces.
    """
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
    os.environ["RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER"] = "0" if loopback else "1"


def is_loopback(address: str) -> bool:
    """Whether a cluster is on this machine alone."""
    return address.rpartition(":")[0].strip("[]") in ("localhost", "127.0.0.1", "::1")


def _require_listener(address: str) -> None:
    """Say within seconds what takes Ray a minute to find out."""
    host, _, port = address.rpartition(":")
    try:
        socket.create_connection((host.strip("[]"), int(port)), CONNECT_S).close()
    except (OSError, ValueError, OverflowError) as e:
        raise PrithviError(
            ErrorCode.CLUSTER_UNREACHABLE,
            f"Nothing answers at CLUSTER {address} ({getattr(e, 'strerror', None) or e}).",
            "Give the address of a Ray cluster's first machine, host:port, and see that a firewall lets it pass.",
        ) from e


@contextlib.contextmanager
def ray_cluster(address: str, cpus: int, gpus: int) -> Iterator[Any]:
    """The module ``ray``, connected.

    Args:
        address: of a running cluster (``host:port``); empty starts one for this run, on loopback, and ends it after.
        cpus, gpus: what a cluster that is started has to give.
    Raises:
        PrithviError: ``cluster_unreachable``.
    """
    prepare_ray(loopback=not address or is_loopback(address))
    if address:
        _require_listener(address)
        if has_token():  # by itself Ray's client would not send it
            use_token()
    with contextlib.ExitStack() as stack:
        if address:
            options: dict[str, Any] = {"address": address}
        else:
            use_fresh_token()
            folder = stack.enter_context(_folder())
            stack.enter_context(ray_reaper(folder))
            options = {
                "num_cpus": cpus,
                "num_gpus": gpus,
                "include_dashboard": False,
                "object_store_memory": STORE_BYTES,
                "_temp_dir": str(folder),
            }
        yield stack.enter_context(_connected(address, options))


@contextlib.contextmanager
def _connected(address: str, options: dict[str, Any]) -> Iterator[Any]:
    import ray

    try:
        ray.init(log_to_driver=False, logging_level="ERROR", configure_logging=False, **options)
    except Exception as e:  # Ray has a kind of its own for each thing that can go wrong here
        ray.shutdown()
        first = str(e).strip().split("\n")[0][:300] or type(e).__name__
        if not address:
            raise PrithviError(
                ErrorCode.CLUSTER_UNREACHABLE,
                f"Ray does not start on this machine: {first.rstrip('.')}.",
                "Run with WORKERS 1, which needs no Ray; the engine's log may tell more.",
            ) from e
        raise PrithviError(
            ErrorCode.CLUSTER_UNREACHABLE,
            f"The Ray cluster {address} cannot be used from here: {first.rstrip('.')}.",
            "This machine has to be one of the cluster's, with the same token: see docs/many-scenes.md, Several hosts.",
        ) from e
    try:
        yield ray
    finally:
        ray.shutdown()


@contextlib.contextmanager
def _folder() -> Iterator[Path]:
    """A private folder for the sockets of one run. Paths of sockets near 100 characters fail, hence /tmp."""
    for old in Path("/tmp").glob(f"{FOLDER}*"):  # nosec B108: of runs whose guard was killed, too
        pid = old.name[len(FOLDER) :].partition("-")[0]
        if pid.isdigit() and not is_alive(int(pid)) and old.lstat().st_uid == os.getuid():
            shutil.rmtree(old, ignore_errors=True)
    folder = Path(tempfile.mkdtemp(prefix=f"{FOLDER}{os.getpid()}-", dir="/tmp"))  # nosec B108: mkdtemp makes it 0700
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
