"""The warm engine: messages of one socket enter and leave, requests run one at a time.

May import ``inference``, ``many`` and ``model``; only the command line imports it.
"""
