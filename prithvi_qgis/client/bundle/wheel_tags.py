"""Choose wheels for another machine by their file names (PEP 425 and 600)."""

from __future__ import annotations

import re
from typing import Optional

# Platform tags from before PEP 600.
_OLD = {"manylinux1": (2, 5), "manylinux2010": (2, 12), "manylinux2014": (2, 17)}
OLDEST_GLIBC = (2, 17)
NEWEST_GLIBC = (2, 40)

Glibc = tuple[int, int]


def glibc_needed(name: str, machine: str) -> Optional[Glibc]:
    """Return the oldest glibc that a wheel runs with on ``machine``; (0, 0) for any; None for another machine."""
    found = []
    for tag in _tags(name)[2]:
        if tag == "any":
            found.append((0, 0))
        platform = tag.removesuffix(f"_{machine}")
        if platform == tag:
            continue
        if platform in _OLD:
            found.append(_OLD[platform])
        numbers = re.fullmatch(r"manylinux_(\d+)_(\d+)", platform)
        if numbers:
            found.append((int(numbers[1]), int(numbers[2])))
        if platform == "linux":
            found.append(OLDEST_GLIBC)
    fitting = [version for version in found if version <= NEWEST_GLIBC]
    return min(fitting) if fitting else None


def rank(name: str, python: str, machine: str) -> Optional[tuple[int, int, int]]:
    """Return how well a wheel fits, lowest is best; None if it does not.

    Wheels for exactly this Python come first, as in pip and uv; among equals the one for the oldest systems.

    Args:
        name: file name.
        python: such as ``3.12``.
        machine: ``x86_64`` or ``aarch64``.
    """
    minor = int(python.partition(".")[2])
    pythons, abis, _ = _tags(name)
    glibc = glibc_needed(name, machine)
    if glibc is None:
        return None
    fits = []
    for tag in pythons:
        number = re.fullmatch(r"(cp|py)3(\d*)", tag)
        if not number or int(number[2] or 0) > minor:
            continue
        age = minor - int(number[2] or 0)
        if f"cp3{minor}" in abis and tag == f"cp3{minor}":
            fits.append((0, 0))
        elif "abi3" in abis and number[1] == "cp":
            fits.append((1, age))
        elif "none" in abis and (number[1] == "py" or age == 0):
            # Compiled code that any Python can load is preferred to pure Python.
            fits.append((2 if glibc > (0, 0) else 3, age))
    return (*min(fits), glibc[0] * 1000 + glibc[1]) if fits else None


def _tags(name: str) -> tuple[list[str], list[str], list[str]]:
    """Return the Python, ABI and platform tags of a wheel's file name."""
    fields = name.removesuffix(".whl").split("-")
    if not name.endswith(".whl") or len(fields) < 5:
        return [], [], []
    python, abi, platform = (tags.split(".") for tags in fields[-3:])
    return python, abi, platform
