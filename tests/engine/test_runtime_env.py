"""What the engine sets before anything else."""

from __future__ import annotations

import ctypes
import subprocess
import sys

import pytest

from support import ROOT

# mallinfo2(3): hblkhd is the fifth of ten sizes.
MEASURE = """
import ctypes, sys
if sys.argv[1] == "prepared":
    from prithvi_qgis.engine.device import runtime_env
    runtime_env.prepare("cpu")
library = ctypes.CDLL(None)
fields = [(f"n{i}", ctypes.c_size_t) for i in range(10)]
library.mallinfo2.restype = type("Mallinfo", (ctypes.Structure,), {"_fields_": fields})
library.malloc.restype, library.free.argtypes = ctypes.c_void_p, [ctypes.c_void_p]
size = ctypes.c_size_t(24 << 20)
for _ in range(3):
    library.free(library.malloc(size))
before = library.mallinfo2().n4
block = library.malloc(size)
print((library.mallinfo2().n4 - before) >> 20)
"""


def test_large_tensors_are_mapped_however_many_came_and_went():
    if not hasattr(ctypes.CDLL(None), "mallinfo2"):
        pytest.skip("a C library without mallinfo2")

    def mapped_mb(how):
        command = [sys.executable, "-c", MEASURE, how]
        return int(subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout)

    assert mapped_mb("left alone") == 0  # from the heap, once one of this size was freed
    assert mapped_mb("prepared") == 24
