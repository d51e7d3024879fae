"""Open a netCDF, HDF5 or Zarr file whose variables are the bands of one scene: one raster, stacked in a GDAL VRT.

openEO, xarray and others write a variable per band. GDAL lists them as subdatasets; the file itself has no band then.
"""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Optional

from ..errors import ErrorCode, PrithviError
from .band_vrt import BandFile, ReadBandFile, stack_vrt
from .bands import identify
from .sentinel2 import Product

_SUFFIXES = (".nc", ".nc4", ".cdf", ".h5", ".hdf5", ".he5", ".hdf", ".zarr")
MAX_VARIABLES = 64
_UNNAMED = re.compile(r"Band(\d+)")  # GDAL's name of the variable of a band without one

ReadSubdatasets = Callable[[str], Sequence[tuple[str, int]]]
"""Of a GDAL name: the name and number of bands of each subdataset; empty for a raster that has bands of its own."""


def may_be_container(source: str) -> bool:
    """Whether a path is that of a file that holds several variables, by its name alone."""
    return source.rstrip("/").lower().endswith(_SUFFIXES) and os.path.exists(source)


def find_container(source: str, read_subdatasets: ReadSubdatasets, read_band_file: ReadBandFile) -> Optional[Product]:
    """Return the scene that a container's variables form; None for a raster with bands of its own.

    Variables with a single band are stacked: those on the grid of the first one that names a band of a sensor, else on
    the grid that most have. Each keeps its nodata value, scale and offset.

    Raises:
        PrithviError: ``source_unsupported``, with the subdatasets, where no variables form a scene.
    """
    path = Path(source).absolute()
    subdatasets = list(read_subdatasets(str(path)))[:MAX_VARIABLES] if may_be_container(source) else []
    if not subdatasets:
        return None
    single = [sub for sub, count in subdatasets if count == 1]
    files = {sub: file for sub in single if (file := _read(read_band_file, variable(sub), sub))}
    bands = sorted(files, key=_position)
    found = identify([_band_name(sub) for sub in bands], {})
    grids = [_grid(files[sub]) for sub in bands]
    grid = grids[min(found.values()) - 1] if found else max(grids, key=grids.count, default=())
    bands = [sub for sub, its in zip(bands, grids) if its == grid]
    names = [variable(sub) for sub in bands]
    if len(bands) < 2 or len(set(names)) < len(names):  # groups of several dates repeat their variables
        raise several_subdatasets(path.name, subdatasets)
    vrt, crs = stack_vrt([(_band_name(sub), sub) for sub in bands], lambda _, sub: files[sub])
    left = [variable(sub) for sub, _ in subdatasets if sub not in bands]
    note = f"{path.name} holds a variable per band: {', '.join(names)}"
    note += f"; {', '.join(left)} not used: another grid, type or number of layers." if left else "."
    return Product(str(path), path.name, vrt, tuple(map(_band_name, bands)), crs, note, ())


def variable(subdataset: str) -> str:
    """Return the variable of a subdataset's name: ``B02`` for ``HDF5:"a.h5"://group/B02``."""
    return re.split(r"[:/]", subdataset.rstrip("/"))[-1].strip('"') or subdataset


def several_subdatasets(name: str, subdatasets: Sequence[tuple[str, int]]) -> PrithviError:
    """Return the error for a container: its variables, and how to stack those that are the bands of one scene.

    Args:
        name: of the file.
        subdatasets: name and number of bands of each; 0 where unknown.
    """
    names = ", ".join(
        f"{variable(sub)} ({count} layers)" if count > 1 else variable(sub) for sub, count in subdatasets[:12]
    )
    # A layer of several, such as a date, has to be chosen by a name of its own in every version of GDAL.
    first = (f"vrt://{sub}?bands=1" if count > 1 else sub for sub, count in subdatasets[:6])
    command = f"gdalbuildvrt -separate stack.vrt {' '.join(map(shlex.quote, first))}"
    return PrithviError(
        ErrorCode.SOURCE_UNSUPPORTED,
        f"{name} has no bands of its own but {len(subdatasets)} subdatasets (variables)"
        f"{f': {names}' if names else ''}{', ...' if len(subdatasets) > 12 else ''}.",
        f"Stack those of one date and grid, with BANDS in the model's order: {command}" if names else "",
    )


def _band_name(subdataset: str) -> str:
    """Return the variable as a band's description; empty where GDAL only numbered it."""
    name = variable(subdataset)
    return "" if _UNNAMED.fullmatch(name) else name


def _position(subdataset: str) -> tuple[int, int]:
    """Return the sort key of variables: those that GDAL numbered in their order, others as the file lists them."""
    unnamed = _UNNAMED.fullmatch(variable(subdataset))
    return (0, int(unnamed[1])) if unnamed else (1, 0)


def _grid(file: BandFile) -> tuple[object, ...]:
    """Return what files of the same place have in common: corners to the nearest pixel, and whether there is a CRS."""
    size = abs(file.transform[1]) or 1.0
    return (*(round(corner / size) for corner in file.corners), size if file.wkt else 0.0, file.wkt)


def _read(read_band_file: ReadBandFile, name: str, subdataset: str) -> Optional[BandFile]:
    """Return the header of a variable; None for one of a type that is not an image's."""
    try:
        return read_band_file(name, subdataset)
    except PrithviError:
        return None
