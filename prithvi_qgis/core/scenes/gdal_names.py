"""GDAL's names of rasters: make their relative parts absolute, and find the files in them.

A name may hold a path in many places: ``/vsizip/a.zip/b.tif``, ``NETCDF:"a.nc":b``, ``GTIFF_DIR:1:a.tif``,
``vrt://a.tif?bands=1``, the text of a VRT. Relative ones start at the folder of the process that was given the name (or
of the list that holds it); the engine works in another one.

Source: GDAL's documentation of virtual file systems, of the VRT driver and of each driver's subdatasets.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Callable
from html import escape, unescape
from pathlib import Path
from urllib.parse import unquote

_ARCHIVE = re.compile(r"/vsi(?:zip|tar|gzip|7z|rar)/")
_CHAINED = re.compile(r"vsi[a-z0-9_]+[/?]")
_IN_FILE = re.compile(r"/vsi(?:subfile/[^,]*,|cached\?(?:[^&]*&)*?file=|sparse/|crypt/)")
_NESTED_URL = re.compile(r"((?:zip|tar|gzip)(?:\+file)?://)([^!]*)(.*)", re.DOTALL)
_SUBDATASET = re.compile(r"[A-Z][A-Z0-9_]+:(?!//)", re.IGNORECASE)  # no drive of Windows, which has one letter
_QUOTED = re.compile(r'"([^"]+)"')
_SOURCE_TAG = re.compile(r"<(SourceFilename|SourceDataset|IndexDataset)\b([^>]*)>([^<]+)</")
_RELATIVE_TO_VRT = re.compile(r"""relativeToVRT\s*=\s*["']1["']""", re.IGNORECASE)
_SUFFIX_OF_ARCHIVE = re.compile(r"\.(?:zip|kmz|tar|tgz|tar\.gz|gz|7z|rar)(?=/|$)", re.IGNORECASE)
ACCESS_HINT = "Check the address and the server, and the credentials in GDAL's options or environment variables."
"""Next step where something on a server cannot be read."""
_LARGEST_VRT = 4 << 20
_DEEPEST = 8  # VRTs in VRTs; one may name itself
_REMOTE = re.compile(r"/vsi(?:curl|s3|gs|az|adls|oss|swift|webhdfs|hdfs)|[a-z][a-z0-9+.-]*://", re.IGNORECASE)
_QUERY = re.compile(r"""((?:(?<!vrt)://|/vsi)[^\s?'"<>]*)\?[^\s'"<>]*""")  # that of vrt:// has the bands
_URL_AMONG_OPTIONS = re.compile(r"""/vsicurl\?(?:[^\s'"<>&]*&)*?url=([^\s'"<>&]*)[^\s'"<>]*""")
_QUERY_PAIRS = re.compile(r"""(?:(?<!vrt)://|/vsi)[^\s?'"<>]*\?([^\s'"<>]*)""")
# Parameters by which S3, Google Cloud, Azure, CloudFront, Akamai and others sign, and the options of /vsicurl?.
_SIGNATURE = re.compile(
    r"(?:x-(?:amz|goog|oss|cos)-|(?:sig|signature|se|sp|sv|st|sr|ske|skoid|sks|skt|sktid|skv|spr|sip)$|expires|"
    r"key-pair-id|policy|awsaccesskeyid|googleaccessid|ossaccesskeyid|hdne[at]|.*(?:token|api_?key|secret|passw))",
    re.IGNORECASE,
)
_READING = re.compile(
    r"(?:use_head|list_dir|empty_dir|max_retry|retry_delay|retry_codes|header\.|pc_url_signing|pc_collection|"
    r"useragent|referer|cookie|proxy|timeout|connecttimeout|low_speed|unsafessl|netrc)",
    re.IGNORECASE,
)
_LOGIN = re.compile(r"://[^/@\s'\"<>]*@")


def resolve(name: str, folder: str, _depth: int = 0) -> str:
    """Return ``name`` with every relative path in it made absolute from ``folder``; other names unchanged.

    Paths that are a part of a longer name are changed only where something is there, as a driver's other arguments may
    look like one. A ``file://`` URL becomes a path.
    """
    if name.lstrip().startswith("<"):
        return _map_sources(name, lambda path, attributes: resolve(path, folder))
    if name.startswith("vrt://"):
        inner, mark, options = name[6:].partition("?")
        return f"vrt://{resolve(inner, folder)}{mark}{options}"
    if nested := _NESTED_URL.fullmatch(name):
        return nested[1] + resolve(nested[2], folder) + nested[3]
    if name.lower().startswith("file://"):
        return _path_of_url(name)
    if archive := _ARCHIVE.match(name):
        return archive[0] + _resolve_in_archive(_inner(name, archive), folder)
    if inside := _IN_FILE.match(name):
        return inside[0] + resolve(name[inside.end() :], folder)
    if _SUBDATASET.match(name) and not os.path.lexists(os.path.join(folder, name)):
        path = _path_in_subdataset(name, folder)
        return name.replace(path, resolve(path, folder), 1) if path else name
    if "://" in name or name.startswith("/vsi"):
        return name
    full = os.path.abspath(os.path.join(folder, os.path.expanduser(name)))
    if not os.path.lexists(full):
        return name
    return _with_sources_of_folder(full, folder, _depth) if _depth < _DEEPEST else full


def locate(name: str, folder: str) -> str:
    """Return :func:`resolve` of a name in a list or a STAC item: a plain path is absolute even if nothing is there."""
    located = resolve(name, folder)
    if not is_path(located):
        return located
    path = os.path.abspath(os.path.join(folder, os.path.expanduser(located)))
    decoded = unquote(path)  # a reference in JSON is a URL
    path = decoded if os.path.lexists(decoded) and not os.path.lexists(path) else path
    is_packed = path.lower().endswith(".gz") and not path.lower().endswith(".tar.gz")
    return f"/vsigzip/{path}" if is_packed else path  # as QGIS opens it


def is_path(name: str) -> bool:
    """Whether a name is a plain path, not one of GDAL's other forms and not a URL."""
    special = name.lstrip().startswith("<") or name.startswith("/vsi") or "://" in name
    return not special and (_SUBDATASET.match(name) is None or os.path.lexists(name))


def files_in(name: str) -> list[str]:
    """Return the files that a GDAL name refers to, local paths and remote names; an archive stands for its members."""
    if name.lstrip().startswith("<"):
        return [file for path in _sources(name) for file in files_in(path)]
    if name.startswith("vrt://"):
        return files_in(name[6:].partition("?")[0])
    if nested := _NESTED_URL.fullmatch(name):
        return [nested[2]]
    if inside := _IN_FILE.match(name):
        return files_in(name[inside.end() :])
    if _SUBDATASET.match(name):
        path = _path_in_subdataset(name, "")
        return files_in(path) if path else [name]
    return [outermost_file(name)]


def outermost_file(name: str) -> str:
    """Return the file on disk or on a server that holds ``name``: the archive of ``/vsizip/archive/member``."""
    archive = _ARCHIVE.match(name)
    if archive is None:
        return name
    inner = _inner(name, archive)
    if inner.startswith("{"):
        return outermost_file(_braced(inner)[0])
    if _ARCHIVE.match(inner):
        return outermost_file(inner)
    ends = [found.end() for found in _SUFFIX_OF_ARCHIVE.finditer(inner)]
    return next((inner[:end] for end in ends if is_remote(inner) or os.path.isfile(inner[:end])), inner)


def is_remote(name: str) -> bool:
    """Whether a name, or the archive that it is in, lies on a server."""
    return _REMOTE.match(outermost_file(name)) is not None


def without_secrets(name: str) -> str:
    """Return a GDAL name or a text without what may be secret in its URLs: their queries, user names and passwords."""
    name = _URL_AMONG_OPTIONS.sub(lambda found: f"/vsicurl/{unquote(found[1])}", name)
    return _LOGIN.sub("://", _QUERY.sub(r"\1", name))


def identity(name: str) -> str:
    """Return what tells a source from others in records and fingerprints, without anything secret.

    A parameter in a URL may choose the scene (``get.tif?scene=b``), so a hash of them all stands in their place, but
    for those of signatures, which differ at each request for the same scene.
    """
    parameters = [pair for query in _QUERY_PAIRS.findall(name) for pair in _identifying(query)]
    if not parameters:
        return without_secrets(name)
    return f"{without_secrets(name)}#{hashlib.sha256('&'.join(parameters).encode()).hexdigest()[:6]}"


def _identifying(query: str) -> list[str]:
    """Return the parameters of a query that may choose a scene; of a URL among them, the parameters of that."""
    found = []
    for pair in query.split("&"):
        key, _, value = pair.partition("=")
        if key.lower() == "url":
            found += _identifying(unquote(value).partition("?")[2])
        elif pair and not _SIGNATURE.match(key) and not _READING.match(key):
            found.append(pair)
    return found


def _inner(name: str, archive: re.Match[str]) -> str:
    """Return what follows ``/vsizip/``; ``/vsizip/vsicurl/...`` is the usual form of ``/vsizip//vsicurl/...``."""
    inner = name[archive.end() :]
    return f"/{inner}" if _CHAINED.match(inner) else inner


def _resolve_in_archive(inner: str, folder: str) -> str:
    """Return what follows ``/vsizip/`` with an absolute path of the archive."""
    if inner.startswith("{"):
        archive, rest = _braced(inner)
        return f"{{{resolve(archive, folder)}}}{rest}"
    if inner.startswith("/"):
        return resolve(inner, folder) if inner.startswith("/vsi") else inner
    return os.path.abspath(os.path.join(folder, inner))


def _braced(inner: str) -> tuple[str, str]:
    """Return what stands between the first brace and its partner, and the rest."""
    depth = 0
    for at, letter in enumerate(inner):
        depth += (letter == "{") - (letter == "}")
        if depth == 0:
            return inner[1:at], inner[at + 1 :]
    return inner[1:], ""


def _path_in_subdataset(name: str, folder: str) -> str:
    """Return the path in ``DRIVER:...``: what is quoted, else the longest run of parts that exists; empty if none."""
    if quoted := _QUOTED.search(name):
        return quoted[1]
    parts = name.split(":")
    runs = (":".join(parts[i:j]) for i in range(1, len(parts)) for j in range(len(parts), i, -1))
    found = [run for run in runs if run and _exists(run, folder)]
    return max(found, key=len, default="")


def _exists(path: str, folder: str) -> bool:
    if path.startswith("/vsi"):
        return is_remote(path) or os.path.exists(os.path.join(folder, outermost_file(path)))
    return os.path.exists(os.path.join(folder, path))


def _path_of_url(url: str) -> str:
    path = re.sub(r"^file://(?:localhost)?", "", url, flags=re.IGNORECASE)
    return path if os.path.lexists(path) else unquote(path)


def _with_sources_of_folder(path: str, folder: str, depth: int) -> str:
    """Return a path; of a VRT that names files relative to the folder of the process, its text with absolute names."""
    if not path.lower().endswith(".vrt"):
        return path
    try:
        if os.path.getsize(path) > _LARGEST_VRT:
            return path
        text = Path(path).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return path
    home, changed = os.path.dirname(path), False

    def absolute(source: str, attributes: str) -> str:
        nonlocal changed
        to_vrt = _RELATIVE_TO_VRT.search(attributes) is not None
        found = resolve(source, home if to_vrt else folder, depth + 1)
        changed = changed or (not to_vrt and found != source)
        return found

    resolved = _map_sources(text, absolute)
    return resolved if changed else path


def _map_sources(xml: str, change: Callable[[str, str], str]) -> str:
    """Return a VRT's text with its sources changed; ``change`` gets a source and its tag's attributes."""
    return _SOURCE_TAG.sub(lambda m: f"<{m[1]}{m[2]}>{escape(change(unescape(m[3]), m[2]), quote=False)}</", xml)


def _sources(xml: str) -> list[str]:
    return [unescape(found[3]) for found in _SOURCE_TAG.finditer(xml)]
