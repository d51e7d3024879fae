"""Python versions and machines that a bundle can be made for."""

from ..install.find_python import PYTHONS

__all__ = ["MACHINES", "PYTHONS"]

MACHINES = ("x86_64", "aarch64")
