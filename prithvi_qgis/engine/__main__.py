"""The engine's command line: ``serve`` and ``run-workers`` for front ends; ``segment``, ``benchmark``,
``download-model``, ``import-model`` and ``node`` for people without QGIS.
"""

from __future__ import annotations

import argparse
import logging
import os
import sys

from ..core.system import network_options
from .commands import cluster
from .commands import import_model as importing
from .commands import segment_arguments as segmenting
from .device import runtime_env
from .variant import installed_variant

_EXIT_CODES = (
    "Exit codes: 0 every scene has its mask; 1 a scene failed; 2 wrong arguments; 130 interrupted: the same command "
    "goes on."
)
# Our own level, and vLLM's, which logs far more at the same level.
_LOG_LEVELS = {
    "warning": (logging.WARNING, "ERROR"),
    "info": (logging.INFO, "WARNING"),
    "debug": (logging.DEBUG, "INFO"),
}


def main(arguments: list[str] | None = None) -> int:
    """Parse and run; returns the exit code: 0 good, 1 a scene failed, 2 wrong arguments."""
    parser = argparse.ArgumentParser(prog="python -m prithvi_qgis.engine", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    serve = commands.add_parser("serve", help="run as the warm engine of a user's front ends")
    serve.add_argument("--variant", choices=("cpu", "cuda"), required=True)
    serve.add_argument("--code", default="", help="hash of the code copy, for the version handshake")
    serve.add_argument("--keep-warm", type=float, default=10.0, help="idle minutes before it exits")
    serve.add_argument("--stuck", type=float, default=15.0, help="minutes without any progress before it exits")
    serve.add_argument("--log-level", choices=tuple(_LOG_LEVELS), default="info")
    segment = commands.add_parser("segment", help="segment scenes in this process", epilog=_EXIT_CODES)
    segmenting.add_arguments(segment)
    benchmark = commands.add_parser("benchmark", help="one scene in every way, timed")
    benchmark.add_argument("input", help="a scene")
    benchmark.add_argument("--name", default="", help="what the scene is called in the report")
    benchmark.add_argument("--model", default="demo-water", help="id of a model, or a folder with a model.json")
    benchmark.add_argument("--times", type=int, default=3, help="timed runs of each way, after one that is not timed")
    download = commands.add_parser("download-model", help="fetch a model of the catalogue from the Hugging Face hub")
    download.add_argument("model", help="id of a model")
    download.add_argument("--revision", default="", help="commit, 40 hexadecimal digits; default: the pinned one")
    download.add_argument("--json", action="store_true", help="JSON lines on standard output")
    importing.add_arguments(commands.add_parser("import-model", help="make a model of a TerraTorch training"))
    cluster.add_run_workers_arguments(
        commands.add_parser("run-workers", help="segment the scenes of a file of requests with several workers")
    )
    cluster.add_node_arguments(commands.add_parser("node", help="make this machine a part of a Ray cluster"))
    options = parser.parse_args(arguments)

    level, vllm_level = _LOG_LEVELS[getattr(options, "log_level", "info")]
    logging.basicConfig(stream=sys.stderr, level=level, format="%(asctime)s %(levelname)s %(message)s")
    # vLLM prints to file descriptor 1; keep the real one for results and send the rest to the log.
    out = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    if options.command == "serve":
        network_options.drop_network_options()  # its starter's are not those of the runs to come
        runtime_env.prepare(options.variant, vllm_level)
        from .server.server import serve as run

        run(options.variant, options.code, options.keep_warm, options.stuck * 60)
        return 0
    if options.command == "download-model":
        from .commands.download_model import run as download_model

        return download_model(options.model, options.revision, options.json, out)
    if options.command == "node":
        return cluster.run_node(options, installed_variant())
    runtime_env.prepare(installed_variant(), vllm_level)
    if options.command == "benchmark":
        from .commands.benchmark import benchmark as measure

        return measure(options, out, installed_variant())
    if options.command == "run-workers":
        return cluster.run_workers_command(options, out, installed_variant())
    if options.command == "import-model":
        return importing.run_import(options, out, installed_variant())
    from .commands.segment import segment_all

    return segment_all(options, out, installed_variant())


if __name__ == "__main__":
    code = main()
    logging.shutdown()
    sys.stdout.flush()
    os._exit(code)  # torch and vLLM keep helper threads that may hang a normal exit
