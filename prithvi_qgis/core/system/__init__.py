"""The operating system: paths, processes, atomic files, timeouts and liveness.

In: a path or a process id. Out: an answer without a side effect, or a complete file. May import ``core.errors``.
"""
