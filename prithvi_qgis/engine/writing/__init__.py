"""Outputs: finished rows of class values enter, files that appear whole or not at all leave.

May import ``mask``, ``reading``, ``tiling`` and the prepared scene; ``inference`` and ``many`` call it.
"""
