"""Outputs: finished rows of class values enter, files that appear whole or not at all leave.

May import ``mask``, ``reading`` and ``tiling``; imports no model.
"""
