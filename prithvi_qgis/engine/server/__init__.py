"""The engine as a warm process.

In: connections on the Unix socket. Out: progress, logs and one result or failure per request; one job runs at a time.
May import ``engine.many``, ``engine.inference`` and below.
"""
