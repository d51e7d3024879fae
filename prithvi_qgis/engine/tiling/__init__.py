"""Where tiles lie on a scene, how they are cut, and how predictions are blended.

In: sizes of scene and tile, rows of pixels, predictions. Out: batches of tiles on the device, rows of blended logits.
May import ``reading`` and ``device``.
"""
