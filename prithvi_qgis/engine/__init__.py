"""The engine: everything that touches pixels. Runs in its own Python environment, never imports QGIS."""
