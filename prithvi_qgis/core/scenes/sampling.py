"""Small windows in which a scene's scaling is judged: the same ones in the engine and in the dialog."""

from __future__ import annotations

SAMPLE_SIDE = 64  # pixels; 4 x 4 such windows judge the scaling without reading the whole scene
SAMPLE_GRID = 4
PixelBox = tuple[int, int, int, int]  # column, row, width, height


def sample_windows(area: PixelBox, block: tuple[int, int]) -> list[PixelBox]:
    """Return small windows spread over an area of a raster.

    Args:
        area: in pixels of the raster.
        block: (width, height) of the file's blocks. A window that would straddle two blocks is moved back into one, so
            that each window decodes one block.
    Returns:
        (column, row, width, height) relative to the area's first pixel.
    """
    col, row, width, height = area
    side_x, side_y = min(SAMPLE_SIDE, width), min(SAMPLE_SIDE, height)
    cols, rows = _starts(width, side_x, block[0], col), _starts(height, side_y, block[1], row)
    return [(c, r, side_x, side_y) for r in rows for c in cols]


def rows_and_columns(windows: list[PixelBox]) -> tuple[list[int], list[int]]:
    """Return the rows and the columns whose crossings are the pixels of :func:`sample_windows`, a regular grid."""
    rows = [row + i for row, height in sorted({(w[1], w[3]) for w in windows}) for i in range(height)]
    cols = [col + i for col, width in sorted({(w[0], w[2]) for w in windows}) for i in range(width)]
    return rows, cols


def _starts(length: int, side: int, block: int, offset: int) -> list[int]:
    """Return where the windows begin along an axis."""
    starts = set()
    for i in range(SAMPLE_GRID):
        first = (length - side) * i // (SAMPLE_GRID - 1) + offset
        if side <= block and first // block != (first + side - 1) // block:
            first = max(offset, first // block * block)
        starts.add(first - offset)
    return sorted(starts)
