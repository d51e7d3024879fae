"""Draw a small picture of a scene and its mask, for the overview of a folder run."""

from __future__ import annotations

import base64
import math
import struct
import zlib
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from ...core.masks.styling import colour_range, ramp, rgb
from ..mask.class_rules import ClassRules
from ..prepared_scene import PreparedScene
from ..reading.read_windows import ReadWindow

SIDE_PX = 128


class Thumbnail:
    """The picture, gathered from what a run reads and writes anyway: every n-th pixel, nothing is read again.

    :meth:`scene` may be called by many threads, for different windows; everything else by one.
    """

    def __init__(self, prepared: PreparedScene):
        """``prepared``: its scene with the window that is segmented."""
        scene, card, rules = prepared.scene, prepared.card, prepared.rules
        self._rules = rules
        height, width = int(scene.window.height), int(scene.window.width)
        factor = max(1.0, max(width, height) / SIDE_PX)
        self._size = max(1, round(height / factor)), max(1, round(width / factor))
        # The middles of the thumbnail's pixels.
        self._ys, self._xs = (
            ((np.arange(n) + 0.5) * whole / n).astype(np.int64) for n, whole in zip(self._size, (height, width))
        )
        named = {name: number for number, name in enumerate(card.bands)}
        wanted = [named[n] for n in ("RED", "GREEN", "BLUE") if n in named]
        self._channels = wanted if len(wanted) == 3 else (list(range(len(card.bands))) * 3)[:3]
        self._pixels = np.full((3, *self._size), np.nan, np.float32)
        self._values = np.full(self._size, rules.nodata, rules.dtype)
        self._seen = False

    def scene(self, window: ReadWindow, pixels: np.ndarray, empty: np.ndarray) -> None:
        """Add what was read of the scene: (channels, rows, cols) stored numbers, and (rows, cols) bool nodata."""
        y, x = self._within(window.top, window.bottom, window.left, window.right)
        at = (self._ys[y] - window.top)[:, None], self._xs[x] - window.left
        seen = pixels[(np.array(self._channels)[:, None, None], *at)].astype(np.float32)
        seen[:, empty[at]] = np.nan
        self._pixels[:, y, x] = seen
        self._seen = True

    def mask(self, left: int, top: int, values: np.ndarray) -> None:
        """Add (rows, width) of the finished mask."""
        y, x = self._within(top, top + values.shape[0], left, left + values.shape[1])
        self._values[y, x] = values[np.ix_(self._ys[y] - top, self._xs[x] - left)]

    def packed(self) -> str:
        """Return what was read of the scene as text, for the merger of a mask's blocks."""
        return base64.b64encode(zlib.compress(self._pixels.astype("<f4").tobytes())).decode()

    def unpack(self, text: str) -> None:
        """Add what another thumbnail of the same scene has :meth:`packed`."""
        seen = np.frombuffer(zlib.decompress(base64.b64decode(text)), "<f4").reshape(self._pixels.shape)
        np.copyto(self._pixels, seen, where=np.isfinite(seen))
        self._seen = True

    def write(self, path: Path, numbers: Mapping[str, float]) -> None:
        """Write a PNG: the scene, where it was read, next to its mask; each at most :data:`SIDE_PX` wide and high.

        Args:
            path: of the PNG.
            numbers: ``Result.values`` of a regression.
        """
        pictures = [_painted(self._values, self._rules, numbers)]
        if self._seen:
            pictures = [_natural(self._pixels), np.full((self._size[0], 4, 3), 255, np.uint8), *pictures]
        path.write_bytes(png(np.hstack(pictures)))

    def _within(self, top: int, bottom: int, left: int, right: int) -> tuple[slice, slice]:
        """Return the thumbnail's rows and columns whose middles lie in these pixels."""
        y, x = self._ys.searchsorted(np.array((top, bottom))), self._xs.searchsorted(np.array((left, right)))
        return slice(int(y[0]), int(y[1])), slice(int(x[0]), int(x[1]))


def _painted(values: np.ndarray, rules: ClassRules, numbers: Mapping[str, float]) -> np.ndarray:
    """Return (h, w, 3) uint8 of a mask or of a regression's numbers, white where there is nothing."""
    if rules.quantity is None:
        colours = np.full((np.iinfo(values.dtype).max + 1, 3), 255, np.uint8)
        for c in rules.classes:
            colours[c.value] = rgb(c.color)
        return colours[values]
    stops = ramp(*colour_range(rules.quantity, numbers))
    channels = zip(*(rgb(color) for _, color in stops))
    painted = np.stack([np.interp(values, [at for at, _ in stops], channel) for channel in channels], axis=-1)
    return np.where((values == np.float32(rules.nodata))[..., None], 255, painted).astype(np.uint8)


def _natural(pixels: np.ndarray) -> np.ndarray:
    """Return (h, w, 3) uint8 of (3, h, w) float32 stored numbers, NaN for nothing; each band is stretched by itself."""
    known = np.isfinite(pixels)
    # All bands at once, in few calls: each hands Python's lock over, which the thread that feeds a GPU needs as well.
    ordered = np.sort(np.where(known, pixels, np.nan).reshape(len(pixels), -1), axis=1)  # what is unknown comes last
    counts = known.reshape(len(pixels), -1).sum(axis=1)
    limits = [[_share(band[:count], share) for share in (0.01, 0.96)] for band, count in zip(ordered, counts)]
    low, high = np.array(limits, np.float32).T[..., None, None]
    scaled = np.clip((np.where(known, pixels, low) - low) / np.maximum(high - low, 1e-6), 0, 1) ** 0.7
    return np.where(known, 255 * scaled, 255).astype(np.uint8).transpose(1, 2, 0)


def _share(ordered: np.ndarray, share: float) -> float:
    """Return the number below which ``share`` of an ordered array lies, as NumPy's percentile; 0 of nothing."""
    if not len(ordered):
        return 0.0
    place = share * (len(ordered) - 1)
    below, above = float(ordered[int(place)]), float(ordered[math.ceil(place)])
    return below + (above - below) * (place - int(place))


def png(image: np.ndarray) -> bytes:
    """Return the PNG of (h, w, 3) uint8."""
    height, width = image.shape[:2]
    rows = np.zeros((height, 1 + 3 * width), np.uint8)  # each row begins with its filter: none
    rows[:, 1:] = image.reshape(height, -1)

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    data = zlib.compress(rows.tobytes(), 6)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", data) + chunk(b"IEND", b"")
