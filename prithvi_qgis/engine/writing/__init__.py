"""Outputs on the disk, each complete or absent.

In: finished rows. Out: the mask, probabilities, polygons, sidecar files, a thumbnail and the provenance in the mask's
metadata. May import ``mask``, ``tiling``, ``reading``, ``model`` (its protocols) and ``core``.
"""
