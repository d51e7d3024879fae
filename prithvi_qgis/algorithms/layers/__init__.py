"""Result layers in a QGIS project.

In: a finished run's files and the model's classes. Out: layers with a name, a style and a position in the layer tree.
May import ``core`` and QGIS; it sends nothing to the engine.
"""
