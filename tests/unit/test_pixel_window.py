"""The whole pixels that an extent touches."""

import pytest

from prithvi_qgis.core.scenes.pixel_window import pixel_window


@pytest.mark.parametrize(
    ("corners", "window"),
    [
        ([(0, 0), (20, 10)], (0, 0, 20, 10)),
        ([(-5, -5), (100, 100)], (0, 0, 20, 10)),
        ([(3.2, 4.9), (5.1, 6.2)], (3, 4, 3, 3)),
        ([(5.1, 6.2), (3.2, 4.9)], (3, 4, 3, 3)),  # a grid that is turned round
        ([(2.9995, 4.0005), (4.9995, 6.0005)], (3, 4, 2, 2)),  # along pixel edges, but for rounding
        ([(3, 1), (5, 0), (4, 3), (6, 2)], (3, 0, 3, 3)),
        ([(20, 0), (30, 5)], None),
        ([(-9, 2), (0, 5)], None),
        ([(4, 4), (4, 4)], None),
    ],
)
def test_an_extent_becomes_the_pixels_that_it_touches(corners, window):
    assert pixel_window(corners, 20, 10) == window
