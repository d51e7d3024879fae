"""A small picture of a scene and its mask, for the overview of many."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import rasterio
from rasterio.errors import RasterioError

from ..contract.appearance import colour_range, ramp
from ..contract.cards import ModelCard
from ..contract.errors import ErrorCode, PrithviError
from .decision import Decision
from .sidecars import rgb
from .source import Source

SIDE_PX = 128
READ_WHOLE_PX = 16_000_000  # a larger scene without overviews would have to be read a second time: its mask alone then


def draw_thumbnail(
    path: Path, scene: Source, mask: Path, card: ModelCard, decision: Decision, numbers: Mapping[str, float]
) -> None:
    """Write a PNG: the scene, where that is cheap, beside its mask; each at most :data:`SIDE_PX` wide and high."""
    with rasterio.open(mask) as src:
        factor = max(1.0, max(src.width, src.height) / SIDE_PX)
        size = max(1, round(src.height / factor)), max(1, round(src.width / factor))
        values = src.read(1, out_shape=size)
    pictures = [_painted(values, decision, numbers)]
    picture = _scene(scene, card, size)
    if picture is not None:
        pictures = [picture, np.full((size[0], 4, 3), 255, np.uint8), *pictures]
    path.write_bytes(png(np.hstack(pictures)))


def _painted(values: np.ndarray, decision: Decision, numbers: Mapping[str, float]) -> np.ndarray:
    """(h, w, 3) uint8 of a mask or of a regression's numbers (``Result.values``), white where there is nothing."""
    if decision.quantity is None:
        colours = np.full((np.iinfo(values.dtype).max + 1, 3), 255, np.uint8)
        for c in decision.classes:
            colours[c.value] = rgb(c.color)
        return colours[values]
    stops = ramp(*colour_range(decision.quantity, numbers))
    channels = zip(*(rgb(color) for _, color in stops))
    painted = np.stack([np.interp(values, [at for at, _ in stops], channel) for channel in channels], axis=-1)
    return np.where((values == np.float32(decision.nodata))[..., None], 255, painted).astype(np.uint8)


def _scene(scene: Source, card: ModelCard, size: tuple[int, int]) -> np.ndarray | None:
    """(h, w, 3) uint8 in natural colours, or None where it would take long or cannot be had."""
    if not scene.opens:
        return None
    named = dict(zip(card.bands, scene.bands))
    bands = [named[n] for n in ("RED", "GREEN", "BLUE") if n in named]
    bands = bands if len(bands) == 3 else (list(scene.bands) * 3)[:3]
    try:
        pixels = scene.patience.result(scene.readers.submit(_read, scene, bands, size))
    except (PrithviError, RasterioError, OSError) as e:
        if isinstance(e, PrithviError) and e.code is ErrorCode.CANCELLED:
            raise
        return None  # the mask is complete: no picture is not worth losing it
    if pixels is None:
        return None
    out = np.full((*size, 3), 255, np.uint8)
    for i, band in enumerate(pixels):
        known = band.compressed()
        known = known[np.isfinite(known)]
        if known.size:
            low, high = float(np.percentile(known, 1)), float(np.percentile(known, 96))
            scaled = np.clip((np.nan_to_num(band.filled(low)) - low) / max(high - low, 1e-6), 0, 1) ** 0.7
            out[..., i] = np.where(np.ma.getmaskarray(band), 255, 255 * scaled)
    return out


def _read(scene: Source, bands: list[int], size: tuple[int, int]) -> np.ma.MaskedArray | None:
    """(3, h, w) float32 of a few pixels; None where all of them would have to be read for that."""
    with rasterio.open(scene.opens) as src:
        if not src.overviews(bands[0]) and src.width * src.height > READ_WHOLE_PX:
            return None
        return src.read(bands, window=scene.window, out_shape=(3, *size), masked=True).astype(np.float32)


def png(image: np.ndarray) -> bytes:
    """PNG of (h, w, 3) uint8."""
    height, width = image.shape[:2]
    rows = np.zeros((height, 1 + 3 * width), np.uint8)  # each row begins with its filter: none
    rows[:, 1:] = image.reshape(height, -1)

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    data = zlib.compress(rows.tobytes(), 6)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", data) + chunk(b"IEND", b"")
