"""Runs over many scenes: which scenes there are, which outputs are valid, and the records. Shared by all front ends.

Enters: a folder, list or STAC collection of scenes, and the engine's messages. Leaves: one request per scene, and
``results.csv``, ``summary.json``, ``overview.html`` and mosaics. Imports the standard library only.
"""
