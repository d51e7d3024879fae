"""Many scenes on several GPUs and several hosts, through Ray.

Everything that decides anything (:mod:`engine.board`) knows nothing of Ray, so that it can be tested and simulated.
"""
