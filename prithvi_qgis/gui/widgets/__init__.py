"""The form's own widgets: a list of models, a table of bands with the scaling below it.

A parameter's metadata names the class in ``forms``; Processing imports it when it makes a form. ``qgis_process`` and
scripts never do.
"""
