"""Exit 0 if the engine that would be installed is ready. Usage: engine_ready.py 0|1|2 [ray] (auto, CUDA, CPU)."""

from __future__ import annotations

import sys

from prithvi_qgis.client.install.optional_packages import component_ready
from prithvi_qgis.client.runtime.hardware import choose_variant
from prithvi_qgis.client.runtime.readiness import readiness
from prithvi_qgis.core.errors import PrithviError

try:
    variant = choose_variant(("auto", "cuda", "cpu")[int(sys.argv[1])]).variant
    sys.exit(not (readiness(variant).ready and all(component_ready(variant, c) for c in sys.argv[2:] if c)))
except PrithviError as e:
    sys.exit(e.line)
