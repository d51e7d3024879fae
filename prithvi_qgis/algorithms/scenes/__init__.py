"""Scenes as the QGIS side reads them: metadata and small samples, never whole scenes.

In: a raster layer or a path. Out: a path that the engine can open, the preselected bands, scale, offset and nodata. May
import ``core``, QGIS, GDAL and numpy; which band, scaling or date applies is decided in
:mod:`prithvi_qgis.core.scenes`, for the engine as well.
"""
