"""Evaluate ``demo-water`` on made scenes that the training did not use, and visually on any scene.

    cd tools && python -m demo_model.evaluate made ../resources/models/demo-water --count 40
    cd tools && python -m demo_model.evaluate scene ../resources/models/demo-water SCENE.tif \\
        --bands 2,3,4,9,12,13 --picture OUT.png
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np
import torch

from .model import MARGIN, MEAN, STD, STRIDE, TILE, load_network
from .scene import HELD_OUT_SEED, IGNORE, make_scene, observe

Array = np.ndarray


def predict(network: torch.nn.Module, reflectance: Array, centre: tuple[float, float] | None = None) -> Array:
    """Return the probability of water, (h, w) float32, for (6, h, w) reflectance with NaN for nodata.

    One mirrored tile for small scenes, overlapping blended tiles for others. ``centre`` is (latitude, longitude).
    """
    from terratorch.tasks.tiled_inference import tiled_inference

    mean, std = (np.array(v, np.float32)[:, None, None] for v in (MEAN, STD))
    missing = ~np.isfinite(reflectance).all(0)
    x = np.where(missing, 0, (np.nan_to_num(reflectance) - mean) / std).astype(np.float32)
    coords = None if centre is None else torch.tensor([centre], dtype=torch.float32)
    height, width = missing.shape
    with torch.inference_mode():
        if max(height, width) <= TILE:
            padded = np.pad(x, ((0, 0), (0, TILE - height), (0, TILE - width)), mode="reflect")
            logits = network(torch.from_numpy(padded)[None], location_coords=coords).output[0, :, :height, :width]
        else:

            def forward(tiles: torch.Tensor) -> torch.Tensor:
                return network(tiles, location_coords=None if coords is None else coords.expand(len(tiles), 2)).output

            logits = tiled_inference(
                forward, torch.from_numpy(x)[None], crop=TILE, stride=STRIDE, delta=MARGIN, out_channels=2, batch_size=4
            )[0]
        return logits.softmax(0)[1].numpy()


def agreement(mask: Array, truth: Array) -> dict[str, float]:
    """Return IoU, F1, precision and recall of water between two boolean maps."""
    both, either = int((mask & truth).sum()), int((mask | truth).sum())
    return {
        "iou": round(both / max(either, 1), 4),
        "f1": round(2 * both / max(int(mask.sum()) + int(truth.sum()), 1), 4),
        "precision": round(both / max(int(mask.sum()), 1), 4),
        "recall": round(both / max(int(truth.sum()), 1), 4),
    }


def indices(reflectance: Array) -> dict[str, Array]:
    """Return NDWI, MNDWI and NDVI, each (h, w)."""
    _, green, red, nir, swir, _ = np.clip(reflectance, 1e-4, None)
    return {
        "ndwi": (green - nir) / (green + nir),
        "mndwi": (green - swir) / (green + swir),
        "ndvi": (nir - red) / (nir + red),
    }


def judge_made(network: torch.nn.Module, count: int, size: int) -> dict:
    """Return the agreement with the truth over all pixels of ``count`` made scenes of held-out seeds."""
    totals: dict[str, list[Array]] = {"mask": [], "truth": [], "ndwi": [], "mndwi": []}
    for seed in range(HELD_OUT_SEED, HELD_OUT_SEED + count):
        scene = make_scene(seed, (size, size))
        seen = observe(scene, np.random.default_rng(seed))
        valid = scene.truth != IGNORE
        found = indices(seen)
        totals["mask"].append((predict(network, seen) > 0.5)[valid])
        totals["truth"].append((scene.truth == 1)[valid])
        totals["ndwi"].append((found["ndwi"] > 0)[valid])
        totals["mndwi"].append((found["mndwi"] > 0)[valid])
    maps = {k: np.concatenate(v) for k, v in totals.items()}
    return {
        "scenes": count,
        "water": round(float(maps["truth"].mean()), 4),
        **{name: agreement(maps[name], maps["truth"]) for name in ("mask", "ndwi", "mndwi")},
    }


def read_scene(path: str, bands: list[int], scale: float) -> tuple[Array, tuple[float, float] | None]:
    """Return (6, h, w) reflectance with NaN for nodata, and its centre as (latitude, longitude)."""
    import rasterio
    from rasterio.warp import transform

    with rasterio.open(path) as source:
        pixels = source.read(bands).astype(np.float32)
        if source.nodata is not None:
            pixels[:, (pixels == source.nodata).any(0)] = np.nan
        centre = None
        if source.crs:
            x, y = source.xy(source.height // 2, source.width // 2)
            (lon,), (lat,) = transform(source.crs, "EPSG:4326", [x], [y])
            centre = (lat, lon)
    return pixels * scale, centre


def judge_scene(network: torch.nn.Module, reflectance: Array, centre: tuple[float, float] | None) -> tuple[dict, Array]:
    """Return the agreement of the mask with common thresholds of indices, and the probability."""
    probability = predict(network, reflectance, centre)
    valid = np.isfinite(reflectance).all(0)
    mask = (probability > 0.5)[valid]
    i = {k: v[valid] for k, v in indices(np.nan_to_num(reflectance)).items()}
    rules = {
        "ndwi>0": i["ndwi"] > 0,
        "mndwi>0": i["mndwi"] > 0,
        "mndwi>0.2": i["mndwi"] > 0.2,
        "mndwi>0 & ndvi<0.3": (i["mndwi"] > 0) & (i["ndvi"] < 0.3),
        "mndwi>0.2 & ndvi<0.2": (i["mndwi"] > 0.2) & (i["ndvi"] < 0.2),
    }
    report = {"water": round(float(mask.mean()), 4)}
    for name, rule in rules.items():
        report[name] = {"share": round(float(rule.mean()), 4), **agreement(mask, rule)}
    return report, probability


def picture(path: str, reflectance: Array, probability: Array) -> None:
    """Colours | false colours | the same, water outlined, over prediction | NDWI > 0 | MNDWI > 0."""
    from PIL import Image

    r = np.nan_to_num(reflectance)
    low, high = (np.percentile(r[:3], q, axis=(1, 2))[:, None, None] for q in (1, 98.5))
    colours = np.clip((r[:3] - low) / (high - low + 1e-6), 0, 1)[::-1] ** 0.8
    false = np.clip(np.stack([r[4] / 0.4, r[3] / 0.4, r[2] / 0.3]), 0, 1)
    mask = probability > 0.5
    inner = np.logical_and.reduce([np.roll(mask, by, axis) for by in (-1, 1) for axis in (0, 1)])
    edge = mask & ~inner
    outlined = np.where(edge, np.array((1, 0, 0))[:, None, None], false)
    found = indices(r)
    grey = [np.repeat(m[None].astype(np.float32), 3, 0) for m in (mask, found["ndwi"] > 0, found["mndwi"] > 0)]
    top, bottom = np.concatenate([colours, false, outlined], 2), np.concatenate(grey, 2)
    image = np.concatenate([top, bottom], 1)
    Image.fromarray((image * 255).astype(np.uint8).transpose(1, 2, 0)).save(path)


def main() -> None:
    """Parse the command line and print figures as JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("made", "scene"))
    parser.add_argument("model", help="model folder")
    parser.add_argument("scene", nargs="?", help="raster, for `scene`")
    parser.add_argument("--count", type=int, default=40, help="made scenes")
    parser.add_argument("--size", type=int, default=512, help="their side in pixels")
    parser.add_argument("--bands", default="1,2,3,4,5,6", help="blue, green, red, narrow NIR, SWIR 1, SWIR 2; from 1")
    parser.add_argument("--scale", type=float, default=0.0001)
    parser.add_argument("--picture", help="PNG to write")
    parser.add_argument("--truth", help="raster of the same grid: 1 water, 0 land, 255 ignored")
    args = parser.parse_args()
    network = load_network(Path(args.model))
    if args.what == "made":
        print(json.dumps(judge_made(network, args.count, args.size), indent=1))
        return
    if not args.scene:
        parser.error("name the scene")
    reflectance, centre = read_scene(args.scene, [int(b) for b in args.bands.split(",")], args.scale)
    report, probability = judge_scene(network, reflectance, centre)
    if args.truth:
        import rasterio

        with rasterio.open(args.truth) as source:
            truth = source.read(1)
        known = (truth != IGNORE) & np.isfinite(reflectance).all(0)
        report["truth"] = agreement((probability > 0.5)[known], (truth == 1)[known])
    print(json.dumps(report, indent=1))
    if args.picture:
        picture(args.picture, reflectance, probability)


if __name__ == "__main__":
    main()
