"""Names of the files of a folder run; a separate module, because the start of QGIS needs nothing else of a run."""

from __future__ import annotations

PATTERN = "*.tif;*.tiff;*.vrt"
RECORDS = "results.csv"  # a folder with one holds masks, not scenes
SUMMARY = "summary.json"
PAGE = "overview.html"
PARTS = ".*.prithvi-block-*"  # blocks of masks that several workers share; removed when the run ends
