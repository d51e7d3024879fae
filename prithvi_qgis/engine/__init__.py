"""The engine: everything that touches pixels, in its own Python environment.

In: messages over a socket, or a command line. Out: rasters and their sidecar files, and messages about them. May
import ``core`` and the libraries of its environment; never QGIS or the QGIS side.
"""
