"""A run over many scenes: its scenes, its state and its records, for every front end.

In: a folder, a list or a STAC collection, and a caller that segments. Out: one mask per scene, ``results.csv``,
``summary.json``, an overview and a mosaic. May import ``core``; GDAL comes in through
:class:`~prithvi_qgis.core.folder_runs.raster_tool.RasterTool`.
"""
