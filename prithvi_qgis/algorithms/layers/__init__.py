"""Results in the project: names, styles and positions of the layers that QGIS loads."""
