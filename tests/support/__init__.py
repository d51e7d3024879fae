"""What the tests of several suites share. A module imports only what its users have: QGIS, or the engine's libraries."""

from __future__ import annotations

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
# What the models of the engine's tests run on; "cuda" needs the engine of that variant and a GPU.
VARIANT = os.environ.get("PRITHVI_QGIS_TEST_VARIANT", "cpu")
