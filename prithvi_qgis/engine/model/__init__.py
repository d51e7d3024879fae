"""Model: from a model card to a loaded model behind the :class:`backend.Backend` protocol.

Names in a configuration are checked before anything is imported. May import ``core`` and ``engine.device``; only
:mod:`model_loader` knows the caches of ``engine.tiling``, to free them.
"""
