"""The import from the first look at the files to the model's folder in place."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Optional

from ...core.models.model_card import read_card
from ...core.system.atomic_files import replace_folder
from ..model.allowlist import check_config
from .classes import count_channels, what_it_predicts
from .errors import first_line, model_error, parameter_error
from .linear_head import add_head, name_classes
from .model_args import coordinates, date_count, inference_args
from .model_files import WEIGHTS, model_card, vllm_config, write_json
from .normalization import DataFacts, read_data
from .prepared_model import import_ready_model, is_ready_model
from .target_folder import check_id, staging
from .terratorch_config import Training, read_training
from .tile_settings import plan_tiling

Tell = Callable[[int, str], None]  # percent, what is going on


@dataclass(frozen=True)
class ImportRequest:
    """What to import: see ``prithvi:importmodel``."""

    config: Path
    checkpoint: Optional[Path]
    model_id: str
    classes: str = ""
    overwrite: bool = False


def import_model(order: ImportRequest, device: str, tell: Tell) -> Path:
    """Make ``<home>/models/<id>``; on any failure nothing is left of it.

    Args:
        device: of this engine, ``cpu`` or ``cuda``.
        tell: called now and then with percent and a line.
    Raises:
        PrithviError: what is wrong with configuration, checkpoint, id or classes.
    """
    if is_ready_model(order.config):
        return import_ready_model(
            order.config, order.checkpoint, order.model_id, order.classes, order.overwrite, device, tell
        )
    target = check_id(order.model_id, order.overwrite)
    checkpoint = order.checkpoint
    if checkpoint is None:
        raise parameter_error(
            f"CHECKPOINT is missing: {order.config.name} has no weights in it.", "Name the checkpoint."
        )
    tell(2, f"Reading {order.config.name}")
    training = read_training(order.config)
    args = inference_args(training)
    count_channels(training, args)
    name_classes(args)
    tiling = plan_tiling(training, args)
    coords, frames = coordinates(training, args), date_count(training, args)
    # The allow-list comes before everything that imports, and read_data imports TerraTorch.
    check_config(vllm_config(training, args, DataFacts((), (), (), "", 1.0, ()), tiling, False), training.name)
    data = read_data(training, args)
    args.setdefault("backbone_bands", list(data.bands))
    predicts, told = what_it_predicts(order.classes, training, args, data.class_names)
    config = vllm_config(training, args, data, tiling, coords[0], frames)
    dates = f", {frames} dates" if frames > 1 else ""
    tell(4, f"{len(data.bands)} bands in {data.units}{dates}, {told[0]}, tiles of {tiling.tile} ({tiling.source})")
    for line in told[1:]:
        tell(4, line)
    if not data.resolution_m:
        tell(4, "The training does not say the size of its pixels: scenes of other sizes are not warned of")
    given = [what for what, is_given in zip(("places", "dates"), coords) if is_given]
    if given:
        tell(4, f"The model was trained with {' and '.join(given)}, and is told them")

    tell(5, f"Reading {checkpoint.name}")
    from .checkpoint import read_checkpoint  # torch takes seconds: mistakes in the YAML are told before

    tensors = read_checkpoint(checkpoint)
    tell(20, "Building the model")
    model = _build(config, tensors, training)
    with staging(target) as folder:
        tell(35, "Writing the model")
        _save(model, folder / WEIGHTS)
        write_json(folder / "config.json", config)
        facts = (training, data, tiling, predicts, coords, frames)
        card = model_card(order.model_id, *facts, checkpoint, folder / WEIGHTS)
        write_json(folder / "model.json", card)
        tell(45, "Comparing vLLM with plain TerraTorch")
        from .self_check import check_in_vllm

        equal = check_in_vllm(read_card(folder), model, device)
        tell(98, f"vLLM and plain TerraTorch agree on {equal:.2%} of a tile's pixels")
        replace_folder(folder, target)
    return target


def _build(config: dict[str, Any], tensors: dict[str, Any], training: Training) -> Any:
    """TerraTorch's model with the checkpoint's weights. Every name in ``config`` has been checked."""
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


def _save(model: Any, path: Path) -> None:
    from safetensors.torch import save_file

    # Computed for the model's size when it is built: see weights.load_into.
    save_file({n: t.contiguous() for n, t in model.state_dict().items() if not n.endswith("pos_embed")}, path)
