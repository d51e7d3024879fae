"""Run one measurement: ``python -m tools.bench NAME [options]``; ``NAME --help`` lists its options."""

from __future__ import annotations

import importlib
import os
import sys
from pathlib import Path

HELPERS = {"__init__", "__main__", "folder_of_scenes", "random_model", "setting"}
NAMES = sorted({path.stem for path in Path(__file__).parent.glob("*.py")} - HELPERS)


def main() -> int:
    """Import the measurement and run it; each needs the Python that its docstring names."""
    if len(sys.argv) < 2 or sys.argv[1] not in NAMES:
        print(f"usage: python -m tools.bench NAME [options], with NAME one of: {', '.join(NAMES)}", file=sys.stderr)
        return 2
    name = sys.argv.pop(1)
    sys.argv[0] = f"python -m tools.bench {name}"
    return importlib.import_module(f".{name}", __package__).main() or 0


if __name__ == "__main__":
    code = main()
    sys.stdout.flush()
    os._exit(code)  # vLLM's threads and CUDA's context take seconds to end, for no benefit
