"""``run-workers``: segment the scenes of a request file with several workers, for a front end that keeps the records.
``node``: start this machine's part of a Ray cluster.

The standard output of ``run-workers`` has messages, :class:`.Workers` among them. The front end holds its standard
input open; when that closes, because the front end cancels or has ended, the run ends within one batch.
"""

from __future__ import annotations

import argparse
import os
import sys
import threading
from pathlib import Path
from typing import IO

from ...core.errors import ErrorCode, PrithviError
from ...core.protocol.codec import decode
from ...core.protocol.lines import write_message
from ...core.protocol.messages import Failed, ManyDone, Message, SceneDone, SceneFailed, Segment, Workers
from ..cluster import ray_token
from ..cluster.ray_session import is_loopback, prepare_ray, put_on_path


def add_run_workers_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of ``run-workers``."""
    parser.add_argument("requests", type=Path, help="file with one Segment message per line")
    parser.add_argument("--workers", type=int, default=0, help="number of workers; 0: one per GPU")
    parser.add_argument("--cluster", default="", help="address of a Ray cluster, host:port; default: this machine")


def add_node_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of ``node``."""
    parser.add_argument("--head", action="store_true", help="the first machine of a cluster")
    parser.add_argument("--address", default="", help="of the cluster to join, host:port")
    parser.add_argument("more", nargs="*", help="after --, options of `ray start`, such as --port=6379 --num-gpus=2")


def run_workers_command(options: argparse.Namespace, out: IO[str], variant: str) -> int:
    """Segment the scenes of a request file; return the exit code."""
    from ..cluster.driver import ClusterOptions, run_workers  # brings numpy, which the other commands start without

    requests = [_request(line) for line in options.requests.read_text(encoding="utf-8").splitlines()]
    input_closed = threading.Event()
    threading.Thread(target=_wait_for_end, args=(input_closed,), name="stdin", daemon=True).start()
    ended = {"done": 0, "failed": 0}

    def emit(message: Message) -> None:
        ended["done"] += isinstance(message, SceneDone)
        ended["failed"] += isinstance(message, SceneFailed)
        write_message(out, message)

    cluster = ClusterOptions(options.workers, options.cluster, variant)
    try:
        run_workers(requests, cluster, emit, lambda workers: emit(Workers(tuple(workers))), input_closed.is_set)
    except PrithviError as e:
        emit(Failed.of(e))
        return 1
    emit(ManyDone(**ended))
    return 0


def run_node(options: argparse.Namespace, variant: str) -> int:  # noqa: RET503  (execv does not return)
    """Become ``ray start``, in the foreground, with this engine's Python and code; return only if that fails."""
    if options.head == bool(options.address):
        print("Error: give --head for the first machine, or --address of the cluster for every other.", file=sys.stderr)
        return 2
    try:
        put_on_path(variant)
        if not ray_token.has_token() and options.head:
            print(
                f"A new token is in {ray_token.make_token()}: copy it to every machine of the cluster.", file=sys.stderr
            )
        elif not ray_token.has_token():
            raise PrithviError(
                ErrorCode.CLUSTER_UNREACHABLE,
                f"{ray_token.token_file()} is missing, the token of the cluster.",
                "Copy it from the cluster's first machine, where `node --head` made it.",
            )
    except (PrithviError, OSError) as e:
        print(f"Error: {e}", file=sys.stderr)
        return 1
    ray_token.use_token()
    addresses = [o.partition("=")[2] for o in options.more if o.startswith("--node-ip-address=")]
    # No other machine can join a head that listens on loopback alone.
    prepare_ray(loopback=options.head and any(is_loopback(f"{a}:0") for a in addresses))
    role = ["--head", "--include-dashboard=false"] if options.head else [f"--address={options.address}"]
    sys.stderr.flush()
    command = [sys.executable, "-m", "ray.scripts.scripts", "start", "--block", *role, *options.more]
    os.execv(sys.executable, command)  # nosec B606: this Python again, without a shell


def _request(line: str) -> Segment:
    message = decode(line.encode())
    if not isinstance(message, Segment):
        raise PrithviError(ErrorCode.CONTRACT_BROKEN, f"{type(message).__name__} is no request.")
    return message


def _wait_for_end(input_closed: threading.Event) -> None:
    while os.read(0, 4096):
        pass
    input_closed.set()
