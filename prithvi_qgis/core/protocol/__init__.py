"""The protocol between front end and engine.

In and out: frozen dataclasses, one JSON object per message, over an authenticated Unix socket or over the standard
streams of a child process. May import ``core.errors``.
"""
