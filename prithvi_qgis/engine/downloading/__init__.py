"""Downloads of published models from the Hugging Face Hub.

In: a repository and a pinned commit. Out: a checked model folder. May import ``engine.model`` and ``core``.
"""
