"""Installation of the engine and of its optional packages.

In: the hash-locked requirements, and a package index, a mirror or a wheelhouse. Out: a virtual environment in the
user's data folder that has passed its smoke test. May import ``client.engine`` (to stop the old engine),
``client.runtime`` and ``core``.
"""
