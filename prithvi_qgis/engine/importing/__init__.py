"""Imports of models trained with TerraTorch.

In: a YAML configuration and a checkpoint. Out: a model folder that vLLM loads, tested against plain TerraTorch. No
class that a configuration names is imported before the allowlist accepts it, and only tensors are unpickled from a
checkpoint. May import ``engine.model``, ``engine.reading`` and ``core``.
"""
