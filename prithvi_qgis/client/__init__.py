"""The client of the engine: installs it, starts it and sends it requests.

In: a request from an algorithm, a task or a script. Out: the engine's result, or one :class:`.PrithviError`. May import
the standard library and ``core``, so that it works without QGIS.
"""
