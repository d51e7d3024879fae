"""Scenes as QGIS has them: layers and products in, paths and metadata for the engine and the form out."""
