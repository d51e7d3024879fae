"""Exit 0 when the engine that would be installed is ready. Usage: engine_ready.py 0|1|2 (automatic, CUDA, CPU)."""

from __future__ import annotations

import sys

from prithvi_qgis.client.hardware import choose_variant
from prithvi_qgis.client.readiness import readiness
from prithvi_qgis.contract.errors import PrithviError

try:
    variant = choose_variant(("auto", "cuda", "cpu")[int(sys.argv[1])]).variant
    sys.exit(not readiness(variant).ready)
except PrithviError as e:
    sys.exit(e.line)
