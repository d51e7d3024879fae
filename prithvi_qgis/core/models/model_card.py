"""Model cards: ``model.json`` beside a model's weights."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Optional

from ..errors import ErrorCode, PrithviError
from .revisions import pinned_revision, pins_of

MOST_DATES = 64  # that a model may look at
COLOR = re.compile(r"#[0-9a-fA-F]{6}")  # as cards have it
MOST_CLASSES = 65_534  # values 0 to 65533; 65534 and 65535 mean something else, see mask_values


@dataclass(frozen=True)
class ModelClass:
    """A class that the model tells apart: pixel value, name, colour ``#rrggbb``.

    ``ignore``: what the model calls so means nothing (a background that nobody labelled); the mask has no data there.
    """

    value: int
    name: str
    color: str
    ignore: bool = False


@dataclass(frozen=True)
class Quantity:
    """What a regression model predicts for each pixel: name and unit for people.

    ``low``, ``high``: where its colours begin and end; None leaves that to each raster's own numbers.
    """

    name: str
    unit: str = ""
    low: Optional[float] = None
    high: Optional[float] = None


@dataclass(frozen=True)
class ModelSource:
    """Where a model's files are published.

    Attributes:
        repo: ``owner/name`` on the Hugging Face hub; empty when no weights are published.
        files: to fetch; empty for ``config.json`` and whatever weights the repository has.
        size_bytes: of all of them, about; 0 when not known.
        config: TerraTorch's YAML among the files, or empty.
        checksums: sha256 of files where it is known beforehand.
    """

    repo: str
    files: tuple[str, ...] = ()
    size_bytes: int = 0
    config: str = ""
    checksums: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class ModelCard:
    """What is known of a model.

    Attributes:
        folder: where card, ``config.json`` and weights lie.
        id, title, description, licence, citation: for people.
        bands: TerraTorch band names in the model's order (``BLUE`` ... ``SWIR_2``).
        frames: dates a prediction needs.
        tile: side of the square input in pixels; stride, margin: TerraTorch's ``stride`` and ``delta``.
        scale, offset: reflectance = DN * scale + offset for the products the model was made for.
        mean, std: of the model's input in its own units, a value a band; ``units`` says which:
            ``reflectance`` (0..1) or ``dn`` (reflectance * 10000).
        task: ``segmentation`` or ``regression``.
        classes: in the order of the model's output channels; empty for a regression, which has a ``quantity``.
        location_coords, temporal_coords: whether the model wants them.
        weights: file name in the folder; sha256: its checksum, empty while it is not on this machine.
        revision: 40 hexadecimal digits of the hub's commit; empty when none is pinned.
        source: where to download it; None for a model that lies complete in its folder.
        sources: where the facts of the card were read; unverified: those that could not be checked.
    """

    folder: Path
    id: str
    title: str
    description: str
    licence: str
    citation: str
    bands: tuple[str, ...]
    frames: int
    tile: int
    stride: int
    margin: int
    scale: float
    offset: float
    units: str
    mean: tuple[float, ...]
    std: tuple[float, ...]
    classes: tuple[ModelClass, ...]
    location_coords: bool
    temporal_coords: bool
    weights: str
    sha256: str
    revision: str = ""
    resolution_m: float = 0.0
    source: Optional[ModelSource] = None
    sources: tuple[str, ...] = ()
    unverified: tuple[str, ...] = ()
    task: str = "segmentation"
    quantity: Optional[Quantity] = None

    @property
    def channels(self) -> int:
        """Numbers that the model predicts for each pixel."""
        return len(self.classes) or 1


def read_card(folder: Path) -> ModelCard:
    """Read and check ``model.json`` in ``folder``.

    Raises:
        PrithviError: ``model_invalid`` naming the file and the first thing that is wrong.
    """
    path = folder / "model.json"
    try:
        return _read(folder, _stamp(path), _stamp(pins_of(folder)))
    except (OSError, ValueError, TypeError, KeyError) as e:
        what = f"no {e}" if isinstance(e, KeyError) else str(e)
        raise PrithviError(
            ErrorCode.MODEL_INVALID,
            f"{path} is not a usable model card: {what}.",
            "Correct it.",
        ) from e


@lru_cache(maxsize=16)
def _read(folder: Path, *stamps: tuple[int, int]) -> ModelCard:
    """Of files as they were then; kept, since every scene of a run asks."""
    card = _card(folder, json.loads((folder / "model.json").read_text(encoding="utf-8")))
    _check(card)
    return card


def _stamp(path: Path) -> tuple[int, int]:
    """What tells that a file was changed; zeros where there is none."""
    try:
        info = path.stat()
    except FileNotFoundError:
        return 0, 0
    return info.st_mtime_ns, info.st_size


def find_model(name: str, folders: Iterable[Path]) -> ModelCard:
    """The card of a model given by id or by folder.

    Raises:
        PrithviError: ``model_unknown``, naming the known ids; ``model_invalid`` for a broken card.
    """
    folders = list(folders)
    known = {}
    for base in reversed(folders):
        if base.is_dir():
            known.update({p.parent.name: p.parent for p in sorted(base.glob("*/model.json"))})
    if name in known:
        return read_card(known[name])
    if name and Path(name).expanduser().is_dir() and (Path(name).expanduser() / "model.json").is_file():
        return read_card(Path(name).expanduser().absolute())
    raise PrithviError(
        ErrorCode.MODEL_UNKNOWN,
        f'There is no model "{name}".',
        f"Known models: {', '.join(sorted(known)) or 'none'}; or name a folder with a model.json.",
    )


def _card(folder: Path, body: dict[str, Any]) -> ModelCard:
    task = body.get("task", "segmentation")
    return ModelCard(
        folder=folder,
        id=body["id"],
        title=body["title"],
        description=body.get("description", ""),
        licence=body["licence"],
        citation=body.get("citation", ""),
        bands=tuple(body["bands"]),
        frames=int(body.get("frames", 1)),
        tile=int(body["tile"]),
        stride=int(body["stride"]),
        margin=int(body["margin"]),
        scale=float(body["scale"]),
        offset=float(body["offset"]),
        units=body["units"],
        mean=tuple(float(v) for v in body["mean"]),
        std=tuple(float(v) for v in body["std"]),
        classes=tuple(_class(c) for c in body["classes"]) if task == "segmentation" else (),
        location_coords=bool(body["location_coords"]),
        temporal_coords=bool(body["temporal_coords"]),
        weights=body["weights"],
        sha256="".join(body["sha256"].split()),  # written in groups, since scanners take a long one for a secret
        revision=body.get("revision", "") or pinned_revision(folder),
        resolution_m=float(body.get("resolution_m", 0)),
        source=_source(body["source"]) if body.get("source") else None,
        sources=tuple(body.get("sources", ())),
        unverified=tuple(body.get("unverified", ())),
        task=task,
        quantity=_quantity(body["quantity"]) if task == "regression" else None,
    )


def _class(body: dict[str, Any]) -> ModelClass:
    ignore = body.get("ignore", False)
    if not isinstance(ignore, bool):
        raise ValueError(f'"ignore" of {body["name"]} is {ignore!r}, neither true nor false')
    return ModelClass(int(body["value"]), body["name"], body["color"], ignore)


def _quantity(body: dict[str, Any]) -> Quantity:
    low, high = (None if body.get(key) is None else float(body[key]) for key in ("min", "max"))
    return Quantity(str(body["name"]), str(body.get("unit", "")), low, high)


def _source(body: dict[str, Any]) -> ModelSource:
    return ModelSource(
        repo=body["repo"],
        files=tuple(body.get("files", ())),
        size_bytes=int(body.get("size_bytes", 0)),
        config=body.get("config", ""),
        checksums=tuple((name, "".join(value.split())) for name, value in body.get("checksums", {}).items()),
    )


def _check(card: ModelCard) -> None:
    """ValueError with the first thing that cannot be right."""
    if not card.bands or len(card.mean) != len(card.bands) or len(card.std) != len(card.bands):
        raise ValueError(f"{len(card.bands)} bands, {len(card.mean)} means and {len(card.std)} stds do not match")
    if min(card.std) <= 0:
        raise ValueError(f"std {min(card.std)} is not above 0")
    if card.units not in ("reflectance", "dn"):
        raise ValueError(f'units "{card.units}" is neither reflectance nor dn')
    if not 1 <= card.frames <= MOST_DATES:
        raise ValueError(f"{card.frames} frames are not between 1 and {MOST_DATES}")
    if not 0 < card.stride <= card.tile or not 0 <= card.margin < card.tile // 2:
        raise ValueError(f"tile {card.tile}, stride {card.stride} and margin {card.margin} do not fit")
    _check_task(card)
    for name in (card.weights, *(card.source.files if card.source else ())):
        if Path(name).name != name or not name:
            raise ValueError(f'weights "{name}" is no plain file name')


def _check_task(card: ModelCard) -> None:
    """What a model predicts: classes or a quantity."""
    if card.quantity is not None:
        low, high = card.quantity.low, card.quantity.high
        if not card.quantity.name.strip():
            raise ValueError("the quantity has no name")
        if any(v is not None and not math.isfinite(v) for v in (low, high)) or (
            low is not None and high is not None and low >= high
        ):
            raise ValueError(f"the quantity's min {low} and max {high} do not fit")
        return
    if card.task != "segmentation":
        raise ValueError(f'task "{card.task}" is neither segmentation nor regression')
    values = [c.value for c in card.classes]
    if len(values) < 2 or values != list(range(len(values))) or len(values) > MOST_CLASSES:
        shown = values if len(values) <= 20 else f"{str(values[:20])[:-1]}, ...]"
        raise ValueError(f"class values {shown} do not count from 0 (2 to {MOST_CLASSES} classes)")
    for c in card.classes:
        if not COLOR.fullmatch(c.color):
            raise ValueError(f'colour "{c.color}" of {c.name} is not #rrggbb')
    if all(c.ignore for c in card.classes):
        raise ValueError("every class is to be ignored")
