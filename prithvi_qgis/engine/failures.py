"""Turn exceptions into errors with one line of text and a next step."""

from __future__ import annotations

import errno
import logging
import shutil
from pathlib import Path

from ..core.errors import ErrorCode, PrithviError, is_disk_full
from ..core.protocol.messages import Failed, Request
from ..core.scenes.gdal_names import without_secrets
from ..core.system import paths

log = logging.getLogger("prithvi.engine")

_GDAL_MODULES = ("rasterio.", "pyproj.", "pyogrio.")  # whose errors are GDAL's and PROJ's


def failure(e: BaseException, request: Request) -> Failed:
    """Return any exception of a request as a message; an unforeseen one is logged in full."""
    if isinstance(e, PrithviError):
        return Failed.of(e)
    log.exception("request for %s failed", without_secrets(request.source))
    text = str(e).strip().split("\n")[0][:300]
    if isinstance(e, MemoryError) or "out of memory" in str(e).lower():
        return Failed(
            ErrorCode.OUT_OF_MEMORY.value,
            f"The memory was not enough for {request.source_name or request.source}: {text}.",
            "Lower BATCH_SIZE, or close what else uses the GPU or the memory.",
        )
    if type(e).__module__.startswith(_GDAL_MODULES):
        return Failed(
            ErrorCode.SOURCE_UNREADABLE.value,
            f"{request.source_name or request.source} cannot be processed: GDAL reports: {text}.",
            f"Check the scene and its CRS with gdalinfo; more is at the end of {paths.log_file()}.",
        )
    return Failed(
        ErrorCode.INTERNAL.value,
        f"Something unforeseen went wrong in the engine ({type(e).__name__}: {text}).",
        f"Please report it with the end of {paths.log_file()}.",
    )


def disk_error(cause: OSError, target: str) -> PrithviError:
    """Return the error of a failed write, with the free space of the disk."""
    folder = Path(target).absolute().parent
    free_mb = shutil.disk_usage(folder).free // 2**20
    if is_disk_full(cause) or free_mb < 16:
        full = f"The disk of {folder} is full ({free_mb} MB free)."
        return PrithviError(
            ErrorCode.DISK_FULL,
            f"Your quota on the disk of {folder} is used up." if cause.errno == errno.EDQUOT else full,
            "Free some space or choose another folder; nothing was written.",
        )
    return PrithviError(
        ErrorCode.OUTPUT_UNWRITABLE, f"{target} could not be written: {cause}.", "Choose another folder."
    )
