"""The engine's command line, one module per command.

In: arguments, or a file of requests. Out: lines for a person, or messages as JSON lines for a front end. May import all
of ``engine``; nothing but ``engine.__main__`` imports it.
"""
