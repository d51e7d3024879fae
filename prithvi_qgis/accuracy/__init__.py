"""Accuracy of a mask, as arithmetic on arrays.

In: class values of a mask and of its reference data, as numpy arrays that a caller has read. Out: counts, scores, and
area estimates with their intervals. May import the standard library and numpy; neither QGIS nor GDAL nor the engine,
so that the engine's Python can test it against scikit-learn and torchmetrics.
"""
