"""A real QGIS window, and somebody who uses it."""
