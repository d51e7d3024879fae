"""Errors of a download, each as one line with a next step."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from urllib.parse import urlsplit

import httpx2
from huggingface_hub import constants
from huggingface_hub.errors import (
    EntryNotFoundError,
    GatedRepoError,
    HfHubHTTPError,
    OfflineModeIsEnabled,
    RepositoryNotFoundError,
    RevisionNotFoundError,
)

from ...core.errors import ErrorCode, PrithviError, is_disk_full

_AGAIN = "Run it again; what was downloaded is kept."


@contextlib.contextmanager
def one_line(repo: str, revision: str) -> Iterator[None]:
    """Turn the hub client's errors into ours.

    Raises:
        PrithviError: ``download_failed`` or ``disk_full``.
    """
    host = urlsplit(constants.ENDPOINT).netloc
    try:
        yield
    except GatedRepoError as e:
        raise _failed(
            f"{repo} is only for people who accepted its terms ({_status(e)} from {host}).",
            "Accept them on its page, then give your token to the hub's client (HF_TOKEN, or: hf auth login).",
        ) from e
    except RevisionNotFoundError as e:
        raise _failed(f"{repo} has no revision {revision}.", "Copy REVISION from the repository's history.") from e
    except EntryNotFoundError as e:
        raise _failed(f"A file of {repo} is not there at revision {revision[:12]}.", "Give another REVISION.") from e
    except RepositoryNotFoundError as e:
        raise _failed(
            f"{host} has no repository {repo}, or it is private ({_status(e)}).",
            "Check its name; for a private one give your token to the hub's client (HF_TOKEN, or: hf auth login).",
        ) from e
    except OfflineModeIsEnabled as e:
        raise offline(repo) from e
    except HfHubHTTPError as e:
        if _status(e) == 403:
            hint = "Your account or network may not have access to it: ask whoever runs the server or the proxy."
            raise _failed(f"{host} refuses {repo} (403).", hint) from e
        raise _failed(f"{host} answers {_status(e)} for {repo}.", _AGAIN) from e
    except httpx2.HTTPError as e:
        said = " ".join(str(e).split())[:200].rstrip(".") or type(e).__name__
        raise _failed(
            f"{host} cannot be reached or stopped answering: {said}.",
            f"Check the network and the proxy (HTTPS_PROXY, or QGIS's options). {_AGAIN}",
        ) from e
    except OSError as e:
        raise _disk(e) from e
    except ValueError as e:
        raise _failed(f"{repo} cannot be downloaded: {' '.join(str(e).split())[:200].rstrip('.')}.") from e


def offline(repo: str) -> PrithviError:
    """Return the error of a download in offline mode."""
    return _failed(
        f"Offline mode is on, so {repo} cannot be downloaded.",
        "Turn it off in the options (unset PRITHVI_QGIS_OFFLINE, HF_HUB_OFFLINE), or copy the model's folder here.",
    )


def _failed(text: str, hint: str = "") -> PrithviError:
    return PrithviError(ErrorCode.DOWNLOAD_FAILED, text, hint)


def _status(e: HfHubHTTPError) -> int:
    return e.response.status_code if e.response is not None else 0


def _disk(e: OSError) -> PrithviError:
    if is_disk_full(e):
        return PrithviError(
            ErrorCode.DISK_FULL,
            f"The disk is full{f': {e.filename}' if e.filename else ''}.",
            "Make room, or set HF_HOME and the data folder to another disk; then run it again.",
        )
    where = f" ({e.filename})" if e.filename else ""
    return _failed(f"The download stopped: {e.strerror or ' '.join(str(e).split())[:200]}{where}.", _AGAIN)
