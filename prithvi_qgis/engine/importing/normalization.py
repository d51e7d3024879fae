"""Bands, means, standard deviations and scale of a model's input, read from its data module."""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from typing import Any

from ...core.scenes.bands import LABELS
from .errors import model_error
from .model_args import model_bands, plain_name
from .terratorch_config import Training, numbers

_HLS = ["BLUE", "GREEN", "RED", "NIR_NARROW", "SWIR_1", "SWIR_2"]
_DN = 10000.0  # stored numbers of reflectance 1 in Sentinel-2 and HLS products
_LANDSAT = 2.75e-5, -0.2  # scale and offset of Landsat Collection 2 Level 2
_DIM, _BRIGHT = 1.5, 150.0  # means above the first are no reflectance; below the second, no reflectance * 10000

_NO_REFLECTANCE = 6000.0  # not even snow has such means in every band


@dataclass(frozen=True)
class KnownData:
    """A data set whose data module defines bands, means and stds."""

    module: str
    """TerraTorch's module with its means and stds."""
    dataset: str
    """Class with its band and class names in that module."""
    pixel_m: float
    """Pixel size in metres: Sentinel-2's in Sen1Floods11, HLS's in the other two."""
    chip: int
    """Side of its chips in pixels, as published."""
    classes: tuple[str, ...] = ()
    """Class names, where the data set's class has none."""
    scale: float = 1.0
    """Default of ``constant_scale``."""


KNOWN = {
    "Sen1Floods11NonGeoDataModule": KnownData(
        "terratorch.datamodules.sen1floods11", "Sen1Floods11NonGeo", 10.0, 512, ("Not water", "Water"), 1e-4
    ),
    "FireScarsNonGeoDataModule": KnownData(
        "terratorch.datamodules.fire_scars", "FireScarsNonGeo", 30.0, 512, ("Not burned", "Burn scar")
    ),
    "MultiTemporalCropClassificationDataModule": KnownData(
        "terratorch.datamodules.multi_temporal_crop_classification", "MultiTemporalCropClassification", 30.0, 224
    ),
}


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
    """Reflectance = stored value * scale + offset."""
    class_names: tuple[str, ...]
    """Class names of the data module, or empty."""
    resolution_m: float = 0.0
    """Pixel size of the training data; 0 is unknown."""
    offset: float = 0.0
    """Reflectance = stored value * scale + offset."""
    notes: tuple[str, ...] = ()
    """What was assumed, lines for a person."""


def chip_size(training: Training) -> int:
    """Return the side in pixels of the training data's chips; 0 where unknown."""
    known = KNOWN.get(training.data_class)
    return known.chip if known else 0


def read_data(training: Training, model_args: dict[str, Any]) -> DataFacts:
    """Read and check a training's data module.

    Raises:
        PrithviError: ``model_invalid`` naming what is missing or does not match.
    """
    data, where, known = training.data, training.name, KNOWN.get(training.data_class)
    own_bands, own_means, own_stds, own_names = _constants(known)
    generic = data.get("output_bands") or data.get("dataset_bands") or data.get("bands")
    bands, notes = _bands(data.get("bands") or own_bands if known else generic, model_args, where)
    if known and (data.get("means") or data.get("stds")):
        notes.append(f"{training.data_class} has its own means and stds: those in {where} have no effect")
    mean = _stats(None if known else data.get("means"), own_means, bands, "means", where)
    std = _stats(None if known else data.get("stds"), own_stds, bands, "stds", where)
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
    expected = model_bands(model_args)
    if isinstance(expected, list) and len(expected) != len(bands):
        raise model_error(
            f"The model in {where} takes {len(expected)} bands (backbone_bands), its data module gives {len(bands)}.",
            "Correct output_bands or backbone_bands.",
        )
    constant = data.get("constant_scale")
    if constant is None:
        constant = known.scale if known else 1.0
    (constant,) = numbers([constant], "constant_scale", where)
    names = own_names
    if isinstance(data.get("class_names"), list):
        names = tuple(str(name) for name in data["class_names"])
    if data.get("reduce_zero_label"):
        notes.append("reduce_zero_label: class 0 of the model is label 1 of the training data, and so on")
    if abs(constant / _LANDSAT[0] - 1) < 1e-3:
        # The training did not add the product's offset of -0.2: its numbers are reflectance + 0.2.
        scale, offset = _LANDSAT
        notes.append(f"constant_scale {constant:g} is that of Landsat Collection 2, whose offset -0.2 is added here")
        units, mean = "reflectance", [value + offset for value in mean]
    else:
        units, offset, scale = _units(constant, mean, std, where), 0.0, 1 / _DN
    resolution_m = known.pixel_m if known else 0.0
    return DataFacts(
        bands, tuple(mean), tuple(std), units, scale, names, resolution_m, offset=offset, notes=tuple(notes)
    )


def _units(constant: float, mean: list[float], std: list[float], where: str) -> str:
    """Return the units of the model's input, which is the stored numbers * ``constant``.

    Files hold reflectance or, as Sentinel-2's and HLS's products, reflectance * 10000. TerraTorch subtracts the means
    after it has multiplied, so the means have the input's units.

    Raises:
        PrithviError: ``model_invalid`` where means and constant_scale contradict each other or leave the units open.
    """
    size = max(map(abs, (*mean, *std)))
    reflectance, dn = size <= _DIM, size >= _BRIGHT
    hint = (
        f"TerraTorch subtracts the means from stored numbers * constant_scale: give means and stds of reflectance with "
        f"constant_scale {1 / _DN:g}, or of stored numbers (reflectance * {_DN:g}) with constant_scale 1."
    )
    if not any(abs(constant / each - 1) < 1e-3 for each in (1.0, 1 / _DN, _DN)):
        raise model_error(f"{where} multiplies stored numbers by {constant:g} (constant_scale).", hint)
    contradicts = (constant < 0.5 and not reflectance) or (constant > 2 and not dn)
    if contradicts or not (reflectance or dn):
        raise model_error(
            f"Means and stds up to {size:g} in {where} are neither reflectance nor reflectance * {_DN:g}."
            if not (reflectance or dn)
            else f"Means and stds up to {size:g} in {where} do not fit its constant_scale of {constant:g}.",
            hint,
        )
    if constant == 1 and min(mean) > _NO_REFLECTANCE:
        raise model_error(
            f"Means from {min(mean):g} to {max(mean):g} in {where} are stored numbers of another product than "
            f"reflectance * {_DN:g}, such as Landsat Collection 2.",
            f"Give means and stds of reflectance with constant_scale {1 / _DN:g}, for Landsat Collection 2 those of "
            f"stored numbers * {_LANDSAT[0]:g} with constant_scale {_LANDSAT[0]:g}.",
        )
    if constant == 1 and all(value == 0 for value in mean) and all(value == 1 for value in std):
        raise model_error(
            f"Means of 0 and stds of 1 in {where} leave open whether its files hold reflectance or stored numbers.",
            hint,
        )
    return "reflectance" if reflectance else "dn"


def _constants(known: KnownData | None) -> tuple[list[str], dict[str, float], dict[str, float], tuple[str, ...]]:
    if known is None:
        return [], {}, {}, ()
    module = importlib.import_module(known.module)  # one of the names above, never the configuration's
    dataset = getattr(module, known.dataset)
    names = known.classes or tuple(getattr(dataset, "class_names", ()))
    return list(dataset.all_band_names), module.MEANS, module.STDS, names


def _bands(found: Any, model_args: dict[str, Any], where: str) -> tuple[tuple[str, ...], list[str]]:
    """Return the names of the model's bands, and a note where the data module only numbers them."""
    named = model_bands(model_args)
    named = [plain_name(band) for band in named] if isinstance(named, list) else []
    found = [plain_name(band) for band in (found if isinstance(found, list) else [found] if found else [])]
    notes = []
    if found and len(found) == len(named) and all(map(_is_known, named)) and not any(map(_is_text, found)):
        numbered = ", ".join(map(str, found))
        notes.append(f"the data module numbers its bands ({numbered}): named as backbone_bands names them")
        found = named
    found = found or named or _HLS  # TerraTorch's own default
    unknown = [band for band in found if not _is_known(band)]
    if unknown:
        raise model_error(
            f"{where} calls a band {str(unknown[0])[:40]!r}, which is none that can be found in a scene.",
            f"Name the bands in output_bands by: {', '.join(LABELS)}.",
        )
    return tuple(found), notes


def _is_known(band: Any) -> bool:
    return isinstance(band, str) and band in LABELS


def _is_text(band: Any) -> bool:
    return isinstance(band, str)


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
