"""The offer to install the engine, its dialog and its task.

In: the state of the installation. Out: an installed engine, or a message that says why not. May import ``client``,
``algorithms.base`` and ``gui.widgets``.
"""
