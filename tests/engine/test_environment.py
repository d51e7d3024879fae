"""What the engine sets before anything else."""

from __future__ import annotations

import ctypes

import pytest


class Mallinfo(ctypes.Structure):
    """mallinfo2(3)."""

    _fields_ = [
        (name, ctypes.c_size_t)
        for name in "arena ordblks smblks hblks hblkhd usmblks fsmblks uordblks fordblks keepcost".split()
    ]


def test_large_tensors_are_mapped_however_many_came_and_went():
    library = ctypes.CDLL(None)
    if not hasattr(library, "mallinfo2"):
        pytest.skip("a C library without mallinfo2")
    library.mallinfo2.restype = Mallinfo
    library.malloc.restype, library.free.argtypes = ctypes.c_void_p, [ctypes.c_void_p]
    size = 24 << 20
    for _ in range(3):  # by itself the C library takes tensors of this size from its heap after the first was freed
        library.free(library.malloc(ctypes.c_size_t(size)))
    before = library.mallinfo2().hblkhd
    block = library.malloc(ctypes.c_size_t(size))
    assert library.mallinfo2().hblkhd - before >= size
    library.free(block)
