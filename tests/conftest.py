"""What every suite shares: a data folder that is not the user's."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

pytest.register_assert_rewrite("support")
os.environ.setdefault("PRITHVI_QGIS_HOME", str(Path(__file__).resolve().parents[1] / "build" / "test-home"))
