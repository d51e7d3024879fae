"""Import of a TerraTorch training: from its files to the model's folder."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, Optional

from ...core.models.model_card import read_card
from ...core.system.atomic_files import replace_folder
from ..model.allowlist import check_config
from .classes import count_channels, describe_prediction
from .errors import first_line, model_error, parameter_error
from .import_request import ImportRequest, Report
from .linear_head import add_head, name_classes
from .model_args import compare_args, coordinates, date_count, inference_args, is_terramind
from .model_files import NOT_COMPARED, WEIGHTS, model_card, seen_resolution, vllm_config, write_json
from .normalization import DataFacts, chip_size, read_data
from .prepared_model import CARD, import_ready_model, is_ready_model
from .target_folder import check_id, staging
from .terratorch_config import Training, read_training
from .tile_settings import TileSettings, plan_tiling

if TYPE_CHECKING:
    import numpy as np
    import torch


def import_model(request: ImportRequest, device: str, report: Report) -> Path:
    """Write ``<home>/models/<id>`` and return it; a failed import leaves nothing.

    Args:
        device: of this engine, ``cpu`` or ``cuda``.
        report: called with percent and the current step.
    Raises:
        PrithviError: ``model_invalid``, ``model_forbidden``, ``parameter_invalid``, ``disk_full`` or
            ``output_unwritable``.
    """
    if is_ready_model(request.config):
        return import_ready_model(request, device, report)
    target = check_id(request.model_id, request.overwrite)
    checkpoint = request.checkpoint
    if checkpoint is None:
        raise parameter_error(
            f"CHECKPOINT is missing: {request.config.name} has no weights in it.", "Name the checkpoint."
        )
    report(2, f"Reading {request.config.name}")
    training = read_training(request.config)
    args = inference_args(training)
    count_channels(training, args)
    name_classes(args)
    tiling = plan_tiling(training, args, chip_size(training))
    coords, frames = coordinates(training, args), date_count(training, args)
    # The allow-list comes before every import of a configured name, and read_data imports TerraTorch.
    check_config(vllm_config(training, args, DataFacts((), (), (), "", 1.0, ()), tiling, False), training.name)
    data = read_data(training, args)
    if not is_terramind(args):
        args.setdefault("backbone_bands", list(data.bands))
    predicts, lines = describe_prediction(request.classes, training, args, data.class_names)
    config = vllm_config(training, args, data, tiling, coords[0], frames)
    dates = f", {frames} dates" if frames > 1 else ""
    report(4, f"{len(data.bands)} bands in {data.units}{dates}, {lines[0]}, tiles of {tiling.tile} ({tiling.source})")
    for line in lines[1:]:
        report(4, line)
    _report_pixels(data, tiling, report)
    given = [what for what, is_given in zip(("places", "dates"), coords) if is_given]
    if given:
        report(4, f"The model was trained with {' and '.join(given)}, and is told them")

    report(5, f"Reading {checkpoint.name}")
    from .checkpoint import read_checkpoint  # torch takes seconds: mistakes in the YAML are reported before

    found = read_checkpoint(checkpoint)
    for line in found.notes:
        report(6, line)
    compare_args(training, args, found.task, checkpoint.name)
    report(20, "Building the model")
    model = _build(config, found.tensors, training)
    with staging(target) as folder:
        report(35, "Writing the model")
        _save(model, folder / WEIGHTS)
        write_json(folder / "config.json", config)
        facts = (training, data, tiling, predicts, coords, frames)
        card = model_card(request.model_id, *facts, checkpoint, folder / WEIGHTS)
        write_json(folder / CARD, card)
        report(40, "Comparing the card with TerraTorch's own reading of a chip")
        chip = _read_chip(folder, training, tiling.source, report)
        report(45, "Comparing vLLM with plain TerraTorch")
        from .self_check import check_in_vllm

        equal = check_in_vllm(read_card(folder), model, device, chip)
        report(98, f"vLLM and plain TerraTorch agree on {equal:.2%} of a tile's pixels")
        replace_folder(folder, target)
    return target


def _report_pixels(data: DataFacts, tiling: TileSettings, report: Report) -> None:
    """Report what was assumed of the training's pixels."""
    for line in data.notes:
        report(4, line)
    seen_m, _ = seen_resolution(data, tiling)
    if tiling.resized:
        size = f"{seen_m:g} m in place of {data.resolution_m:g} m" if seen_m else "an unknown size"
        report(4, f"The training resized its chips ({tiling.resized}): the model saw pixels of {size}")
    elif not seen_m:
        report(4, "The training does not say the size of its pixels: scenes of other sizes are not warned of")


def _read_chip(folder: Path, training: Training, tile_source: str, report: Report) -> Optional[np.ndarray]:
    """Return :func:`.read_chip` of the model in ``folder``; where TerraTorch reads none, the card says so."""
    from .card_check import read_chip

    with tempfile.TemporaryDirectory(dir=folder.parent) as chips:
        chip = read_chip(read_card(folder), training, tile_source, Path(chips))
    if chip is None:
        report(42, f"Bands, means and scale could not be compared with TerraTorch's own reading of {training.name}")
        card = json.loads((folder / CARD).read_text(encoding="utf-8"))
        write_json(folder / CARD, {**card, "unverified": [*card["unverified"], NOT_COMPARED]})
    return chip


def _build(config: dict[str, Any], tensors: dict[str, torch.Tensor], training: Training) -> torch.nn.Module:
    """Return TerraTorch's model with the checkpoint's weights; every name in ``config`` has been checked."""
    from terratorch.registry import MODEL_FACTORY_REGISTRY

    from ..model.weights import load_into

    init = config["pretrained_cfg"]["model"]["init_args"]
    try:
        model = MODEL_FACTORY_REGISTRY.build(init["model_factory"]).build_model(
            task=training.kind, **init["model_args"]
        )
    except Exception as e:  # TerraTorch checks its arguments in many ways
        first = first_line(e)
        raise model_error(
            f"TerraTorch cannot build the model of {training.name}: {first}.",
            "Correct model_args; configurations of other TerraTorch versions may need other names there.",
        ) from e
    load_into(model, add_head(init["model_args"], tensors, training.kind))
    return model


def _save(model: torch.nn.Module, path: Path) -> None:
    from safetensors.torch import save_file

    # pos_embed is computed when the model is built: see weights.load_into.
    save_file({n: t.contiguous() for n, t in model.state_dict().items() if not n.endswith("pos_embed")}, path)
