"""Check an imported card against its configuration: TerraTorch and this engine read the same chip.

The check in vLLM gives the same numbers to both sides, so a card with wrong means, bands or scale would pass it. Here
TerraTorch's own data module, built from the training's YAML, and this engine, by the card alone, each read a chip of
stored numbers from files.
"""

from __future__ import annotations

import copy
import importlib
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Optional

import numpy as np
import rasterio

from ...core.errors import PrithviError
from ...core.models.model_card import ModelCard
from ...core.scenes.bands import LABELS
from ..model.allowlist import resolve_class
from ..reading.rasterio_source import RasterioSource
from ..reading.read_windows import ReadWindow
from .errors import model_error
from .model_args import plain_name
from .normalization import KNOWN
from .terratorch_config import TRANSFORMS, Training, numbers

log = logging.getLogger(__name__)
_REPORT = "Please report it with the model's configuration; the model was not imported."
TOLERANCE = 1e-3  # standard deviations; the two sides round differently
# Stored numbers of reflectance in the products that people train on: factor and added constant.
_STORED = ((10000.0, 0.0), (1.0, 0.0), (1 / 2.75e-5, 0.2 / 2.75e-5))
# Transforms that change neither size nor axes here, or change them at random.
_LEFT_OUT = frozenset({"HorizontalFlip", "VerticalFlip", "Transpose", "RandomRotate90", "D4"})
_SIZED = frozenset({"Resize", "RandomCrop", "CenterCrop"})
# Arguments of the data modules that change pixels.
_PIXELS = ("means", "stds", "constant_scale", "dataset_bands", "output_bands", "bands", "expand_temporal_dimension")


def read_chip(card: ModelCard, training: Training, tile_source: str, folder: Path) -> Optional[np.ndarray]:
    """Compare both readings of a made chip and return it.

    Args:
        card: of the model to import.
        training: the configuration that the card comes from.
        tile_source: key of the training that the card's tile size comes from.
        folder: empty, for the chip's files.
    Returns:
        (2, 1, bands, [frames,] tile, tile) float32: the chip as TerraTorch normalises it, and as this engine does; None
        where TerraTorch cannot read a made chip.
    Raises:
        PrithviError: ``model_invalid`` when the two differ, naming how.
    """
    crop = (training.task.get("tiled_inference_parameters") or {}).get("h_crop")
    if crop and int(crop) != card.tile:
        raise model_error(
            f"TerraTorch tiles by {crop} pixels (tiled_inference_parameters), the imported card by {card.tile}.",
            _REPORT,
        )
    names = _file_bands(card, training)
    chips = _reflectance(card, len(names))
    found: list[tuple[np.ndarray, np.ndarray, Path]] = []
    for number, (factor, added) in enumerate(_STORED):
        stored = chips * factor + added
        stored = stored.astype(np.float32) if factor == 1 else np.round(stored).astype(np.uint16)
        place = folder / str(number)
        try:
            theirs = _by_terratorch(training, stored, place, tile_source in TRANSFORMS)
        except Exception as e:  # the data modules raise what they please
            log.warning("TerraTorch did not read the made chip", exc_info=e)
            return None
        found.append((theirs, stored, place))
    # The stored numbers that the training normalises best are its own, by the band whose mean says most.
    band = int(np.argmax(card.mean))
    theirs, stored, place = min(found, key=lambda each: float(np.median(np.abs(each[0][:, band]))))
    ours = _by_engine(card, stored, names, place)
    if theirs.ndim < ours.ndim:  # the data module of a model of several dates is set up for one
        log.warning("TerraTorch's data module does not give several dates")
        return None
    compare(theirs, ours, card)
    return np.stack([theirs, ours])


def compare(theirs: np.ndarray, ours: np.ndarray, card: ModelCard) -> None:
    """Refuse a card by which the engine reads other numbers than TerraTorch.

    Args:
        theirs: (1, bands, [frames,] h, w) of TerraTorch.
        ours: the same of this engine.
    Raises:
        PrithviError: ``model_invalid``.
    """
    if theirs.shape != ours.shape:
        raise model_error(
            f"TerraTorch gives the model numbers of shape {theirs.shape[1:]}, the imported card {ours.shape[1:]} "
            "(bands, dates, tile).",
            _REPORT,
        )
    off = np.abs(theirs - ours).max(axis=tuple(i for i in range(theirs.ndim) if i != 1))
    worst = int(off.argmax())
    if not off[worst] <= TOLERANCE:
        raise model_error(
            f"TerraTorch and the imported card normalise {card.bands[worst]} differently, by up to {off[worst]:.3g} "
            "standard deviations.",
            _REPORT,
        )


def _file_bands(card: ModelCard, training: Training) -> list[str]:
    """Return the description of each band of a training file, of one date."""
    known, data = KNOWN.get(training.data_class), training.data
    if known:
        dataset = getattr(importlib.import_module(known.module), known.dataset)
        return list(dataset.all_band_names)
    output, stored = ([plain_name(b) for b in data.get(k) or []] for k in ("output_bands", "dataset_bands"))
    # Where the data module gives no names, those of the card are all that there is.
    of_model = dict(zip(map(str, output or stored), card.bands))
    if not stored:
        return list(card.bands)
    return [band if band in LABELS else of_model.get(str(band), "") for band in stored]


def _reflectance(card: ModelCard, bands: int) -> np.ndarray:
    """Return (frames, bands, tile, tile) reflectance, different in each band, date and pixel."""
    rng = np.random.default_rng(11)
    y, x = np.mgrid[: card.tile, : card.tile] / card.tile
    chips = np.empty((card.frames, bands, card.tile, card.tile))
    for date in range(card.frames):
        for band in range(bands):
            fields = np.sin((3 + band % 5) * x + band + date) * np.cos((5 - band % 3) * y - band)
            chips[date, band] = 0.16 + 0.012 * band / max(bands, 1) + 0.1 * fields
    return np.asarray(np.clip(chips + rng.normal(0, 0.01, chips.shape), 0.03, 0.45))


def _by_terratorch(training: Training, stored: np.ndarray, folder: Path, sized: bool) -> np.ndarray:
    """Return (1, bands, [frames,] h, w) float32: what TerraTorch's data module gives to the model."""
    import torch

    module = getattr(importlib.import_module("terratorch.datamodules"), training.data_class)
    mask = np.zeros((1, *stored.shape[2:]), np.int16)
    for path in _files_for(training.data_class, folder):
        path.parent.mkdir(parents=True, exist_ok=True)
        _write(path, mask if "Label" in path.name or ".mask" in path.name else stored.reshape(-1, *stored.shape[2:]))
    data = module(**_data_arguments(training, folder, sized))
    data.setup("predict")
    image = data.predict_dataset[0]["image"]
    if isinstance(image, dict):
        image = image[training.modality]
        batch = {"image": {training.modality: torch.as_tensor(image)[None].float()}}
        image = data.aug(batch)["image"][training.modality]
    else:
        image = data.aug({"image": torch.as_tensor(image)[None].float()})["image"]
    return np.asarray(image.numpy(), np.float32)


def _files_for(data_class: str, folder: Path) -> Iterator[Path]:
    """Yield the files of one chip where the data module looks for them; writes its lists of files."""
    if data_class not in KNOWN:
        yield folder / "chip.tif"
        return
    if data_class == "Sen1Floods11NonGeoDataModule":
        root = folder / "v1.1"
        lists = [root / f"splits/flood_handlabeled/flood_{split}_data.txt" for split in ("train", "valid", "test")]
        hand = root / "data/flood_events/HandLabeled"
        files = [hand / "S2Hand/chip_S2Hand.tif", hand / "LabelHand/chip_LabelHand.tif"]
    else:
        lists = [folder / f"{split}_data.txt" for split in ("training", "validation")]
        suffix = "_chips" if data_class.startswith("MultiTemporalCrop") else ""
        folders = [folder / f"{split}{suffix}" for split in ("training", "validation")]
        files = [chips / f"chip{end}" for chips in folders for end in ("_merged.tif", ".mask.tif")]
    for path in lists:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("chip\n", encoding="utf-8")
    yield from files


def _data_arguments(training: Training, folder: Path, sized: bool) -> dict[str, Any]:
    """Return the arguments of the data module: of the training's own those that change pixels, all plain values.

    Args:
        sized: whether transforms that change the size are applied; they give the card's tile its size then.
    """
    data, known = training.data, training.data_class in KNOWN
    given: dict[str, Any] = {key: copy.deepcopy(data[key]) for key in _PIXELS if data.get(key) is not None}
    for key in [k for k in given if k in (("means", "stds") if known else ("bands",))]:
        del given[key]
    for key in [k for k in ("means", "stds", "constant_scale") if k in given]:
        values = numbers(given[key], key, training.name)
        given[key] = values if key != "constant_scale" else values[0]
    for key in [k for k in ("dataset_bands", "output_bands", "bands") if isinstance(given.get(k), list)]:
        given[key] = [plain_name(band) for band in given[key]]
    if training.modality:
        named = [k for k in ("means", "stds", "constant_scale", "dataset_bands", "output_bands") if k in given]
        given.update({key: {training.modality: given[key]} for key in named})
        given.update(modalities=[training.modality], data_root={training.modality: folder})
        given["image_grep"] = {training.modality: "*.tif"}
        given["rgb_indices"] = {training.modality: [0]}
    elif known:
        given["data_root"] = str(folder)
    else:
        given.update(predict_data_root=folder, img_grep="*.tif")
    if "Segmentation" in training.data_class:
        given["num_classes"] = 2
    # The datasets for prediction use another list in the known modules than in the generic ones.
    if transforms := list(_transforms(data.get("test_transform"), sized)):
        given["predict_transform" if known else "test_transform"] = transforms
    return {"batch_size": 1, "num_workers": 0, **given}


def _transforms(configured: Any, sized: bool) -> Iterator[Any]:
    """Yield the built transforms of a list that do the same at each call."""
    for one in configured if isinstance(configured, list) else []:
        path = resolve_class(one.get("class_path") if isinstance(one, dict) else one)
        module, _, name = path.rpartition(".")
        if not path or name in _LEFT_OUT or (name in _SIZED and not sized):
            continue
        arguments = one.get("init_args") if isinstance(one, dict) else None
        arguments = {k: v for k, v in (arguments or {}).items() if k != "always_apply"}
        yield getattr(importlib.import_module(module), name)(**arguments)


def _by_engine(card: ModelCard, stored: np.ndarray, names: list[str], folder: Path) -> np.ndarray:
    """Return (1, bands, [frames,] tile, tile) float32: what this engine gives to the model, by the card alone."""
    dates = []
    for number, chip in enumerate(stored):
        path = folder / f"date{number}.tiff"
        _write(path, chip, names)
        scene = RasterioSource(str(path))
        try:
            # Whole numbers by the card, not by the product that they look like; floats may be reflectance already.
            given = (card.scale, card.offset) if np.array_equal(chip, np.round(chip)) else (None, None)
            scene.prepare(card, (), *given)
            pixels = np.empty((len(card.bands), *chip.shape[1:]), np.float32)
            scene.read_window(ReadWindow(0, 0, *chip.shape[1:]), pixels, np.empty(chip.shape[1:], bool))
            gain, bias = scene.normalisation
            dates.append(pixels * gain + bias)
        except PrithviError as e:
            raise model_error(
                f"The imported card does not read a chip as the training stores it: {e.text}",
                "Check bands, means and constant_scale of the configuration.",
            ) from e
        finally:
            scene.close()
    return np.asarray(dates[0] if len(dates) == 1 else np.stack(dates, axis=1), np.float32)[None]


def _write(path: Path, bands: np.ndarray, names: Optional[list[str]] = None) -> None:
    grid = {"crs": "EPSG:32632", "transform": rasterio.Affine(10, 0, 500000, 0, -10, 5000000)}
    count, height, width = bands.shape
    with rasterio.open(path, "w", "GTiff", width, height, count, dtype=bands.dtype, **grid) as out:
        out.write(bands)
        for number, name in enumerate(names or [], start=1):
            if name:
                out.set_band_description(number, name)
