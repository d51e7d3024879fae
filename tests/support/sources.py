"""Requests of several dates, their sources read whole, and a loader that nothing may reach."""

from __future__ import annotations

import numpy as np
import rasterio

from prithvi_qgis.core.protocol.messages import Segment
from prithvi_qgis.engine.reading.read_windows import ReadWindow

HLS = "HLS.S30.T30TXM.{}T110000.v2.0.tif"


def request_for(source, frames, tmp_path, **fields):
    return Segment(str(source), "", str(tmp_path / "mask.tif"), frames=tuple(map(str, frames)), **fields)


def read(source):
    height, width = int(source.window.height), int(source.window.width)
    pixels, empty = np.empty((source.channels, height, width), np.float32), np.empty((height, width), bool)
    source.read_window(ReadWindow(0, 0, height, width), pixels, empty)
    return pixels, empty


class NoLoader:
    """Nothing may be loaded for a request that is wrong."""

    def load(self, request, card):
        raise AssertionError("a model was loaded")


def pixels(path):
    with rasterio.open(path) as src:
        return src.read()
