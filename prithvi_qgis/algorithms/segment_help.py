"""The help of "Prithvi segment"."""

from __future__ import annotations

HELP = """
<p>Finds water, burns or other classes in a satellite scene with a Prithvi-EO model of NASA and IBM. The model runs on
this machine, in an engine of its own that stays warm between runs: the first run starts it and takes a minute
longer.</p>
<p><b>What you need:</b> the engine (run <i>Install engine</i> once), and a scene with blue, green, red, narrow
near-infrared and two short-wave infrared bands. Bands are found by their descriptions; if that fails, give their
numbers.</p>
<p><b>What you get:</b> a mask on exactly the scene's grid with one value a class, styled with the classes' names and
colours; on demand probabilities, polygons with areas, and a report.</p>
<p><b>demo-water</b>, the model that comes with the plugin, tells water from land. It is a small demonstration trained
on made scenes: good enough to see how things work, not to rely on.</p>
<p>Cancelling stops within moments and leaves no file.</p>
"""
