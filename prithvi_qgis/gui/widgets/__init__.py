"""Custom widgets of the algorithm's form: models, bands, dates.

In: the image and the model that are selected. Out: parameter values. A parameter's metadata names a class in
:mod:`.forms`; Processing imports it when it creates a form, ``qgis_process`` and scripts never do. May import
``algorithms.segmentation``, ``algorithms.scenes`` and ``core``.
"""
