"""Find the acquisition date of a scene: as given, from its metadata, or from its name. Both sides use it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from typing import Optional

from ..errors import ErrorCode, PrithviError
from ..models.model_card import ModelCard
from ..protocol.stated_metadata import StatedMetadata
from .granules import PRODUCT_TAG

_EXAMPLE = "Give a date a scene, INPUT's first, such as 2023-03-14,2023-05-20,2023-07-01; an empty place is found."
FILE_DATE = "TIFFTAG_DATETIME"  # may be when the file was written
# Best first. GDAL's IMAGERY domain; HLS; Sentinel-2 through GDAL's driver; Landsat's MTL; STAC; TIFF's own.
TAG_KEYS = (
    "ACQUISITIONDATETIME",
    "SENSING_TIME",
    "DATATAKE_1_DATATAKE_SENSING_START",
    "PRODUCT_START_TIME",
    "DATE_ACQUIRED",
    "ACQUISITION_DATE",
    "ACQUISITION_TIME",
    "START_DATETIME",
    "DATETIME",
    "SYSTEM:TIME_START",
    "TIME_COVERAGE_START",
    FILE_DATE,
)
NAME_KEYS = (
    PRODUCT_TAG,
    "PRODUCT_URI",
    "PRODUCT_ID",
    "LANDSAT_PRODUCT_ID",
    "GRANULE_ID",
    "SCENE_ID",
    "LANDSAT_SCENE_ID",
)
_FIRST, _LAST = 1972, 2100  # Landsat 1, and beyond any plausible year
# HLS v2 user guide: HLS.S30.T13TGF.2022170T172859.v2.0
_HLS = re.compile(r"HLS\.?[SL]30\.T\w{5}\.(\d{4})(\d{3})(?:T\d{6})?(?!\d)", re.I)
# ESA: S2A_MSIL2A_20230314T104021_..., its files T31UFS_20230314T104021_B02, its granule L2A_T31UFS_A040339_2023...; the
# old S2A_OPER_PRD_MSIL1C_PDMC_20151206T093912_R022_V20150704T101337_... begins with its processing date.
_SENTINEL2 = re.compile(
    r"(?:S2[A-D]_MSI\w{3}_|_V|(?<![A-Z\d])T\d{2}[A-Z]{3}_(?:A\d{6}_)?)(\d{4})(\d{2})(\d{2})T\d{6}", re.I
)
# USGS: collections LC08_L2SP_190024_20230314_20230320_02_T1 (taken, processed), and before LC81900242015123LGN00
_LANDSAT = re.compile(r"L[COTEM]0[1-9]_L\w{3}_\d{6}_(\d{4})(\d{2})(\d{2})_", re.I)
_OLD_LANDSAT = re.compile(r"L[COTEM][1-9]\d{6}(\d{4})(\d{3})[A-Z]{3}\d{2}", re.I)
_OFFSET = re.compile(r"T(\d{2}):?(\d{2})(?::?\d{2}(?:\.\d+)?)?([+-])(\d{2}):?(\d{2})$")  # RFC 3339: local time and zone
_ANY = re.compile(r"(?<!\d)(\d{4})([-_.]?)(\d{2})\2(\d{2})(?=T\d{4}|\D|$)")


@dataclass(frozen=True)
class FoundDate:
    """Acquisition date of a scene."""

    day: date
    """Day in UTC."""
    where: str
    """Its origin: ``DATES``, a metadata key, ``its name``."""

    @property
    def text(self) -> str:
        """Day and origin, for messages."""
        return f"{self.day.isoformat()} ({self.where})"


def find_date(
    given: str, band_tags: Iterable[Mapping[str, str]], tags: Mapping[str, str], name: str = ""
) -> Optional[FoundDate]:
    """Return the date of a scene, from the first of the arguments that contains one.

    Args:
        given: by the user, ISO, or empty; checked by :func:`read_dates`.
        band_tags: metadata of each band; ignored where bands have different days.
        tags: of the file, all domains.
        name: path, or what GDAL opens, or empty; product names of parent folders count.
    """
    if given:
        return FoundDate(date.fromisoformat(given), "DATES")
    in_bands = {found for found in map(_of_tags, band_tags) if found is not None}
    if len({found.day for found in in_bands}) == 1:
        return min(in_bands, key=lambda found: found.where)
    return _of_tags(tags) or date_in_name(name)


def with_stated_date(found: Optional[FoundDate], stated: Optional[StatedMetadata]) -> Optional[FoundDate]:
    """Return the date that is found in a scene, or the stated one where it counts more.

    A layer's date counts before all but DATES; an item's only before :data:`FILE_DATE`.
    """
    day = day_of_text(stated.date) if stated else None
    if stated is None or day is None or (found is not None and found.where == "DATES"):
        return found
    if found is None or found.where == FILE_DATE or stated.precedes_file:
        return FoundDate(day, stated.by)
    return found


def date_in_name(name: str) -> Optional[FoundDate]:
    """Return the date by the conventions of HLS, Sentinel-2 and Landsat, else the only date in the file's name."""
    parts = [part for part in re.split(r"[/\\:]", name.split("?", 1)[0]) if part]
    for part in reversed(parts):
        day = _of_product(part)
        if day:
            return FoundDate(day, "its name")
    days = {_day(y, m, d) for y, _, m, d in _ANY.findall(parts[-1])} - {None} if parts else set()
    only = days.pop() if len(days) == 1 else None
    return FoundDate(only, "its name") if only else None


def read_dates(text: str, count: int) -> tuple[str, ...]:
    """Return ISO dates from ``"2023-03-14,,2023-07-01"``, "" where one must be found; () for an empty text.

    Raises:
        PrithviError: ``parameter_invalid`` for another number than ``count``, or for an invalid date.
    """
    if not text.strip():
        return ()
    items = [p.strip() for p in text.replace(";", ",").split(",")]
    check_dates(items, count)
    return tuple(items)


def check_dates(dates: Sequence[str], count: int) -> None:
    """Raise ``parameter_invalid`` unless ``dates`` is empty, or holds ``count`` ISO dates or empty texts."""
    if dates and len(dates) != count:
        raise PrithviError(
            ErrorCode.PARAMETER_INVALID,
            f"DATES names {len(dates)} {'date' if len(dates) == 1 else 'dates'} ({','.join(dates)}) for {count} "
            f"{'scene' if count == 1 else 'scenes'} (INPUT and FRAMES).",
            _EXAMPLE,
        )
    for item in filter(None, dates):
        if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", item) or not _day(*item.split("-")):
            raise PrithviError(
                ErrorCode.PARAMETER_INVALID, f'"{item[:40]}" in DATES is no date of {_FIRST} to {_LAST}.', _EXAMPLE
            )


def check_frames(card: ModelCard, further: int) -> None:
    """Raise ``parameter_invalid`` unless a model takes ``further`` dates in addition to the first."""
    if further == card.frames - 1:
        return
    if card.frames == 1:
        raise PrithviError(
            ErrorCode.PARAMETER_INVALID,
            f"FRAMES names {further} further {'date' if further == 1 else 'dates'}, but {card.id} looks at one date.",
            "Leave FRAMES empty; to segment several scenes run the algorithm once for each.",
        )
    raise PrithviError(
        ErrorCode.PARAMETER_INVALID,
        f"{card.id} looks at {card.frames} dates: INPUT and {card.frames - 1} in FRAMES, which names {further}.",
        f"Give FRAMES {card.frames - 1} further {'scene' if card.frames == 2 else 'scenes'} of the same place.",
    )


def refuse_twice(sources: Sequence[str]) -> None:
    """Raise ``parameter_invalid`` when one of the dates' files is named twice."""
    for number, source in enumerate(sources):
        if source and source in sources[:number]:
            raise PrithviError(
                ErrorCode.PARAMETER_INVALID,
                f"{source} is named twice among INPUT and FRAMES.",
                "INPUT is the first date; give FRAMES the further ones only.",
            )


def _of_tags(tags: Mapping[str, str]) -> Optional[FoundDate]:
    known = {str(k).upper(): str(v).strip() for k, v in tags.items()}
    for key in TAG_KEYS[:-1]:
        day = _of_value(known.get(key, ""), key)
        if day:
            return FoundDate(day, key)
    for key in NAME_KEYS:
        day = _of_product(known.get(key, ""))
        if day:
            return FoundDate(day, "its name" if key == PRODUCT_TAG else key)
    day = _of_value(known.get(TAG_KEYS[-1], ""), TAG_KEYS[-1])
    return FoundDate(day, TAG_KEYS[-1]) if day else None


def day_of_text(text: str) -> Optional[date]:
    """Return the day in ``2022-06-19T17:28:59Z`` and similar texts; None without one."""
    return _of_value(text, "")


def _of_value(value: str, key: str) -> Optional[date]:
    """Return the day of ``2022-06-19T17:28:59Z``, ``2022:06:19 17:28:59``, ``20220619``, or epoch milliseconds."""
    if key == "SYSTEM:TIME_START" and re.fullmatch(r"\d{11,13}(\.0)?", value):
        taken = datetime(1970, 1, 1, tzinfo=timezone.utc) + timedelta(milliseconds=float(value))
        return _day(*taken.strftime("%Y-%m-%d").split("-"))
    match = re.match(r"\D?(\d{4})([-:/.]?)(\d{2})\2(\d{2})(?!\d)", value)
    day = _day(match[1], match[3], match[4]) if match else None
    offset = _OFFSET.search(value) if day else None
    if day is None or offset is None:
        return day
    hours, minutes, sign, east_h, east_m = offset.groups()
    shift = (int(east_h) * 60 + int(east_m)) * (1 if sign == "+" else -1)
    return day + timedelta(minutes=int(hours) * 60 + int(minutes) - shift)


def _of_product(name: str) -> Optional[date]:
    for pattern in (_HLS, _SENTINEL2, _LANDSAT, _OLD_LANDSAT):
        match = pattern.search(name)
        day = _day(*match.groups()) if match else None
        if day:
            return day
    return None


def _day(year: str, *rest: str) -> Optional[date]:
    """Return the day of a year, month and day, or of a year and day of the year; None for an invalid date."""
    try:
        if len(rest) == 1:
            day = date(int(year), 1, 1) + timedelta(days=int(rest[0]) - 1)
            if day.year != int(year):
                return None
        else:
            day = date(int(year), int(rest[0]), int(rest[1]))
    except ValueError:
        return None
    return day if _FIRST <= day.year <= _LAST else None
