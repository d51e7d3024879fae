"""The Python versions that the engine runs on."""

PYTHONS = ("3.11", "3.12", "3.13", "3.14")  # every lock has files for them
