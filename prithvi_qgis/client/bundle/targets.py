"""Machines that a bundle can be made for."""

MACHINES = ("x86_64", "aarch64")
