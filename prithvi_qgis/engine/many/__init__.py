"""Many scenes in one process: :func:`segment_many.segment_many` is what server, command line and workers call."""
