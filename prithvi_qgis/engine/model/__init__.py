"""The loaded model behind one protocol, whether vLLM or plain torch runs it.

In: a model card and its folder. Out: an inference backend that maps tiles to logits, and the batch size that fits. No
class that a configuration names is imported before the allowlist accepts it. May import ``tiling``, ``device`` and
``core``.
"""
