"""Qt's .ts files: what Qt Linguist edits and lrelease compiles."""

from __future__ import annotations

import xml.etree.ElementTree as ET  # nosec B405: reads nothing but the files of this repository
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

CONTEXT = "Prithvi"  # as in prithvi_qgis/algorithms/base.py
_HEAD = '<?xml version="1.0" encoding="utf-8"?>\n<!DOCTYPE TS>\n'


@dataclass(frozen=True)
class Translation:
    """A text in another language."""

    text: str = ""
    """Empty until it is translated."""
    finished: bool = False
    """Whether a translator approved it."""
    gone: bool = False
    """Whether the source no longer contains it."""


def read(path: Path) -> dict[str, Translation]:
    """Map source texts to translations; empty without a file."""
    if not path.is_file():
        return {}
    found = {}
    for message in ET.parse(path).getroot().iter("message"):  # nosec B314: see above
        state = message.find("translation")
        kind = "" if state is None else state.get("type", "")
        text = "" if state is None else state.text or ""
        found[message.findtext("source", "")] = Translation(text, kind == "", kind in ("vanished", "obsolete"))
    return found


def renewed(old: Mapping[str, Translation], texts: Mapping[str, Sequence[str]]) -> dict[str, Translation]:
    """Return every text of the source with its translation, followed by translations of removed texts.

    A text that comes back gets its old translation, marked for review.
    """
    fresh = {}
    for source in texts:
        known = old.get(source, Translation())
        fresh[source] = Translation(known.text, known.finished and not known.gone)
    kept = {source: Translation(t.text, gone=True) for source, t in old.items() if source not in texts and t.text}
    return {**fresh, **kept}


def write(
    path: Path, language: str, translations: Mapping[str, Translation], texts: Mapping[str, Sequence[str]]
) -> None:
    """Write a .ts file without line numbers, which would change with every edit; empty ``language``: a template."""
    root = ET.Element("TS", version="2.1", sourcelanguage="en", **({"language": language} if language else {}))
    context = ET.SubElement(root, "context")
    ET.SubElement(context, "name").text = CONTEXT
    for source, translation in translations.items():
        message = ET.SubElement(context, "message")
        for file in texts.get(source, ()):
            ET.SubElement(message, "location", filename=f"../../{file}")
        ET.SubElement(message, "source").text = source
        kind = "vanished" if translation.gone else "" if translation.finished else "unfinished"
        ET.SubElement(message, "translation", {"type": kind} if kind else {}).text = translation.text
    ET.indent(root, "    ")
    path.write_text(_HEAD + ET.tostring(root, encoding="unicode") + "\n", encoding="utf-8")
