"""Surface reflectance of materials in the six bands, as ranges.

Order: blue, green, red, narrow NIR, SWIR 1, SWIR 2. The values are round figures within the ranges that spectral
libraries and remote-sensing textbooks give for these materials in bands near 490, 560, 665, 865, 1610 and 2200 nm.
"""

from __future__ import annotations

import numpy as np

SOILS = {
    "black": (0.035, 0.045, 0.055, 0.09, 0.14, 0.12),
    "loam": (0.07, 0.10, 0.14, 0.22, 0.30, 0.25),
    "red": (0.06, 0.09, 0.17, 0.25, 0.33, 0.27),
    "sand": (0.16, 0.22, 0.29, 0.37, 0.47, 0.42),
    "grey": (0.10, 0.12, 0.14, 0.18, 0.22, 0.20),
    "chalk": (0.22, 0.27, 0.32, 0.38, 0.42, 0.36),
    "clay": (0.08, 0.12, 0.16, 0.23, 0.27, 0.20),
}
PLANTS = {
    "lush": (0.025, 0.065, 0.028, 0.46, 0.19, 0.085),
    "crop": (0.032, 0.07, 0.04, 0.36, 0.20, 0.10),
    "young": (0.035, 0.065, 0.05, 0.29, 0.20, 0.11),
    "orchard": (0.03, 0.05, 0.035, 0.27, 0.15, 0.075),
    "pasture": (0.045, 0.08, 0.07, 0.28, 0.25, 0.15),
    "dry": (0.07, 0.10, 0.14, 0.25, 0.32, 0.24),
    "straw": (0.09, 0.13, 0.19, 0.29, 0.36, 0.27),
    "reed": (0.03, 0.05, 0.045, 0.22, 0.14, 0.07),
}
TREES = {
    "broadleaf": (0.02, 0.042, 0.022, 0.32, 0.145, 0.062),
    "conifer": (0.016, 0.028, 0.018, 0.19, 0.085, 0.037),
    "evergreen": (0.022, 0.038, 0.028, 0.24, 0.12, 0.06),
    "bare": (0.04, 0.055, 0.065, 0.15, 0.19, 0.13),
}
BUILT = {
    "tile": (0.07, 0.09, 0.16, 0.22, 0.27, 0.25),
    "concrete": (0.19, 0.21, 0.23, 0.25, 0.27, 0.25),
    "metal": (0.42, 0.43, 0.43, 0.42, 0.40, 0.36),
    "asphalt": (0.075, 0.085, 0.09, 0.11, 0.13, 0.12),
    "dark roof": (0.05, 0.055, 0.06, 0.08, 0.10, 0.095),
    "blue roof": (0.24, 0.20, 0.14, 0.17, 0.16, 0.12),
    "solar": (0.045, 0.05, 0.055, 0.09, 0.10, 0.085),
    "plastic": (0.25, 0.27, 0.28, 0.36, 0.31, 0.23),
    "gravel": (0.16, 0.18, 0.20, 0.23, 0.27, 0.25),
}
OTHER = {
    "burnt": (0.035, 0.04, 0.047, 0.075, 0.14, 0.15),
    "char": (0.024, 0.027, 0.031, 0.045, 0.08, 0.09),
    "basalt": (0.04, 0.045, 0.05, 0.06, 0.085, 0.085),
    "snow": (0.86, 0.86, 0.83, 0.74, 0.12, 0.10),
    "salt": (0.38, 0.43, 0.47, 0.48, 0.34, 0.24),
    "rock": (0.12, 0.14, 0.16, 0.19, 0.24, 0.21),
}
WATERS = {  # optically deep
    "clear": (0.035, 0.027, 0.015, 0.007, 0.004, 0.003),
    "dark": (0.018, 0.02, 0.018, 0.012, 0.006, 0.004),
    "green": (0.035, 0.068, 0.04, 0.04, 0.012, 0.008),
    "brown": (0.06, 0.088, 0.12, 0.085, 0.018, 0.010),
    "milky": (0.095, 0.135, 0.145, 0.085, 0.012, 0.007),
    "bloom": (0.03, 0.075, 0.04, 0.12, 0.03, 0.015),
}
# Attenuation in 1/m of clear and of turbid water, for what shines through from the bottom.
ATTENUATION_CLEAR = np.array((0.10, 0.12, 0.45, 4.5, 250.0, 400.0), np.float32)
ATTENUATION_TURBID = np.array((2.5, 1.8, 1.7, 7.0, 260.0, 410.0), np.float32)


def vary(rng: np.random.Generator, spectrum: tuple[float, ...], share: float = 0.15) -> np.ndarray:
    """Return a spectrum near the given one: brighter or darker, and of a slightly different colour."""
    whole = np.exp(rng.normal(0, share))
    colour = np.exp(rng.normal(0, share / 3, len(spectrum)))
    return (np.array(spectrum) * whole * colour).astype(np.float32)


def wet(spectrum: np.ndarray, moisture: np.ndarray) -> np.ndarray:
    """Return soil darkened by moisture 0..1 (bands on the first axis): most in the SWIR."""
    loss = np.array((0.40, 0.42, 0.44, 0.48, 0.58, 0.66), np.float32)
    return spectrum * (1 - loss.reshape((-1,) + (1,) * (spectrum.ndim - 1)) * moisture)
