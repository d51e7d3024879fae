"""Read what a file declares about a scene, and merge it with what its layer or STAC item states."""

from __future__ import annotations

import dataclasses
from typing import Optional

from rasterio.crs import CRS
from rasterio.enums import ColorInterp
from rasterio.io import DatasetReader
from rasterio.transform import Affine
from rasterio.warp import transform as transform_points

from ...core.protocol.stated_metadata import StatedMetadata
from ...core.scenes.band_evidence import describe_band
from ...core.scenes.scene_metadata import BandMetadata, SceneMetadata, declared_scaling, merge_stated
from ...core.scenes.validity import masks_a_band
from ..gdal_errors import GDAL_ERRORS
from .geodetic_base import wkt_of
from .raster_source import Grid


def read_metadata(handle: DatasetReader, stated: Optional[StatedMetadata], name: str) -> tuple[Grid, SceneMetadata]:
    """Return grid and metadata, merged of the file's and of what is stated beside it."""
    gcps, gcp_crs = handle.gcps
    grid = Grid(handle.width, handle.height, handle.crs or (gcp_crs if gcps else None), handle.transform, tuple(gcps))
    if stated is None:
        return grid, _file_metadata(handle)
    warnings = []
    if stated.crs and _crs_of(stated.crs) is None:
        warnings.append(f"The CRS of {stated.by} cannot be read, and is not used for {name}: {stated.crs}.")
        stated = dataclasses.replace(stated, crs="")
    if stated.transform and grid.transform.is_identity and not gcps:
        if stated.shape in ((), (grid.height, grid.width)):
            grid = dataclasses.replace(grid, transform=Affine.from_gdal(*stated.transform))
        else:
            warnings.append(
                f"{name} has no georeference, and that of {stated.by} is for {stated.shape[1]} x "
                f"{stated.shape[0]} pixels instead of {grid.width} x {grid.height}: it is not used."
            )
    own_crs = wkt_of(grid.crs) if grid.crs is not None and stated.crs else ""
    file = dataclasses.replace(_file_metadata(handle, masks=True), crs=own_crs, warnings=tuple(warnings))
    merged = merge_stated(file, stated, name, lambda one, other: _place_alike(one, other, grid))
    if merged.crs != own_crs:
        grid = dataclasses.replace(grid, crs=_crs_of(merged.crs))
    return grid, merged


def _file_metadata(handle: DatasetReader, masks: bool = False) -> SceneMetadata:
    """Return what a file declares, without its CRS; whether bands are masked only with ``masks``: it opens sidecars."""
    alpha = ColorInterp.alpha in handle.colorinterp
    bands = []
    for index, name in enumerate(handle.descriptions):
        tags = {**handle.tags(index + 1), **handle.tags(index + 1, ns="IMAGERY")}
        scale, offset = declared_scaling(handle.scales[index], handle.offsets[index])
        masked = masks and (alpha or masks_a_band(sum(handle.mask_flag_enums[index])))
        bands.append(
            BandMetadata(
                describe_band(name or "", tags),
                str(handle.dtypes[index]),
                scale,
                offset,
                handle.nodatavals[index],
                masked=masked,
                tags=tags,
            )
        )
    return SceneMetadata(tuple(bands), all_tags(handle))


def _crs_of(crs: str) -> Optional[CRS]:
    try:
        return CRS.from_user_input(crs)
    except GDAL_ERRORS:
        return None


def _place_alike(one: str, other: str, grid: Grid) -> bool:
    """Whether two CRSs place corners and centre of a grid within half a pixel: names of the same CRS differ."""
    first, second = CRS.from_user_input(one), CRS.from_user_input(other)
    if first == second:
        return True
    pixels = [(0, 0), (grid.width, 0), (0, grid.height), (grid.width, grid.height), (grid.width / 2, grid.height / 2)]
    xs, ys = zip(*(grid.transform @ pixel for pixel in pixels))
    try:
        moved = transform_points(second, first, xs, ys)
    except GDAL_ERRORS:
        return False
    back = [~grid.transform @ place for place in zip(*moved[:2])]
    return all(abs(a - c) < 0.5 and abs(b - r) < 0.5 for (a, b), (c, r) in zip(back, pixels))


def all_tags(handle: DatasetReader) -> dict[str, str]:
    """Return the metadata of every domain that may describe sensor or product."""
    tags = dict(handle.tags())
    for domain in ("IMAGERY", "TIFFTAG", "ENVI"):
        tags.update(handle.tags(ns=domain))
    return {k: str(v) for k, v in tags.items()}
