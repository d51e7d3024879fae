"""Download of models from the Hugging Face Hub.

In: repository and commit. Out: checked files in the hub client's cache, and a model's folder in ``<home>/models``.
Imports :mod:`engine.model`, :mod:`core` and the hub's client.
"""
