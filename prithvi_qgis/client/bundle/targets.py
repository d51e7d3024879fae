"""Python versions and machines that a bundle can be made for."""

PYTHONS = ("3.11", "3.12", "3.13")
MACHINES = ("x86_64", "aarch64")
