"""The engine's command line: one module per command.

In: parsed arguments. Out: messages or text on standard output, logs on standard error, an exit code. Imports every
other room of the engine; only :mod:`engine.__main__` imports these modules.
"""
