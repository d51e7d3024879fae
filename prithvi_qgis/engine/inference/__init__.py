"""One scene through a model: a prepared scene and a backend enter, a finished mask leaves.

May import ``reading``, ``tiling``, ``mask``, ``model``, ``device`` and ``writing``; ``many`` and ``server`` call it.
"""
