"""How good a mask is: the arithmetic alone, on arrays that somebody else reads.

Standard library and numpy only, neither QGIS nor GDAL nor the engine: QGIS's Python runs it, and the engine's Python
tests it against scikit-learn and torchmetrics.
"""
