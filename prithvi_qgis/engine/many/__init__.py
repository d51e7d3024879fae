"""Many scenes in one process, their tiles in common batches.

In: one request per scene. Out: one ``SceneDone`` or ``SceneFailed`` message per scene. Server, command line and cluster
workers call :func:`.segment_many.segment_many`. May import ``engine.inference`` and below.
"""
