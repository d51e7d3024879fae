"""The form's own widgets: a list of models, a table of bands with the scaling below it, a table of dates.

A parameter's metadata names a class in ``forms``, which Processing imports when it creates a form.
"""

from ...algorithms.parameter_names import BANDS, DATES, MODEL

WIDGET_CLASSES = {
    MODEL: f"{__name__}.forms.ModelWidget",
    BANDS: f"{__name__}.forms.BandsWidget",
    DATES: f"{__name__}.forms.DatesWidget",
}
