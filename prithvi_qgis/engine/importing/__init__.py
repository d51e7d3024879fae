"""From what TerraTorch's training leaves behind, a YAML and a checkpoint, to a model that runs here.

Nothing that a configuration names is imported before the allow-list has seen it, and no checkpoint is unpickled beyond
its tensors.
"""
