"""Random fields and small image tools. NumPy only."""

from __future__ import annotations

import numpy as np

Array = np.ndarray


def fractal(rng: np.random.Generator, shape: tuple[int, int], slope: float, longest_px: float = 1e9) -> Array:
    """Return noise whose power falls with frequency to the power ``-slope``; mean 0, standard deviation 1, float32.

    Waves longer than ``longest_px`` get no more power than that one, so that a small value gives even texture.
    """
    height, width = shape
    frequency = np.hypot(np.fft.fftfreq(height)[:, None], np.fft.rfftfreq(width)[None])
    frequency = np.maximum(frequency, 1.0 / min(longest_px, 2.0 * max(shape)))
    amplitude = frequency ** (-slope / 2)
    amplitude[0, 0] = 0
    size = amplitude.shape
    spectrum = amplitude * (rng.standard_normal(size, np.float32) + 1j * rng.standard_normal(size, np.float32))
    field = np.fft.irfft2(spectrum, s=shape)
    return (field / max(field.std(), 1e-9)).astype(np.float32)


def ramp(values: Array, low: float, high: float) -> Array:
    """Return 0 below ``low``, 1 above ``high``, a smooth step between (``low`` > ``high`` falls instead)."""
    t = np.clip((values - low) / (high - low), 0, 1)
    return t * t * (3 - 2 * t)


def blur(image: Array, sigma_px: float) -> Array:
    """Apply a Gaussian blur to the last two axes, edges repeated; small sigmas only (a few pixels)."""
    reach = int(np.ceil(3 * sigma_px))
    if reach == 0:
        return image
    kernel = np.exp(-0.5 * (np.arange(-reach, reach + 1) / sigma_px) ** 2).astype(np.float32)
    kernel /= kernel.sum()
    for axis in (-2, -1):
        pad = [(0, 0)] * image.ndim
        pad[axis] = (reach, reach)
        padded = np.pad(image, pad, mode="edge")
        size = image.shape[axis]
        parts = (np.take(padded, range(i, i + size), axis=axis) * k for i, k in enumerate(kernel))
        image = sum(parts)
    return image


def halve_and_double(image: Array, smooth: bool) -> Array:
    """Resample a band to twice the pixel size and back: means of 2 x 2, repeated or interpolated."""
    height, width = image.shape[-2:]
    even = np.pad(image, [(0, 0)] * (image.ndim - 2) + [(0, height % 2), (0, width % 2)], mode="edge")
    coarse = (even[..., ::2, ::2] + even[..., 1::2, ::2] + even[..., ::2, 1::2] + even[..., 1::2, 1::2]) / 4
    fine = np.repeat(np.repeat(coarse, 2, axis=-2), 2, axis=-1)[..., :height, :width]
    return blur(fine, 0.9) if smooth else fine


def enlarge(coarse: Array, shape: tuple[int, int]) -> Array:
    """Interpolate a coarse 2-D field to ``shape``, bilinearly."""
    ys = np.linspace(0, coarse.shape[0] - 1, shape[0], dtype=np.float32)
    xs = np.linspace(0, coarse.shape[1] - 1, shape[1], dtype=np.float32)
    y0 = np.minimum(ys.astype(int), coarse.shape[0] - 2)
    x0 = np.minimum(xs.astype(int), coarse.shape[1] - 2)
    fy, fx = (ys - y0)[:, None], (xs - x0)[None]
    rows = coarse[y0] * (1 - fy) + coarse[y0 + 1] * fy
    return (rows[:, x0] * (1 - fx) + rows[:, x0 + 1] * fx).astype(np.float32)


def distance_to(points: Array, shape: tuple[int, int], reach_px: float) -> Array:
    """Return each pixel's distance to the nearest of ``points`` (n, 2: row, column), at most ``reach_px``."""
    field = np.full(shape, reach_px, np.float32)
    reach = int(np.ceil(reach_px))
    for y, x in points:
        top, left = int(y) - reach, int(x) - reach
        y0, y1 = max(top, 0), min(top + 2 * reach + 2, shape[0])
        x0, x1 = max(left, 0), min(left + 2 * reach + 2, shape[1])
        if y0 >= y1 or x0 >= x1:
            continue
        rows = (np.arange(y0, y1, dtype=np.float32) - y)[:, None]
        columns = (np.arange(x0, x1, dtype=np.float32) - x)[None]
        window = field[y0:y1, x0:x1]
        np.minimum(window, np.sqrt(rows * rows + columns * columns), out=window)
    return field


def far_distance_to(points: Array, shape: tuple[int, int], step: int = 16) -> Array:
    """Return the distance to ``points`` over the whole field, from a grid of every ``step``-th pixel."""
    rows = np.arange(0, shape[0] + step, step, dtype=np.float32)[:, None, None]
    columns = np.arange(0, shape[1] + step, step, dtype=np.float32)[None, :, None]
    few = points[:: max(len(points) // 150, 1)].astype(np.float32)
    coarse = np.sqrt((rows - few[:, 0]) ** 2 + (columns - few[:, 1]) ** 2).min(axis=2)
    return enlarge(coarse, shape)


def hash16(*keys: Array) -> Array:
    """Hash integers to well-mixed integers 0..65535, for drawing a value per parcel without a list of parcels."""
    mixed = np.zeros(np.broadcast(*keys).shape, np.uint32)
    for key in keys:
        mixed = (mixed ^ np.asarray(key).astype(np.uint32)) * np.uint32(0x9E3779B1)
        mixed ^= mixed >> np.uint32(15)
    return (mixed & np.uint32(0xFFFF)).astype(np.int32)
