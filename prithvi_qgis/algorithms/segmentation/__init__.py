"""From the parameters of ``prithvi:segment`` to a request, and from its result to a message.

In: parameter values. Out: a validated ``Segment`` message, log lines and outputs. May import ``core`` and
``algorithms.scenes``.
"""
