"""What the files of a folder run are called. Apart, since QGIS's start needs the names and nothing else."""

from __future__ import annotations

PATTERN = "*.tif;*.tiff;*.vrt"
RECORDS = "results.csv"  # a folder with one holds masks, not scenes
SUMMARY = "summary.json"
PAGE = "overview.html"
PARTS = ".*.prithvi-block-*"  # of masks that several workers make together; nothing once the run has ended
