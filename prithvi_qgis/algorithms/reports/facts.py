"""The tables of a report: model, parameters and provenance of a run."""

from __future__ import annotations

from osgeo import gdal

from ...core.models.model_card import ModelCard, Quantity
from ...core.protocol import messages
from .. import parameter_names as ids
from ..base import tr
from ..scenes.band_names import band_name

Facts = list[tuple[str, str]]


def how_it_was_made(made: str, request: messages.Segment, result: messages.Result, card: ModelCard) -> Facts:
    """Return scene, model and engine of a run."""
    bands = zip(card.bands, result.bands)
    return [
        (tr("Scene"), request.source_name),
        (tr("Mask"), result.output),
        (tr("Size"), tr("{} x {} pixels").format(result.width, result.height)),
        (tr("Model"), tr("{} ({}), licence {}").format(card.title, card.id, card.licence)),
        (tr("About the model"), card.description),
        (tr("Citation"), card.citation),
        (tr("Bands"), ", ".join(f"{band_name(name)} = {number}" for name, number in bands)),
        (tr("Scaling"), result.scaling),
        *([(tr("Resampled"), result.resampled)] if result.resampled else []),
        *((tr("Date {}").format(number), line) for number, line in enumerate(result.frames, 1)),
        (tr("Engine"), tr("{} on {} ({})").format(result.engine, result.device_name, result.device)),
        (tr("Tiles"), str(result.tiles)),
        (tr("Seconds"), ", ".join(f"{name} {seconds:.2f}" for name, seconds in result.timings.items())),
        (tr("Made"), made),
    ]


def value_facts(quantity: Quantity, result: messages.Result) -> Facts:
    """Return the statistics of a regression."""
    names = {"mean": tr("Mean"), "std": tr("Standard deviation"), "min": tr("Minimum"), "max": tr("Maximum")}
    statistics = [(names[key], f"{result.values[key]:,.5g} {quantity.unit}") for key in names if key in result.values]
    pixels = [(tr("Pixels with data"), f"{result.values.get('pixels', 0):,.0f}")]
    return [*statistics, *pixels, (tr("Pixels without data"), f"{result.nodata_pixels:,}")]


def parameters(request: messages.Segment) -> Facts:
    """Return the parameters by the names that scripts use; automatic ones are marked as such."""
    automatic = tr("automatic")
    extent = ", ".join(f"{v:g}" for v in request.extent) if request.extent else tr("all of the scene")
    return [
        (ids.BANDS, ",".join(map(str, request.bands)) or automatic),
        (ids.EXTENT, extent),
        (ids.FRAMES, ", ".join(request.frame_names)),
        (ids.DATES, ",".join(request.dates) or automatic),
        (ids.SENSOR, request.sensor or automatic),
        (ids.SCALE, automatic if request.scale is None else f"{request.scale:g}"),
        (ids.OFFSET, automatic if request.offset is None else f"{request.offset:g}"),
        (ids.RESOLUTION, f"{request.resolution_m:g}" if request.resolution_m else tr("the scene's own")),
        (ids.RESAMPLING, request.resampling),
        (ids.STRIDE, str(request.stride or tr("the model's"))),
        (ids.MIN_PROBABILITY, ", ".join(f"{value}={p:g}" for value, p in request.min_probability.items())),
        (ids.MIN_AREA, request.min_area),
        (ids.IGNORE_CLASSES, ", ".join(map(str, request.ignore_classes))),
        (ids.PIPELINE, request.pipeline),
        (ids.DEVICE, request.device),
        (ids.BATCH_SIZE, str(request.batch_size or automatic)),
        ("GPU_MEMORY", f"{request.gpu_memory:g}" if request.gpu_memory else automatic),
        (ids.PROBABILITY, request.probability),
        (ids.POLYGONS, request.polygons),
    ]


def where_it_comes_from(result: messages.Result) -> Facts:
    """Return what the engine wrote into the mask's metadata, enough to reproduce it."""
    try:
        dataset = gdal.Open(result.output)
    except RuntimeError:
        return []
    return list(provenance(dataset).items()) if dataset is not None else []  # without GDAL's exceptions


def provenance(dataset: gdal.Dataset) -> dict[str, str]:
    """Return the plugin's metadata of a mask, by name."""
    tags = dataset.GetMetadata() or {}
    return {k: v for k, v in sorted(tags.items()) if k.startswith(("PRITHVI_", "TIFFTAG_SOFTWARE"))}
