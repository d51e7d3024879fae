"""What ``prithvi:evaluate`` does with files and layers; the arithmetic is in :mod:`prithvi_qgis.accuracy`."""
