"""The plugin's Processing algorithms: parameters and layers of QGIS in, requests to the engine and results out.

Each algorithm is one class in a file of its name, which QGIS imports at its start; it imports what does the work when
it runs. The packages read scenes (``scenes``), prepare and run requests (``segmentation``, ``folder_runs``), compare
masks (``evaluation``), and show what was made (``layers``, ``reports``). Nothing here may import ``gui`` or ``engine``.
"""
