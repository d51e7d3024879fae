"""Models that the user adds: downloads of published ones and imports of trained ones.

In: a model's id, or a configuration with a checkpoint. Out: a model folder in the user's data folder. The engine's
Python does the work in a child process. May import ``client.engine``, ``client.runtime`` and ``core``.
"""
