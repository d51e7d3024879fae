"""Names and colours of classes, as rasters carry them; and class values that people write as numbers or names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Optional

from osgeo import gdal

from ...core.errors import ErrorCode, PrithviError
from ...core.masks.mask_values import mask_values
from ..base import tr

_UNSURE_NAMES = ("unsure", "")
_NAME_COLUMNS = ("class", "class_name", "classname", "name", "label")
# Okabe and Ito's, for classes without a colour of their own.
_COLOURS = ("#999999", "#0072b2", "#e69f00", "#009e73", "#cc79a7", "#d55e00", "#56b4e9", "#f0e442")


@dataclass(frozen=True)
class ClassLook:
    """How a person knows a class; ``color`` is ``#rrggbb``."""

    name: str
    color: str


class ClassTable:
    """The classes that a raster names, by value.

    Args:
        band: whose attribute table, category names and colour table are read, in this order.
    """

    def __init__(self, band: gdal.Band):
        self.names: dict[int, str] = {}
        self._colours: dict[int, str] = {}
        self._unsure = {mask_values(2).uncertain}
        if band.DataType == gdal.GDT_UInt16:
            self._unsure.add(mask_values(255).uncertain)
        table = band.GetColorTable()
        if table is not None:
            for value in range(table.GetCount()):
                self._colours[value] = "#{:02x}{:02x}{:02x}".format(*table.GetColorEntry(value)[:3])
        for value, name in enumerate(band.GetCategoryNames() or []):
            if name:
                self.names[value] = name
        self._read_attributes(band.GetDefaultRAT())

    @property
    def unsure(self) -> frozenset[int]:
        """What a mask holds where no class was probable enough, unless it is the name of a class here."""
        return frozenset(v for v in self._unsure if self.names.get(v, "").casefold() in _UNSURE_NAMES)

    def look(self, value: int, other: Optional[ClassTable] = None) -> ClassLook:
        """Name and colour of a value; ``other`` is asked for what is not known here."""
        name = self.names.get(value) or (other.names.get(value) if other else None)
        if not name:
            name = tr("unsure") if value in self.unsure else tr("class {}").format(value)
        named = value in self.names or not (other and value in other.names)
        colours = (self if named or other is None else other)._colours
        return ClassLook(name, colours.get(value, _COLOURS[value % len(_COLOURS)]))

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


class ClassWords:
    """Class values written as numbers or by the names that a mask gives its classes, upper or lower case."""

    def __init__(self, names: Mapping[int, str]):
        self._values = {name.strip().casefold(): value for value, name in names.items()}
        self.known = ", ".join(f"{value} = {name}" for value, name in sorted(names.items()))

    def value(self, text: str) -> Optional[int]:
        """The class that ``text`` means, None for none."""
        named = self._values.get(text.strip().casefold())
        if named is not None:
            return named
        try:
            number = float(text)
        except ValueError:
            return None
        return int(number) if number.is_integer() else None

    def need(self, text: str, parameter: str) -> int:
        """As :meth:`value`.

        Raises:
            PrithviError: ``parameter_invalid``.
        """
        found = self.value(text)
        if found is None:
            raise PrithviError(
                ErrorCode.PARAMETER_INVALID,
                f"{parameter} {text} is no class.",
                f"Give a class value, or a name of the mask's: {self.known or '(it has no names)'}.",
            )
        return found
