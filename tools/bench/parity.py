"""Compare the engine's mask with TerraTorch's: same tiles, coordinates and precision, by vLLM and by plain torch.

Run with the engine's Python: python -m tools.bench parity SCENE [--bands 2,3,4,9,12,13] [--mirror WIDTH HEIGHT]
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

from .setting import DEMO_MODEL, ignore


def mirrored(source: str, width: int, height: int, folder: Path) -> str:
    """Write the scene, continued by reflection to width x height; return its path."""
    import numpy as np
    import rasterio

    with rasterio.open(source) as src:
        values, profile, names = src.read(), src.profile, src.descriptions
    pads = ((0, 0), (0, height - values.shape[1]), (0, width - values.shape[2]))
    profile.update(width=width, height=height)
    path = folder / "mirrored.tif"
    with rasterio.open(path, "w", **profile) as out:
        out.write(np.pad(values, pads, mode="reflect"))
        out.descriptions = names
    return str(path)


def main() -> int:
    """Print the share of equal pixels."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("scene")
    parser.add_argument("--model", type=Path, default=DEMO_MODEL)
    parser.add_argument("--bands", default="")
    parser.add_argument("--mirror", type=int, nargs=2)
    parser.add_argument("--variant", default="cpu")
    options = parser.parse_args()
    from prithvi_qgis.engine.device import runtime_env

    runtime_env.prepare(options.variant)
    import numpy as np
    import rasterio
    import torch
    from terratorch.tasks.tiled_inference import generate_tiled_inference_output, prepare_tiled_inference_input

    from prithvi_qgis.core.models.model_card import read_card
    from prithvi_qgis.core.protocol.messages import Segment
    from prithvi_qgis.engine.inference.segment_scene import run_segment
    from prithvi_qgis.engine.model.model_loader import DTYPES, Loader
    from prithvi_qgis.engine.model.torch_backend import TorchBackend
    from prithvi_qgis.engine.reading.rasterio_source import RasterioSource
    from prithvi_qgis.engine.reading.whole_scene import read_reflectance

    card = read_card(options.model)
    bands = tuple(int(b) for b in options.bands.split(",")) if options.bands else ()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        source = mirrored(options.scene, *options.mirror, folder) if options.mirror else options.scene
        request = Segment(source, str(card.folder), str(folder / "mask.tif"), bands=bands)
        run_segment(request, Loader(options.variant), ignore)
        with rasterio.open(folder / "mask.tif") as src:
            mask = src.read(1)
        scene = RasterioSource(source)
        scene.prepare(card, bands, None, None)
        reflectance, empty = read_reflectance(scene)
    unit = 10000.0 if card.units == "dn" else 1.0
    mean, std = (np.array(v, np.float32)[:, None, None] for v in (card.mean, card.std))
    pixels = (reflectance * unit - mean) / std
    pixels[:, empty] = 0
    plain = TorchBackend(card, card.folder, options.variant, DTYPES[options.variant], 2, fused=False)
    height, width = mask.shape
    if height <= card.tile and width <= card.tile:
        pads = ((0, 0), (0, card.tile - height), (0, card.tile - width))
        tile = np.pad(pixels, pads, mode="reflect")[None]
        logits = plain.infer(tile, scene.location([card.tile / 2], [card.tile / 2]))[0, :, :height, :width]
    else:
        chips, _, count, h, w, _, delta = prepare_tiled_inference_input(
            torch.from_numpy(pixels)[None], crop=card.tile, stride=card.stride, delta=card.margin
        )
        outputs = []
        for chip in chips:
            # Where the chip's kept part lies on the padded scene; its input begins two margins earlier in the scene.
            top, left = (chip.input_coords[i].start - 2 * delta for i in (0, 1))
            centre = scene.location([top + card.tile / 2], [left + card.tile / 2])
            outputs.append((chip, torch.from_numpy(plain.infer(chip.input_data[None].numpy(), centre))[0]))
        logits = generate_tiled_inference_output(outputs, count, h, w, delta)[0].numpy()
    expected = logits.argmax(0)
    expected[empty] = 255
    equal = float((mask == expected).mean())
    print(
        f"{Path(options.scene).name} {width} x {height}: {100 * equal:.4f} % equal pixels, "
        f"class 1 {100 * (mask == 1).mean():.1f} %"
    )
    return 0
