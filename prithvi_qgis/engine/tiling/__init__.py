"""Tiling: positions and weights of tiles, the ring buffer that they are gathered from, and their blending.

Windows of stored values enter, finished rows of logits leave. May import ``core``, ``engine.device`` and
``engine.reading``.
"""
