"""Reading: from a request's files to windows of stored values and nodata on one grid.

:func:`open_source.open_source` makes a :class:`raster_source.RasterSource`; threads of a
:class:`reader_pool.ReaderPool` read it window by window. May import ``core``, NumPy and rasterio.
"""
