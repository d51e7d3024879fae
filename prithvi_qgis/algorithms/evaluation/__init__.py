"""Accuracy assessment of a mask, for ``prithvi:evaluate``.

In: a mask and its reference data, raster or vector. Out: the metrics as JSON, an HTML page and a map of agreement. The
arithmetic is in :mod:`prithvi_qgis.accuracy`; this package reads files and draws. May import ``accuracy``, the other
packages of ``algorithms``, and ``core``.
"""
