"""Ray as this plugin uses it: asked for on purpose, quiet, and on this machine alone unless a cluster is named."""

from __future__ import annotations

import contextlib
import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ...contract import paths
from ...contract.errors import ErrorCode, PrithviError

STORE_BYTES = 100 << 20  # messages only: pixels travel as files


def put_on_path(variant: str) -> None:
    """Make Ray, an optional part of the engine, importable here and in the processes that it starts.

    Raises:
        PrithviError: ``engine_missing`` when the part is not installed.
    """
    part = str(paths.part_folder(variant, "ray"))
    if not paths.part_record(variant, "ray").is_file():
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


@contextlib.contextmanager
def ray_cluster(address: str, cpus: int, gpus: int) -> Iterator[Any]:
    """The module ``ray``, connected.

    Args:
        address: of a running cluster (``host:port``); empty starts one for this run, on loopback, and ends it after.
        cpus, gpus: what a cluster that is started has to give.
    Raises:
        PrithviError: ``cluster_unreachable``.
    """
    prepare_ray(loopback=not address)
    import ray

    quiet = {"log_to_driver": False, "logging_level": "ERROR", "configure_logging": False}
    folder = paths.run_folder() / "ray"
    try:
        if address:
            ray.init(address=address, **quiet)
        else:
            ray.init(
                num_cpus=cpus,
                num_gpus=gpus,
                include_dashboard=False,
                object_store_memory=STORE_BYTES,
                _temp_dir=str(folder),  # sockets lie below it: paths near 100 characters fail
                **quiet,
            )
    except Exception as e:  # Ray has a kind of its own for each thing that can go wrong here
        first = str(e).strip().split("\n")[0][:300] or type(e).__name__
        raise PrithviError(
            ErrorCode.CLUSTER_UNREACHABLE,
            f"The Ray cluster {address or 'of this machine'} cannot be reached: {first.rstrip('.')}.",
            "Check CLUSTER (host:port), and that `ray status` works there with the same version of Ray.",
        ) from e
    try:
        yield ray
    finally:
        ray.shutdown()
        if not address:
            shutil.rmtree(folder, ignore_errors=True)
