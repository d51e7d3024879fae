"""Accuracy of a mask and areas of its pixels, as arithmetic on arrays.

In: class values of a mask and of its reference data, as numpy arrays that a caller has read; a grid's transform. Out:
counts, scores, area estimates with their intervals, and areas of pixels on the ellipsoid, which the engine needs as
well. May import the standard library and numpy; neither QGIS nor GDAL nor the engine, so that the engine's Python can
test it against scikit-learn and torchmetrics.
"""
