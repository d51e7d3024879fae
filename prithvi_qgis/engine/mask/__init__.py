"""Mask: from blended logits to class values, polygons, statistics and the sieve.

May import ``core`` and ``engine.reading``.
"""
