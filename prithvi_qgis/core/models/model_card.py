"""Model cards: ``model.json`` next to a model's weights."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Optional

from ..errors import ErrorCode, PrithviError
from .revisions import pinned_revision, pins_of

JsonObject = Mapping[str, Any]  # as parsed from a file
MOST_DATES = 64  # of one model
COLOR = re.compile(r"#[0-9a-fA-F]{6}")
MOST_CLASSES = 65_534  # values 0 to 65533; 65534 and 65535 are special, see core.masks.mask_values


@dataclass(frozen=True)
class ModelClass:
    """A class that the model distinguishes."""

    value: int
    """Value in the mask, and index of the model's output channel."""
    name: str
    """For legends and tables."""
    color: str
    """``#rrggbb``."""
    ignore: bool = False
    """Whether it is meaningless (unlabelled background) and becomes nodata."""


@dataclass(frozen=True)
class Quantity:
    """What a regression model predicts per pixel."""

    name: str
    """For legends and tables."""
    unit: str = ""
    """Likewise; may be empty."""
    low: Optional[float] = None
    """Value of the first colour; None derives it from each raster."""
    high: Optional[float] = None
    """Value of the last colour; None derives it from each raster."""


@dataclass(frozen=True)
class ModelSource:
    """Where a model's files are published."""

    repo: str
    """``owner/name`` on the Hugging Face hub; empty when no weights are published."""
    files: tuple[str, ...] = ()
    """To download; empty for ``config.json`` and the weights that the repository has."""
    size_bytes: int = 0
    """Approximate total; 0 when unknown."""
    config: str = ""
    """TerraTorch's YAML among the files, or empty."""
    checksums: tuple[tuple[str, str], ...] = ()
    """(file, sha256) of files whose checksum is known beforehand."""


@dataclass(frozen=True)
class ModelCard:
    """Description of a model."""

    folder: Path
    """Folder of card, ``config.json`` and weights."""
    id: str
    """Name of the folder, for requests."""
    title: str
    """Title for lists."""
    description: str
    """What the model does, in a few sentences."""
    licence: str
    """Licence of the weights."""
    citation: str
    """How to cite it."""
    bands: tuple[str, ...]
    """TerraTorch band names in the model's order (``BLUE`` ... ``SWIR_2``)."""
    frames: int
    """Dates per prediction."""
    tile: int
    """Side of the square input in pixels."""
    stride: int
    """TerraTorch's ``stride``, pixels between tiles."""
    margin: int
    """TerraTorch's ``delta``, pixels trimmed from each side of a prediction."""
    scale: float
    """reflectance = DN * scale + offset for the products of the model's training."""
    offset: float
    """Offset of the same formula."""
    units: str
    """Units of the model's input: ``reflectance`` (0 to 1) or ``dn`` (reflectance * 10000)."""
    mean: tuple[float, ...]
    """Mean of the model's input in ``units``, one value per band."""
    std: tuple[float, ...]
    """Standard deviation of the model's input in ``units``, one value per band."""
    classes: tuple[ModelClass, ...]
    """Classes in the order of the model's output channels; empty for a regression."""
    location_coords: bool
    """Whether the model takes coordinates."""
    temporal_coords: bool
    """Whether the model takes dates."""
    weights: str
    """File name in the folder."""
    sha256: str
    """Checksum of the weights; empty while they are not on this machine."""
    revision: str = ""
    """Commit on the hub, 40 hexadecimal digits; empty when none is pinned."""
    resolution_m: float = 0.0
    """Pixel size of the model's training in metres; 0 when unknown."""
    source: Optional[ModelSource] = None
    """Where to download it; None for a model that is complete in its folder."""
    sources: tuple[str, ...] = ()
    """Where the facts of the card were found."""
    unverified: tuple[str, ...] = ()
    """Facts that could not be verified."""
    task: str = "segmentation"
    """``segmentation`` or ``regression``."""
    quantity: Optional[Quantity] = None
    """What a regression predicts; None for classes."""

    @property
    def channels(self) -> int:
        """Numbers that the model predicts per pixel."""
        return len(self.classes) or 1


def read_card(folder: Path) -> ModelCard:
    """Read and check ``model.json`` in ``folder``.

    Raises:
        PrithviError: ``model_invalid`` with the file and its first error.
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
    """Return the card of files with these stamps, cached since every scene of a run needs it."""
    card = _card(folder, json.loads((folder / "model.json").read_text(encoding="utf-8")))
    _check(card)
    return card


def _stamp(path: Path) -> tuple[int, int]:
    """Return modification time in ns and size of a file, which change with it; zeros without a file."""
    try:
        info = path.stat()
    except FileNotFoundError:
        return 0, 0
    return info.st_mtime_ns, info.st_size


def find_model(name: str, folders: Iterable[Path]) -> ModelCard:
    """Return the card of a model given by id or by folder.

    Raises:
        PrithviError: ``model_unknown`` with the known ids; ``model_invalid`` for a broken card.
    """
    folders = list(folders)
    known = {}
    for base in reversed(folders):
        if base.is_dir():
            known.update({p.parent.name: p.parent for p in sorted(base.glob("*/model.json"))})
    if name in known:
        return read_card(known[name])
    folder = Path(name).expanduser()
    if name and folder.is_dir() and (folder / "model.json").is_file():
        return read_card(folder.absolute())
    raise PrithviError(
        ErrorCode.MODEL_UNKNOWN,
        f'There is no model "{name}".',
        f"Known models: {', '.join(sorted(known)) or 'none'}; or name a folder with a model.json.",
    )


def _card(folder: Path, body: JsonObject) -> ModelCard:
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
        sha256="".join(body["sha256"].split()),  # written in groups: secret scanners report long ones
        revision=body.get("revision", "") or pinned_revision(folder),
        resolution_m=float(body.get("resolution_m", 0)),
        source=_source(body["source"]) if body.get("source") else None,
        sources=tuple(body.get("sources", ())),
        unverified=tuple(body.get("unverified", ())),
        task=task,
        quantity=_quantity(body["quantity"]) if task == "regression" else None,
    )


def _class(body: JsonObject) -> ModelClass:
    ignore = body.get("ignore", False)
    if not isinstance(ignore, bool):
        raise ValueError(f'"ignore" of {body["name"]} is {ignore!r}, neither true nor false')
    return ModelClass(int(body["value"]), body["name"], body["color"], ignore)


def _quantity(body: JsonObject) -> Quantity:
    low, high = (None if body.get(key) is None else float(body[key]) for key in ("min", "max"))
    return Quantity(str(body["name"]), str(body.get("unit", "")), low, high)


def _source(body: JsonObject) -> ModelSource:
    return ModelSource(
        repo=body["repo"],
        files=tuple(body.get("files", ())),
        size_bytes=int(body.get("size_bytes", 0)),
        config=body.get("config", ""),
        checksums=tuple((name, "".join(value.split())) for name, value in body.get("checksums", {}).items()),
    )


def _check(card: ModelCard) -> None:
    """Raise ValueError with the first invalid value."""
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
    """Raise ValueError for invalid classes or an invalid quantity."""
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
