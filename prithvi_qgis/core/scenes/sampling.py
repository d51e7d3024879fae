"""Where a scene is looked at to judge its scaling: a few small windows, the same ones in the engine and in the form."""

from __future__ import annotations

SAMPLE_SIDE = 64  # pixels; 4 x 4 such windows judge the scaling without reading the scene
SAMPLE_GRID = 4
Box = tuple[int, int, int, int]  # column, row, width, height


def sample_windows(area: Box, block: tuple[int, int]) -> list[Box]:
    """Small windows spread over an area of a raster.

    Args:
        area: (column, row, width, height) in pixels of the raster.
        block: (width, height) of the file's blocks; a window that would straddle two is moved back into one, so that
            one block is read a window.
    Returns:
        (column, row, width, height) relative to the area's first pixel.
    """
    col, row, width, height = area
    side_x, side_y = min(SAMPLE_SIDE, width), min(SAMPLE_SIDE, height)
    cols, rows = _places(width, side_x, block[0], col), _places(height, side_y, block[1], row)
    return [(c, r, side_x, side_y) for r in rows for c in cols]


def rows_and_columns(windows: list[Box]) -> tuple[list[int], list[int]]:
    """Rows and columns that cross in the pixels of :func:`sample_windows`, which lie in a grid, and nowhere else."""
    rows = [row + i for row, height in sorted({(w[1], w[3]) for w in windows}) for i in range(height)]
    cols = [col + i for col, width in sorted({(w[0], w[2]) for w in windows}) for i in range(width)]
    return rows, cols


def _places(length: int, side: int, block: int, offset: int) -> list[int]:
    """Where along an axis the windows begin."""
    places = set()
    for i in range(SAMPLE_GRID):
        first = (length - side) * i // (SAMPLE_GRID - 1) + offset
        if side <= block and first // block != (first + side - 1) // block:
            first = max(offset, first // block * block)
        places.add(first - offset)
    return sorted(places)
