"""Scenes: products and their files, bands, dates, sensors and scaling, from names and metadata.

Engine and QGIS side decide by it alike; each reads headers and pixels with its own GDAL. Standard library only.
"""
