"""What the QGIS side and the engine agree on. Standard library only, Python 3.9 and newer.

Pixels never cross this border: paths do.
"""
