"""Many scenes in one process: requests enter, one result or error per scene leaves.

May import every package of the engine except ``server``, ``commands`` and ``cluster``.
"""
