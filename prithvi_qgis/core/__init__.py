"""What the QGIS side and the engine share: protocol, rules and records.

Pixels never pass through here: paths do. May import the standard library only, on Python 3.9 and newer.
"""
