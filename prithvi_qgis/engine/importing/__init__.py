"""Import of models: from a TerraTorch training or a prepared model to a folder in ``<home>/models``.

In: a YAML and a checkpoint, or ``model.json``, ``config.json`` and weights. Out: a model's folder, compared with plain
TerraTorch in vLLM. Nothing that a configuration names is imported before the allow-list has checked it, and no
checkpoint is unpickled beyond its tensors. Imports :mod:`engine.model` and :mod:`core`.
"""
