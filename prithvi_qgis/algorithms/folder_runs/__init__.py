"""The QGIS side of a run over many scenes, for ``prithvi:segmentfolder``.

In: the algorithm's parameters, and events of :mod:`prithvi_qgis.core.folder_runs`. Out: options for the run, log lines,
and the raster operations that the run needs, done with QGIS's own GDAL. May import ``client``, ``core`` and the
packages ``segmentation`` and ``scenes`` next to it.
"""
