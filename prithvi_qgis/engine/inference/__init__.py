"""Tiles of a scene through the model, in bounded memory.

In: an open scene and a loaded model. Out: finished rows of blended logits, handed to the mask writer. May import
``reading``, ``tiling``, ``model``, ``mask``, ``writing`` and ``device``.
"""
