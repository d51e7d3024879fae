"""Arithmetic of accuracy assessment, on arrays that the caller reads.

Standard library and numpy only, neither QGIS nor GDAL nor the engine: QGIS's Python runs it, and the engine's Python
tests it against scikit-learn and torchmetrics.
"""
