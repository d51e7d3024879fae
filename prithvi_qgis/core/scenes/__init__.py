"""Rules about scenes that both sides must apply alike: bands, dates, scaling, sensors, products.

In: names, tags, metadata and sampled values that a caller has read. Out: which band is which, scale and offset, the
acquisition date, the files of a product. May import ``core.models``; reads no pixels.
"""
