"""Areas of a raster's pixels on the ellipsoid of its CRS: the same figures in the engine and in QGIS."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

ToLonLat = Callable[[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]
"""From x and y of a CRS, (n,) each, to longitude and latitude in radians on its ellipsoid; not finite where the CRS has
no place."""

_TOLERANCE = 2e-5  # relative difference of the pixels of a cell, along each axis
_MAX_CELLS = 1 << 21
_MAX_MEASURED = 1 << 16  # cells that are measured; areas of more are interpolated between these
_FEWEST_SAMPLES, _MOST_SAMPLES = 5, 33  # per axis, to find how fast areas change: more for a larger part of the globe
_SAMPLE_RAD = 0.02
_STEP_RAD = 1e-4  # about 640 m: far above the rounding of inverse projections, far below the curvature
_MAX_STEP_PX = 512.0
_BREAK_RAD = 0.05  # a step that becomes so long crosses an interruption of the projection


class GroundAreas:
    """Areas in m2 of the pixels of a grid, equal within cells of rows and columns.

    Each is the area that the projection's local scales give at the centre of its cell, on the sphere that has the
    ellipsoid's area (Snyder 1987, Map projections: a working manual, doi:10.3133/pp1395, equations 3-12, 3-13 and
    3-18). Such a sphere has no special points: poles, antimeridian, rotated and south-up grids need no treatment. The
    relative error is below 1e-4 for pixels of up to half a degree.
    """

    row_edges: np.ndarray
    """(n + 1,) int64 first row of each cell, and the height."""
    column_edges: np.ndarray
    """(m + 1,) int64 first column of each cell, and the width."""
    areas: np.ndarray
    """(n, m) float64 area of one pixel; 0 where the CRS has no place."""
    outside: float
    """Share of the grid in which the CRS has no place, 0 to 1."""

    def __init__(
        self,
        transform: Sequence[float],
        width: int,
        height: int,
        to_lon_lat: ToLonLat,
        semi_major_m: float,
        flattening: float,
    ):
        """Measure a grid.

        Args:
            transform: six coefficients in GDAL's order.
            width: columns.
            height: rows.
            to_lon_lat: from coordinates of the CRS.
            semi_major_m: of the ellipsoid.
            flattening: of the ellipsoid; 0 for a sphere.
        """
        self._transform, self._to_lon_lat = tuple(transform), to_lon_lat
        self._flattening = flattening
        self._radius_m = semi_major_m * _authalic_radius(flattening)
        self._step = 1.0
        with np.errstate(all="ignore"):
            rows, cols = (_lattice(size, _FEWEST_SAMPLES) for size in (height, width))
            found = self._pixel_areas(rows, cols)
            angles = np.sqrt(found[found > 0]) / self._radius_m
            if angles.size:
                angle = float(np.median(angles))
                self._step = min(_MAX_STEP_PX, _STEP_RAD / angle)
                rows, cols = (_lattice(n, _FEWEST_SAMPLES + int(n * angle / _SAMPLE_RAD)) for n in (height, width))
                found = self._pixel_areas(rows, cols)
            change = np.log(np.where(found > 0, found, np.nan))
            sizes = [_cell_size(change, rows, 0), _cell_size(change, cols, 1)]
            cells = np.ceil(height / sizes[0]) * np.ceil(width / sizes[1])
            sizes = [size * max(1.0, np.sqrt(cells / _MAX_CELLS)) for size in sizes]
            self.row_edges, self.column_edges = (_edges(n, size) for n, size in zip((height, width), sizes))
            areas = self._cell_areas(_middles(self.row_edges), _middles(self.column_edges))
        known = np.isfinite(areas)
        pixels = np.outer(np.diff(self.row_edges), np.diff(self.column_edges))
        # Multiples of a power of two that is small enough: their sums are exact, hence the same in every order.
        unit = 2.0 ** (np.ceil(np.log2(max(1.0, float((pixels[known] * areas[known]).sum())))) - 52)
        self.areas = np.where(known, np.rint(areas / unit) * unit, 0.0)
        self.outside = float(pixels[~known].sum() / pixels.sum())
        self._sums = np.zeros((len(self.row_edges), len(self.column_edges)))
        self._sums[1:, 1:] = (pixels * self.areas).cumsum(axis=0).cumsum(axis=1)

    @property
    def mean(self) -> float:
        """Mean area of a pixel that has a place; 0 where none has."""
        pixels = self.row_edges[-1] * self.column_edges[-1] * (1 - self.outside)
        return float(self._sums[-1, -1] / pixels) if pixels else 0.0

    @property
    def range(self) -> tuple[float, float]:
        """Smallest and largest area of a pixel that has a place."""
        known = self.areas[self.areas > 0]
        return (float(known.min()), float(known.max())) if known.size else (0.0, 0.0)

    def rows_of_cells(self, top: int, rows: int) -> np.ndarray:
        """Return (rows,) int64, the row of :attr:`areas` for each of the grid's rows from ``top`` on."""
        return _cells(self.row_edges, np.arange(top, top + rows))

    def columns_of_cells(self, left: int, columns: int) -> np.ndarray:
        """Return (columns,) int64, the column of :attr:`areas` for each of the grid's columns from ``left`` on."""
        return _cells(self.column_edges, np.arange(left, left + columns))

    def window(self, left: int, top: int, width: int, height: int) -> np.ndarray:
        """Return (height, width) float64 areas of the pixels of a window."""
        rows, columns = self.rows_of_cells(top, height), self.columns_of_cells(left, width)
        if len(self.column_edges) == 2:
            return np.broadcast_to(self.areas[rows], (height, width))
        return self.areas[rows[:, None], columns]

    def ring_areas(self, points: np.ndarray, ring: np.ndarray) -> np.ndarray:
        """Return (rings,) the area inside rings along edges of pixels: the sum of the areas of their pixels.

        Args:
            points: (n, 2) columns and rows, each ring closed.
            ring: (n,) its number, ascending from 0.
        """
        x, y = points.T
        same = ring[1:] == ring[:-1]
        # Green's theorem: only vertical edges count, each for the pixels on its left.
        left_of = self._sum_to(x[:-1], y[1:]) - self._sum_to(x[:-1], y[:-1])
        count = int(ring[-1]) + 1 if len(ring) else 0
        return np.abs(np.bincount(ring[:-1][same], left_of[same], count))

    def _sum_to(self, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        """Return the area of all pixels above and left of (column, row) corners."""
        places = []
        for edges, at in ((self.row_edges, y), (self.column_edges, x)):
            cell = _cells(edges, at)
            places += [cell, (at - edges[cell]) / (edges[cell + 1] - edges[cell])]
        row, down, column, across = places
        upper, lower = (
            self._sums[r, column] * (1 - across) + self._sums[r, column + 1] * across for r in (row, row + 1)
        )
        return upper * (1 - down) + lower * down

    def _cell_areas(self, rows: np.ndarray, cols: np.ndarray) -> np.ndarray:
        """Return (rows, cols) areas of pixels at the cells' centres, measured or interpolated."""
        if len(rows) * len(cols) <= _MAX_MEASURED:
            return self._pixel_areas(rows, cols)
        share = np.sqrt(_MAX_MEASURED / len(rows) / len(cols))
        nodes = [np.linspace(v[0], v[-1], min(len(v), max(2, int(len(v) * share)))) for v in (rows, cols)]
        found = self._pixel_areas(*nodes)
        for axis, (at, places) in enumerate(zip(nodes, (rows, cols))):
            before = _cells(at, places)
            after = np.minimum(before + 1, len(at) - 1)
            weight = (places - at[before]) / np.maximum(at[after] - at[before], 1)
            weight = weight[:, None] if axis == 0 else weight
            found = found.take(before, axis) * (1 - weight) + found.take(after, axis) * weight
        return found

    def _pixel_areas(self, rows: np.ndarray, cols: np.ndarray) -> np.ndarray:
        """Return (rows, cols) areas of pixels whose centres lie at a lattice; NaN where the CRS has no place."""
        half = self._step / 2
        row, col = (v.ravel() for v in np.meshgrid(rows, cols, indexing="ij"))
        c = np.concatenate([col - half, col + half, col, col])
        r = np.concatenate([row, row, row - half, row + half])
        t = self._transform
        lon, lat = self._to_lon_lat(t[0] + t[1] * c + t[2] * r, t[3] + t[4] * c + t[5] * r)
        left, right, upper, lower = _on_sphere(np.asarray(lon), np.asarray(lat), self._flattening)
        across, down = right - left, lower - upper
        found = np.linalg.norm(np.cross(across, down), axis=1) * (self._radius_m / self._step) ** 2
        latitude = np.abs(lat.reshape(4, -1)[:2].mean(axis=0))
        longest = np.maximum(np.linalg.norm(across, axis=1), np.linalg.norm(down, axis=1))
        outside = ~np.isfinite(found) | (latitude > np.pi / 2 + 1e-9)
        outside |= (longest > _BREAK_RAD) & (self._step > 1)
        return np.where(outside, np.nan, found).reshape(len(rows), len(cols))


def _authalic_radius(flattening: float) -> float:
    """Return the radius of the sphere of equal area, for a semi-major axis of 1."""
    e2 = flattening * (2 - flattening)
    if e2 <= 0:
        return 1.0
    e = np.sqrt(e2)
    return float(np.sqrt((1 + (1 - e2) / e * np.arctanh(e)) / 2))


def _on_sphere(lon: np.ndarray, lat: np.ndarray, flattening: float) -> np.ndarray:
    """Return (4, n, 3) unit vectors on the sphere of equal area for (4 n,) points of the ellipsoid."""
    e2 = flattening * (2 - flattening)
    authalic = lat - (e2 / 3 + 31 * e2**2 / 180 + 59 * e2**3 / 560) * np.sin(2 * lat)
    authalic += (17 * e2**2 / 360 + 61 * e2**3 / 1260) * np.sin(4 * lat) - 383 * e2**3 / 45360 * np.sin(6 * lat)
    cos = np.cos(authalic)
    return np.stack([cos * np.cos(lon), cos * np.sin(lon), np.sin(authalic)], axis=-1).reshape(4, -1, 3)


def _cell_size(change: np.ndarray, places: np.ndarray, axis: int) -> float:
    """Return the pixels along an axis in which the logarithm of the area changes by the tolerance."""
    steps = np.abs(np.diff(change, axis=axis))
    steps = steps[np.isfinite(steps)]
    fastest = float(steps.max()) / (places[1] - places[0]) if steps.size else 0.0
    return max(1.0, _TOLERANCE / fastest) if fastest > 0 else np.inf


def _lattice(size: int, samples: int) -> np.ndarray:
    """Return the centres of pixels that are spread over an axis."""
    return np.linspace(0.5, size - 0.5, min(size, samples, _MOST_SAMPLES))


def _edges(size: int, cell: float) -> np.ndarray:
    return np.append(np.arange(0, size, int(min(size, cell))), size)


def _cells(edges: np.ndarray, places: np.ndarray) -> np.ndarray:
    """Return the number of the cell that holds each place; the last one ends with the last edge."""
    return np.clip(np.searchsorted(edges, places, "right") - 1, 0, max(0, len(edges) - 2))


def _middles(edges: np.ndarray) -> np.ndarray:
    return (edges[1:] + edges[:-1]) / 2
