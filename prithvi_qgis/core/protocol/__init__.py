"""One vocabulary between processes: the engine's socket, and the standard output of every child process.

In: messages of :mod:`.messages` and :mod:`.command_messages`. Out: the same messages on the other side, through
:mod:`.channel` (socket) or :mod:`.lines` (a child's output). Imports the standard library and
:mod:`prithvi_qgis.core.errors`.
"""
