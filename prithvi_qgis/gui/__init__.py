"""Windows, menus, tasks and options in QGIS.

In: clicks. Out: calls of ``algorithms`` and ``client``, off the main thread. May import everything on the QGIS side.
``qgis_process`` never imports it.
"""
