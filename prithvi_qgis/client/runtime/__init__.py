"""The machine, and the installed engine as files on it.

In: the user's data folder and the operating system. Out: whether the engine is installed, on what hardware, with which
environment and copy of the code it starts. May import the standard library and ``core``.
"""
