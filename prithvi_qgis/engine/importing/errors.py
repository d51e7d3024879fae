"""The two ways in which an import is refused."""

from __future__ import annotations

from ...core.errors import ErrorCode, PrithviError


def model_error(text: str, hint: str) -> PrithviError:
    """Configuration or checkpoint cannot become a model."""
    return PrithviError(ErrorCode.MODEL_INVALID, text, hint)


def parameter_error(text: str, hint: str) -> PrithviError:
    """What the user gave beside them cannot be used."""
    return PrithviError(ErrorCode.PARAMETER_INVALID, text, hint)


def first_line(e: BaseException) -> str:
    """What a library says of its error, short enough for a sentence."""
    return (str(e).strip().splitlines() or [type(e).__name__])[0][:200].rstrip(".")
