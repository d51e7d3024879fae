"""Reads the names and colours of classes from a raster."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Optional

from osgeo import gdal

from ...core.masks.mask_values import mask_values
from ..base import tr

_UNCERTAIN_NAMES = ("unsure", "")
_NAME_COLUMNS = ("class", "class_name", "classname", "name", "label")
# Okabe and Ito's palette, for classes that the raster gives no colour.
_COLOURS = ("#999999", "#0072b2", "#e69f00", "#009e73", "#cc79a7", "#d55e00", "#56b4e9", "#f0e442")


@dataclass(frozen=True)
class ClassStyle:
    """Name and colour of a class."""

    name: str
    color: str
    """``#rrggbb``."""


class ClassTable:
    """The classes that a raster names, by value.

    Args:
        band: its attribute table takes precedence over its category names and colour table.
    """

    def __init__(self, band: gdal.Band):
        self.names: dict[int, str] = {}
        self._colours: dict[int, str] = {}
        self._uncertain = {mask_values(2).uncertain}
        if band.DataType == gdal.GDT_UInt16:
            self._uncertain.add(mask_values(255).uncertain)
        table = band.GetColorTable()
        if table is not None:
            for value in range(table.GetCount()):
                self._colours[value] = "#{:02x}{:02x}{:02x}".format(*table.GetColorEntry(value)[:3])
        for value, name in enumerate(band.GetCategoryNames() or []):
            if name:
                self.names[value] = name
        self._read_attributes(band.GetDefaultRAT())

    @property
    def uncertain(self) -> frozenset[int]:
        """Values of pixels where no class was probable enough, except values that the raster names as a class."""
        return frozenset(v for v in self._uncertain if self.names.get(v, "").casefold() in _UNCERTAIN_NAMES)

    def style_of(self, value: int, fallback: Optional[ClassTable] = None) -> ClassStyle:
        """Return name and colour of a value; for a value without a name here, those of ``fallback``."""
        name = self.names.get(value) or (fallback.names.get(value) if fallback else None)
        if not name:
            name = tr("unsure") if value in self.uncertain else tr("class {}").format(value)
        named = value in self.names or not (fallback and value in fallback.names)
        colours = (self if named or fallback is None else fallback)._colours
        return ClassStyle(name, colours.get(value, _COLOURS[value % len(_COLOURS)]))

    def _read_attributes(self, table: Optional[gdal.RasterAttributeTable]) -> None:
        if table is None:
            return
        titles = [table.GetNameOfCol(i).casefold() for i in range(table.GetColumnCount())]

        def column(usage: int, *usual: str) -> int:
            found = table.GetColOfUsage(usage)
            return found if found >= 0 else next((titles.index(t) for t in usual if t in titles), -1)

        value_at, name_at = column(gdal.GFU_MinMax, "value"), column(gdal.GFU_Name, *_NAME_COLUMNS)
        colours_at = [table.GetColOfUsage(u) for u in (gdal.GFU_Red, gdal.GFU_Green, gdal.GFU_Blue)]
        if value_at < 0:
            return
        for row in range(table.GetRowCount()):
            value = table.GetValueAsInt(row, value_at)
            if name_at >= 0 and table.GetValueAsString(row, name_at):
                self.names[value] = table.GetValueAsString(row, name_at)
            if min(colours_at) >= 0:
                self._colours[value] = "#{:02x}{:02x}{:02x}".format(
                    *(min(255, max(0, table.GetValueAsInt(row, i))) for i in colours_at)
                )
