"""Reports of a run as HTML and JSON.

In: a run's result, its request and its mask. Out: one HTML page with its picture and charts inside, and the same
figures as JSON. May import ``core``, numpy and GDAL.
"""
