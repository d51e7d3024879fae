"""One raster over the masks of many scenes: a VRT that refers to them, one per CRS."""

from __future__ import annotations

import math
import os
import re
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, Optional

from ..masks.styling import rgb
from ..models.model_card import ModelClass
from .raster_grid import RasterGrid
from .records import unwritable, write_text

if TYPE_CHECKING:
    from .raster_tool import RasterTool

NONE, VRT, COG = 0, 1, 2
BYTE = "Byte"  # the only type of masks for which GDAL has palettes


@dataclass(frozen=True)
class Mosaic:
    """Result of :func:`write_mosaic`."""

    files: tuple[Path, ...] = ()
    notes: tuple[str, ...] = ()
    """Messages for the user."""


def write_mosaic(
    folder: Path, masks: Sequence[Path], classes: Sequence[ModelClass], rasters: RasterTool, kind: int
) -> Mosaic:
    """Write ``mosaic.vrt`` (``mosaic_EPSG_32630.vrt``, ... for masks in several CRSs), styled as the masks.

    Where masks overlap, the later one in ``masks`` covers the earlier one; nodata never covers. Masks of another
    pixel size or grid are resampled by nearest neighbour. Nothing is warped.

    Args:
        folder: of the files.
        masks: to refer to, in the order in which they cover each other.
        classes: that the masks may have, with the one for unsure; none for a regression.
        rasters: raster operations of this process.
        kind: :data:`VRT`, or :data:`COG` for a cloud-optimised GeoTIFF of each VRT as well.
    Raises:
        PrithviError: ``output_unwritable``.
    """
    groups: dict[str, list[tuple[Path, RasterGrid]]] = {}
    left_out = 0
    for mask in masks:
        grid = rasters.grid(mask)
        if grid is None or grid.transform[2] or grid.transform[4] or grid.transform[5] >= 0:
            left_out += 1
        else:
            groups.setdefault(grid.crs, []).append((mask, grid))
    notes = []
    if left_out:
        notes.append(f"The mosaic leaves out {left_out} masks without georeference, rotated or south-up.")
    if len(groups) > 1:
        notes.append(f"The masks are in {len(groups)} CRSs: there is a mosaic for each.")
    files: list[Path] = []
    for number, group in enumerate(groups.values(), 1):
        name = re.sub(r"\W+", "_", group[0][1].crs_name) or str(number)
        target = folder / ("mosaic.vrt" if len(groups) == 1 else f"mosaic_{name}.vrt")
        if target in files:
            target = folder / f"mosaic_{name}_{number}.vrt"
        write_text(target, _xml(folder, group, classes))
        files.append(target)
        _style(group[0][0], target)
        if kind == COG:
            files.append(_cog(target, rasters))
    return Mosaic(tuple(files), tuple(notes))


def _cog(vrt: Path, rasters: RasterTool) -> Path:
    """Write a cloud-optimised GeoTIFF of a VRT, with the class names that GDAL writes next to it."""
    cog = vrt.with_suffix(".tif")
    fresh = vrt.with_name(f".{vrt.stem}.prithvi-{os.getpid()}-cog.tif")
    names = fresh.with_name(fresh.name + ".aux.xml")
    try:
        rasters.cog(vrt, fresh)
        if names.exists():
            os.replace(names, cog.with_name(cog.name + ".aux.xml"))
        os.replace(fresh, cog)
    except OSError as e:
        raise unwritable(cog, e) from e
    finally:
        fresh.unlink(missing_ok=True)
        names.unlink(missing_ok=True)
    return cog


def _style(mask: Path, target: Path) -> None:
    style = mask.with_suffix(".qml")
    if style.is_file():
        try:
            shutil.copyfile(style, target.with_suffix(".qml"))
        except OSError as e:
            raise unwritable(target.with_suffix(".qml"), e) from e


def _xml(folder: Path, group: Sequence[tuple[Path, RasterGrid]], classes: Sequence[ModelClass]) -> str:
    grids = [g for _, g in group]
    step_x = min(g.transform[1] for g in grids)
    step_y = min(-g.transform[5] for g in grids)
    left, top = min(g.transform[0] for g in grids), max(g.transform[3] for g in grids)
    right = max(g.transform[0] + g.width * g.transform[1] for g in grids)
    bottom = min(g.transform[3] + g.height * g.transform[5] for g in grids)
    width, height = math.ceil((right - left) / step_x - 1e-6), math.ceil((top - bottom) / step_y - 1e-6)
    out = [
        f'<VRTDataset rasterXSize="{width}" rasterYSize="{height}"><SRS>{escape(grids[0].crs)}</SRS>',
        f"<GeoTransform>{left!r}, {step_x!r}, 0.0, {top!r}, 0.0, {-step_y!r}</GeoTransform>",
        f'<VRTRasterBand dataType="{grids[0].dtype}" band="1">{_nodata("NoDataValue", grids[0])}',
    ]
    if grids[0].dtype == BYTE:
        out.append(_palette(classes))
    for mask, g in group:
        cols = _Span.of((g.transform[0] - left) / step_x, g.width, g.transform[1] / step_x)
        rows = _Span.of((top - g.transform[3]) / step_y, g.height, -g.transform[5] / step_y)
        if not cols.pixels or not rows.pixels:
            continue  # smaller than a pixel, between two centres
        out.append(
            '<ComplexSource resampling="nearest"><SourceFilename relativeToVRT="1">'
            f"{escape(os.path.relpath(mask, folder))}</SourceFilename><SourceBand>1</SourceBand>"
            f'<SourceProperties RasterXSize="{g.width}" RasterYSize="{g.height}" DataType="{g.dtype}"/>'
            f'<SrcRect xOff="{cols.source!r}" yOff="{rows.source!r}" xSize="{cols.size!r}" ySize="{rows.size!r}"/>'
            f'<DstRect xOff="{cols.first}" yOff="{rows.first}" xSize="{cols.pixels}" ySize="{rows.pixels}"/>'
            f"{_nodata('NODATA', g)}</ComplexSource>"
        )
    return "".join([*out, "</VRTRasterBand></VRTDataset>\n"])


class _Span(NamedTuple):
    """The pixels of a mosaic, along one axis, whose centres lie in a mask, and the same stretch in the mask's pixels.

    Whole pixels on the mosaic's side: with fractions GDAL rounds both ends, and the mask grows.
    """

    first: int
    pixels: int
    source: float
    size: float

    @classmethod
    def of(cls, start: float, pixels: int, step: float) -> _Span:
        """Return the span of ``pixels`` that begin at ``start`` and take ``step`` each, in pixels of the mosaic."""
        first, end = math.ceil(start - 0.5 - 1e-9), math.ceil(start + pixels * step - 0.5 - 1e-9)
        return cls(first, end - first, (first - start) / step, (end - first) / step)


def _nodata(element: str, grid: RasterGrid) -> str:
    return "" if grid.nodata is None else f"<{element}>{grid.nodata:.17g}</{element}>"


def _palette(classes: Sequence[ModelClass]) -> str:
    """Return colour and name of each value; GDAL counts both from 0, so values between two classes have empty ones."""
    known = {c.value: c for c in classes}
    out = ["<ColorInterp>Palette</ColorInterp><ColorTable>"]
    for value in range(256):
        colour = known[value].color if value in known else ""
        r, g, b = rgb(colour) if colour else (0, 0, 0)
        out.append(f'<Entry c1="{r}" c2="{g}" c3="{b}" c4="{255 if colour else 0}"/>')
    out.append("</ColorTable><CategoryNames>")
    for value in range(max(known, default=-1) + 1):
        out.append(f"<Category>{escape(known[value].name) if value in known else ''}</Category>")
    return "".join([*out, "</CategoryNames>"])


def short_name(authority: Optional[str], code: Optional[str]) -> str:
    """Return the name of a CRS such as EPSG:32630; empty for a CRS without a code."""
    return f"{authority}:{code}" if authority and code else ""
