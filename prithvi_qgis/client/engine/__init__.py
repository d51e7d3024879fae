"""Connection to the engine that runs, or that is started here.

In: messages of :mod:`prithvi_qgis.core.protocol`. Out: the engine's answers, for one scene, many scenes, several
workers, or one command in a separate process. May import ``client.runtime`` and ``core``.
"""
