"""Bands, means, standard deviations and scale of a model's input, read from its data module."""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from typing import Any

from ...core.scenes.bands import LABELS
from .errors import model_error
from .terratorch_config import Training, numbers

_HLS = ["BLUE", "GREEN", "RED", "NIR_NARROW", "SWIR_1", "SWIR_2"]
# Data modules that define bands, means and stds: TerraTorch's module and class with them.
_KNOWN = {
    "Sen1Floods11NonGeoDataModule": ("terratorch.datamodules.sen1floods11", "Sen1Floods11NonGeo"),
    "FireScarsNonGeoDataModule": ("terratorch.datamodules.fire_scars", "FireScarsNonGeo"),
    "MultiTemporalCropClassificationDataModule": (
        "terratorch.datamodules.multi_temporal_crop_classification",
        "MultiTemporalCropClassification",
    ),
}
_KNOWN_CLASSES = {
    "Sen1Floods11NonGeoDataModule": ("Not water", "Water"),
    "FireScarsNonGeoDataModule": ("Not burned", "Burn scar"),
}
_KNOWN_SCALE = {"Sen1Floods11NonGeoDataModule": 1e-4}
# Pixel size in metres of their data sets: Sentinel-2 in Sen1Floods11, HLS in the other two. No other module has it.
_KNOWN_PIXEL_M = {
    "Sen1Floods11NonGeoDataModule": 10.0,
    "FireScarsNonGeoDataModule": 30.0,
    "MultiTemporalCropClassificationDataModule": 30.0,
}
_DN_ABOVE = 10.0  # no reflectance has such a mean


@dataclass(frozen=True)
class DataFacts:
    """A model's input."""

    bands: tuple[str, ...]
    """Bands in the model's order."""
    mean: tuple[float, ...]
    """One value per band, in ``units``."""
    std: tuple[float, ...]
    """One value per band, in ``units``."""
    units: str
    """``dn`` or ``reflectance``."""
    scale: float
    """Reflectance = stored value * scale."""
    class_names: tuple[str, ...]
    """Class names of the data module, or empty."""
    resolution_m: float = 0.0
    """Pixel size of the training data; 0 is unknown."""


def read_data(training: Training, model_args: dict[str, Any]) -> DataFacts:
    """Read and check a training's data module.

    Raises:
        PrithviError: ``model_invalid`` naming what is missing or does not match.
    """
    data, where = training.data, training.name
    own_bands, own_means, own_stds, own_names = _constants(training.data_class)
    bands = _bands(
        data.get("output_bands") or data.get("dataset_bands") or data.get("bands") or own_bands, model_args, where
    )
    mean = _stats(data.get("means"), own_means, bands, "means", where)
    std = _stats(data.get("stds"), own_stds, bands, "stds", where)
    for what, values in (("means", mean), ("stds", std)):
        if len(values) != len(bands):
            raise model_error(
                f"{where} has {len(values)} {what} for {len(bands)} bands ({', '.join(bands)}).",
                f"Give one of the {what} a band, in the order of the bands.",
            )
    if min(std) <= 0:
        raise model_error(
            f"{where} has the std {min(std):g}, by which nothing can be divided.", "Correct data.init_args.stds."
        )
    expected = model_args.get("backbone_bands")
    if isinstance(expected, list) and len(expected) != len(bands):
        raise model_error(
            f"The model in {where} takes {len(expected)} bands (backbone_bands), its data module gives {len(bands)}.",
            "Correct output_bands or backbone_bands.",
        )
    units = "dn" if max(mean) > _DN_ABOVE else "reflectance"
    constant = data.get("constant_scale")
    if constant is None:
        constant = _KNOWN_SCALE.get(training.data_class, 1.0)
    (constant,) = numbers([constant], "constant_scale", where)
    resolution_m = _KNOWN_PIXEL_M.get(training.data_class, 0.0)
    return DataFacts(bands, tuple(mean), tuple(std), units, _scale(constant, units), own_names, resolution_m)


def _scale(constant: float, units: str) -> float:
    """Return the reflectance of one stored step in the products that the model is for."""
    scale = constant / 10000 if units == "dn" else constant
    # Trained on reflectance: such files need no scale and are detected by their values; other files have * 10000.
    return 1e-4 if scale >= 1 or scale <= 0 else scale


def _constants(data_class: str) -> tuple[list[str], dict[str, float], dict[str, float], tuple[str, ...]]:
    if data_class not in _KNOWN:
        return [], {}, {}, ()
    module_name, dataset = _KNOWN[data_class]
    module = importlib.import_module(module_name)  # one of the names above, never the configuration's
    known = getattr(module, dataset)
    names = _KNOWN_CLASSES.get(data_class) or tuple(getattr(known, "class_names", ()))
    return list(known.all_band_names), module.MEANS, module.STDS, names


def _bands(found: Any, model_args: dict[str, Any], where: str) -> tuple[str, ...]:
    if not found:
        found = model_args.get("backbone_bands") or _HLS  # TerraTorch's own default
    names = [str(band).rsplit(".", 1)[-1] for band in (found if isinstance(found, list) else [found])]
    unknown = [name for name in names if name not in LABELS]
    if unknown:
        raise model_error(
            f"{where} calls a band {unknown[0][:40]!r}, which is none that can be found in a scene.",
            f"Name the bands in output_bands by: {', '.join(LABELS)}.",
        )
    return tuple(names)


def _stats(given: Any, own: dict[str, float], bands: tuple[str, ...], what: str, where: str) -> list[float]:
    if given is not None and not isinstance(given, str):
        return numbers(given, what, where)
    if own and all(band in own for band in bands):
        return [own[band] for band in bands]
    said = f"names a file for its {what} ({given[:80]})" if given else f"has no {what}"
    raise model_error(
        f"The data module of {where} {said}.",
        f"Write the {what} into data.init_args.{what}, one a band: the values that the training normalised by.",
    )
