"""What every suite shares: the package on the path, and a data folder that is not the user's."""

from __future__ import annotations

import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
os.environ.setdefault("PRITHVI_QGIS_HOME", str(ROOT / "build" / "test-home"))
if not any((Path(p or ".") / "prithvi_qgis" / "__init__.py").is_file() for p in sys.path):
    sys.path.insert(0, str(ROOT))
