"""The help of "Prithvi segment"."""

from __future__ import annotations

from ..base import tr


def segment_help() -> str:
    """Return the help next to the form. QGIS turns every line into a paragraph."""
    return "\n".join(
        (
            tr(
                "Finds water, burns or other classes in a satellite scene with a Prithvi-EO model of NASA and IBM. The "
                "model runs on this machine, in an engine of its own that stays warm between runs: the first run "
                "starts it and takes a minute longer."
            ),
            tr(
                "<b>What you need:</b> the engine (run <i>Install engine</i> once), and a scene with the bands that "
                "the model wants, such as Sentinel-2, HLS or Landsat surface reflectance. Bands are found by their "
                "descriptions; the table shows which, and you can change them."
            ),
            tr(
                "<b>What you get:</b> a mask on exactly the scene's grid with one value a class, styled with the "
                "classes' names and colours; on demand probabilities, polygons with areas, and a report."
            ),
            tr(
                "<b>Water (demonstration)</b>, the model that comes with the plugin, tells water from land. It is "
                "small and was trained on made scenes: good enough to see how things work, not to rely on."
            ),
            tr("Cancelling stops within moments and leaves no file."),
        )
    )
