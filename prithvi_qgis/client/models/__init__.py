"""Import and download of models, in child processes of the engine's Python.

In: what the user chose. Out: a model's folder. Imports :mod:`client.engine`, :mod:`client.runtime` and :mod:`core`.
"""
