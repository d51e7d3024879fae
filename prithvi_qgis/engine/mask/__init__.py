"""From blended logits to class values, areas, patches and polygons.

In: rows of logits, or a written mask. Out: rows of the mask, its statistics, a sieved mask, a GeoPackage. May import
``reading`` (for grids), ``core``, and ``accuracy`` for the areas of pixels.
"""
