"""The small picture of a scene beside its mask."""

from __future__ import annotations

import numpy as np
import pytest

from prithvi_qgis.engine.writing.thumbnail import _natural


@pytest.mark.parametrize("known", ["all", "half", "one", "none"])
def test_each_band_is_stretched_between_its_own_percentiles_and_nothing_is_white(known):
    pixels = np.random.default_rng(5).normal(1000, [[[50]], [[200]], [[700]]], (3, 40, 30)).astype(np.float32)
    share = {"all": 0.0, "half": 0.5, "one": 1.0, "none": 1.0}[known]
    pixels[:, np.random.default_rng(6).random((40, 30)) < share] = np.nan
    if known == "one":
        pixels[:, 3, 4] = 800
    picture = _natural(pixels)
    for number, band in enumerate(pixels):
        seen = np.isfinite(band)
        assert (picture[..., number][~seen] == 255).all()
        if seen.any():
            low, high = np.percentile(band[seen], [1, 96])
            wanted = 255 * np.clip((band[seen] - low) / max(high - low, 1e-6), 0, 1) ** 0.7
            assert np.abs(picture[..., number][seen] - wanted).max() <= 1
