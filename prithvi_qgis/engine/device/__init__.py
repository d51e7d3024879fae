"""The GPU or CPU that a model runs on: memory, streams, environment variables.

In: a device name. Out: free memory, CUDA streams and copies between host and device; on the CPU the same calls do
nothing. May import ``core`` and torch; no other package of the engine.
"""
