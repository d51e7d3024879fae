"""Read the names and values by which people refer to classes, in parameters and in fields of a reference."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from typing import Optional, TypeVar

T = TypeVar("T")


def folded(name: str) -> str:
    """Return a name for comparison: composed (NFC: macOS decomposes accents), without case, separators as one blank."""
    return re.sub(r"[\s,;]+", " ", unicodedata.normalize("NFC", name)).strip().casefold()


def split_words(text: str, find: Callable[[str], Optional[T]]) -> Iterator[tuple[str, Optional[T]]]:
    """Yield the words of a list that is separated by commas or semicolons, each with what ``find`` returns for it.

    The longest run of items that ``find`` knows is one word, since names may contain commas (``Beaches, dunes,
    sands``).
    """
    items = [item.strip() for item in re.split("[,;]", text) if item.strip()]
    while items:
        for count in range(len(items), 0, -1):
            word = ", ".join(items[:count])
            found = find(word)
            if found is not None or count == 1:
                yield word, found
                del items[:count]
                break


def whole_number(text: str) -> Optional[int]:
    """Return the value of ``3`` or ``3.0``; None for any other text."""
    try:
        number = float(text)
    except ValueError:
        return None
    return int(number) if number.is_integer() else None


class ClassWords:
    """The names of classes by value. A name that several classes share means none of them."""

    def __init__(self, names: Mapping[int, str]):
        by_name: dict[str, set[int]] = {}
        for value, name in names.items():
            by_name.setdefault(folded(name), set()).add(value)
        self._by_name = {name: values.pop() for name, values in by_name.items() if len(values) == 1}
        self.listing = ", ".join(f"{value} = {name}" for value, name in sorted(names.items()))
        """``1 = Water, 2 = Land``; empty without names."""

    def of_parameter(self, text: str) -> Optional[int]:
        """Return the class that a parameter means: a number is a value, other text a name."""
        number = whole_number(text)
        return self._by_name.get(folded(text)) if number is None else number

    def of_label(self, text: str) -> Optional[int]:
        """Return the class that a label in a text field means: a name, and a value where no class has that name."""
        named = self._by_name.get(folded(text))
        return whole_number(text) if named is None else named
