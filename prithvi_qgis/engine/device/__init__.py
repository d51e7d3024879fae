"""Device: streams, memory and environment of the CPU or GPU that a model runs on. May import ``core`` only."""
