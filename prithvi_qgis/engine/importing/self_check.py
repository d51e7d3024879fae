"""Check that an imported model predicts the same in vLLM as in plain TerraTorch."""

from __future__ import annotations

import shutil
from typing import Optional

import numpy as np
import torch

from ...core.errors import PrithviError
from ...core.models.model_card import ModelCard
from ..model.forward import predict
from ..model.model_folder import prepare_model
from .errors import first_line, model_error

EQUAL_SHARE = 0.999
LOGIT_TOLERANCE = 1e-2  # of the logits' own spread: another kernel sums in another order


def check_in_vllm(card: ModelCard, reference: torch.nn.Module, device: str, chip: Optional[np.ndarray] = None) -> float:
    """Run one synthetic tile through both, in float32.

    Args:
        card: of the model's folder in its final form.
        reference: TerraTorch's model with the checkpoint's weights, on the CPU.
        device: of this engine, ``cpu`` or ``cuda``.
        chip: (2, 1, bands, [frames,] tile, tile), a tile as TerraTorch reads it, for ``reference``, and as this engine
            does, for vLLM; None for one made here.
    Returns:
        the share of pixels with the same class, or with equal values in a regression.
    Raises:
        PrithviError: ``model_invalid`` when they disagree, or when vLLM cannot load the model.
    """
    from ..model.vllm_backend import VllmBackend

    theirs, pixels = (_tile(card),) * 2 if chip is None else chip
    coords = np.array([[41.5, -3.2]], np.float32) if card.location_coords else None
    dates = _dates(card) if card.temporal_coords else None
    with torch.inference_mode():
        places, times = (None if v is None else torch.from_numpy(v) for v in (coords, dates))
        expected = _run(reference, torch.from_numpy(theirs), places, times)
    shape = (1, card.channels, card.tile, card.tile)
    if expected.shape != shape:
        raise model_error(
            f"The model answers a tile with numbers of shape {expected.shape[1:]}; {shape[1:]} is needed.",
            "Correct num_classes or num_outputs, or set rescale: true in model_args.",
        )
    if not np.isfinite(expected).all():
        raise model_error("The model answers with numbers that are not finite.", "Use another checkpoint.")
    folder = prepare_model(card)
    try:
        backend = VllmBackend(card, folder, device, "float32", 1, 0.0)
        try:
            # Without this, convolutions on a GPU round to TF32, and the check would find rounding differences.
            with torch.backends.cudnn.flags(allow_tf32=False):
                found = backend.infer(pixels, coords, dates)
        finally:
            backend.close()
    except PrithviError:
        raise
    except Exception as e:  # vLLM wraps errors in many types of exception
        raise model_error(f"vLLM cannot run the model: {_innermost(e)}.", "The lines above have the details.") from e
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return compare(found, expected) if card.task == "segmentation" else compare_values(found, expected)


def _run(reference: torch.nn.Module, pixels: torch.Tensor, *coords: Optional[torch.Tensor]) -> np.ndarray:
    """Return the float32 prediction of plain TerraTorch.

    Raises:
        PrithviError: ``model_invalid`` for parts that do not fit each other, which shows only when they run.
    """
    try:
        return predict(reference.eval(), pixels, *coords).float().numpy()
    except Exception as e:  # parts that do not fit raise many types of exception
        raise model_error(
            f"TerraTorch cannot run the model on a tile of {tuple(pixels.shape[1:])}: {first_line(e)}.",
            "Correct model_args (necks, decoder, dates); they must be those of the training.",
        ) from e


def compare(found: np.ndarray, expected: np.ndarray) -> float:
    """Return the share of equal classes of (1, classes, h, w) logits.

    Raises:
        PrithviError: ``model_invalid`` when they differ by more than rounding.
    """
    equal = float((found.argmax(1) == expected.argmax(1)).mean())
    off = float(np.abs(found - expected).max() / max(float(expected.std()), 1e-6))
    if equal < EQUAL_SHARE or not off <= LOGIT_TOLERANCE:
        raise model_error(
            f"vLLM and plain TerraTorch disagree: {equal:.2%} of the pixels are equal, logits differ by up to "
            f"{off:.2g} of their spread.",
            "Please report it with the model's configuration; the model was not imported.",
        )
    return equal


def compare_values(found: np.ndarray, expected: np.ndarray) -> float:
    """Return the share of equal values, up to rounding, of (1, 1, h, w) predictions.

    Raises:
        PrithviError: ``model_invalid`` when one differs by more.
    """
    tolerance = LOGIT_TOLERANCE * max(float(expected.std()), 1e-3 * float(np.abs(expected).max()), 1e-6)
    off = float(np.abs(found - expected).max())
    if not off <= tolerance:
        raise model_error(
            f"vLLM and plain TerraTorch disagree: numbers differ by up to {off:.3g}, their spread is "
            f"{float(expected.std()):.3g}.",
            "Please report it with the model's configuration; the model was not imported.",
        )
    return float(np.isclose(found, expected, rtol=1e-3, atol=tolerance / 10).mean())


def _tile(card: ModelCard) -> np.ndarray:
    """Return a normalised (1, bands, [frames,] tile, tile) tile with fields and texture, so that classes vary in it."""
    rng = np.random.default_rng(7)
    y, x = np.mgrid[: card.tile, : card.tile] / card.tile
    fields = np.stack([np.sin((3 + b) * x + b) * np.cos((5 - b) * y - b) for b in range(len(card.bands))])
    if card.frames > 1:  # a different one per date, so that swapped dates are detected
        fields = np.stack([np.roll(fields, 7 * t, axis=2) * (1 - 0.3 * t / card.frames) for t in range(card.frames)], 1)
    return (fields + rng.normal(0, 0.5, fields.shape))[None].astype(np.float32)


def _dates(card: ModelCard) -> np.ndarray:
    """Return (1, frames, 2) years and days of the year, a month apart."""
    return np.array([[(2023, 60 + 30 * t % 300) for t in range(card.frames)]], np.float32)


def _innermost(e: BaseException) -> str:
    while e.__cause__ or e.__context__:
        e = e.__cause__ or e.__context__ or e
    return first_line(e)
