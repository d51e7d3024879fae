"""Errors of an import."""

from __future__ import annotations

from ...core.errors import ErrorCode, PrithviError


def model_error(text: str, hint: str) -> PrithviError:
    """Return the error for a configuration or checkpoint that cannot become a model."""
    return PrithviError(ErrorCode.MODEL_INVALID, text, hint)


def parameter_error(text: str, hint: str) -> PrithviError:
    """Return the error for another parameter of the import."""
    return PrithviError(ErrorCode.PARAMETER_INVALID, text, hint)


def first_line(e: BaseException) -> str:
    """Return the first line of a library's error, short enough for a sentence."""
    return (str(e).strip().splitlines() or [type(e).__name__])[0][:200].rstrip(".")
