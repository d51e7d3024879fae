"""What GDAL has cached of files on servers, and whether a file changed while it was read.

rasterio 1.4, the last for Python 3.11, has no call for either, so GDAL's C functions are called in the library that
rasterio brings. ``CPL_VSIL_CURL_NON_CACHED`` is no substitute: it forgets a file whenever one of its handles is closed,
which several threads of one run do, and it has to name every file system and server.
"""

from __future__ import annotations

import ctypes
import os
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import rasterio._env

from ...core.errors import ErrorCode, PrithviError
from ...core.scenes.gdal_names import is_remote, outermost_file

Version = tuple[str, ...]

_MAX_REMOTE = 64  # files of one scene; beyond, a request for each would take longer than it is worth
_IGNORED = re.compile(r"\.aux\.xml$", re.IGNORECASE)  # QGIS writes statistics into it

_gdal = ctypes.CDLL(rasterio._env.__file__)  # finds the symbols of the libraries that it is linked with
_gdal.VSIGetFileMetadata.restype = ctypes.POINTER(ctypes.c_char_p)
_gdal.VSIGetFileMetadata.argtypes = [ctypes.c_char_p, ctypes.c_char_p, ctypes.c_void_p]
_gdal.CSLDestroy.argtypes = [ctypes.c_void_p]
_gdal.CPLPushErrorHandler.argtypes = [ctypes.c_void_p]


def forget_remote_files() -> None:
    """Clear GDAL's caches of all network file systems: data, sizes, directories, connections and derived credentials.

    Open files stay usable: they fetch again what they need.
    """
    _gdal.VSICurlClearCache()


def file_versions(files: Iterable[str]) -> dict[str, Version]:
    """Return what identifies the present content of files, local and remote; without those where it is unknown.

    Args:
        files: GDAL names.
    """
    names = dict.fromkeys(outermost_file(file) for file in files if not _IGNORED.search(file))
    remote = [name for name in names if is_remote(name)]
    found = {name: _local_version(name) for name in names if not is_remote(name)}
    found |= {name: _remote_version(name) for name in remote[:_MAX_REMOTE]}
    return {name: version for name, version in found.items() if version}


def refuse_changed(name: str, before: dict[str, Version]) -> None:
    """Refuse a scene whose files are no longer those of :func:`file_versions`: its mask would mix both.

    Raises:
        PrithviError: ``source_unreadable``.
    """
    now = file_versions(before)
    if any(now[file] != version for file, version in before.items() if file in now):
        raise PrithviError(
            ErrorCode.SOURCE_UNREADABLE,
            f"{name} was replaced or changed while it was read; nothing was written.",
            "Run again when it is complete.",
        )


def _local_version(file: str) -> Version:
    try:
        info = os.stat(file)
    except (OSError, ValueError):
        return ()
    return str(info.st_size), str(int(info.st_mtime))


def _remote_version(file: str) -> Version:
    """Return size and time, or the entity tag where the server states no time; mirrors of one file differ in tags."""
    lines = (line.partition("=") for line in _headers(file))
    headers = {key.lower(): value for key, _, value in lines}
    state = headers.get("last-modified") or headers.get("etag")
    return (headers.get("content-length", ""), state) if state else ()


def _headers(file: str) -> list[str]:
    with _quiet():
        found = _gdal.VSIGetFileMetadata(file.encode(), b"HEADERS", None)
    if not found:
        return []
    lines: list[str] = []
    while (line := found[len(lines)]) is not None:
        lines.append(line.decode(errors="replace"))
    _gdal.CSLDestroy(ctypes.cast(found, ctypes.c_void_p))
    return lines


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep GDAL's errors in this thread from the log, and from the next call that asks for the last one."""
    _gdal.CPLPushErrorHandler(ctypes.cast(_gdal.CPLQuietErrorHandler, ctypes.c_void_p))
    try:
        yield
    finally:
        _gdal.CPLPopErrorHandler()
        _gdal.CPLErrorReset()
