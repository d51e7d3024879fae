"""Pixels from files: one scene, several dates, or a scene on another grid.

In: a request's path, bands and extent. Out: windows of normalised values with a nodata mask, read in parallel. May
import ``core``, rasterio, pyproj and numpy.
"""
