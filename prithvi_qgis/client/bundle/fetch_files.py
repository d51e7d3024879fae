"""Fetch files into a folder: resumed where it stopped, checked against their checksums, renamed when complete.

Runs as a process, in any Python from 3.9 with the standard library alone, so that a cancel ends it at once:
``fetch_files PLAN FOLDER``. ``PLAN`` is a JSON list of name, url, size, sha256. Standard output has messages. Proxies,
certificates and timeouts come from the variables that uv reads.
"""

from __future__ import annotations

import base64
import hashlib
import http.client
import json
import netrc
import os
import ssl
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Optional, TypedDict
from urllib.parse import unquote, urlsplit, urlunsplit

from ...core.errors import ErrorCode, PrithviError, is_disk_full
from ...core.protocol.lines import write_message
from ...core.protocol.messages import Failed, FileDone, FileProgress
from ...core.system.file_checksum import CHUNK_BYTES
from ...core.system.timeouts import TIMEOUTS

_TRIES = 5
_TRANSIENT = (408, 429, 500, 502, 503, 504)
_INDEXES = ("UV_DEFAULT_INDEX", "UV_INDEX_URL", "UV_INDEX", "UV_EXTRA_INDEX_URL")


class _Wanted(TypedDict):
    """A file of the plan."""

    name: str
    url: str
    size: int
    """Bytes; 0 is unknown."""
    sha256: str


def main(plan: Path, folder: Path) -> int:
    """Fetch everything; returns 1 after an error, which is reported."""
    progress = _Progress()
    try:
        for wanted in json.loads(plan.read_text(encoding="utf-8")):
            _fetch(wanted, folder, progress)
    except PrithviError as e:
        write_message(sys.stdout, Failed.of(e))
        return 1
    except OSError as e:
        write_message(sys.stdout, Failed.of(_unwritable(folder, e)))
        return 1
    return 0


class _Progress:
    """Bytes of all files so far, reported twice per second."""

    def __init__(self) -> None:
        self._done, self._next_report = 0, 0.0

    def add(self, count: int, name: str) -> None:
        self._done += count
        if time.monotonic() > self._next_report:
            self._next_report = time.monotonic() + TIMEOUTS.download_report_s
            write_message(sys.stdout, FileProgress(name, self._done))


class _PartialFile:
    """An incomplete file: its size so far, and the checksum of that."""

    def __init__(self, path: Path):
        self.path, self.size, self.digest = path, 0, hashlib.sha256()
        if path.exists():
            with open(path, "rb") as f:
                while chunk := f.read(CHUNK_BYTES):
                    self.add(chunk)

    def add(self, chunk: bytes) -> None:
        self.digest.update(chunk)
        self.size += len(chunk)

    def restart(self) -> None:
        self.path.unlink(missing_ok=True)
        self.size, self.digest = 0, hashlib.sha256()


def _fetch(wanted: _Wanted, folder: Path, progress: _Progress) -> None:
    """Fetch one file, with retries where the connection breaks."""
    partial = _PartialFile(folder / f".{wanted['name']}.part")
    progress.add(partial.size, wanted["name"])
    restarted = False
    for attempt in range(_TRIES):
        if attempt:
            time.sleep(2 ** (attempt - 1))
        try:
            _receive(wanted, partial, progress)
        except urllib.error.HTTPError as e:
            if e.code not in _TRANSIENT or attempt == _TRIES - 1:
                raise _refused(wanted, e) from e
            continue
        except (urllib.error.URLError, http.client.HTTPException, ConnectionError, TimeoutError, ssl.SSLError) as e:
            if attempt == _TRIES - 1 or "CERTIFICATE_VERIFY_FAILED" in str(e):
                raise _unreachable(wanted, e) from e
            continue
        if partial.digest.hexdigest() == wanted["sha256"]:
            partial.path.replace(folder / wanted["name"])
            write_message(sys.stdout, FileDone(wanted["name"]))
            return
        progress.add(-partial.size, wanted["name"])
        partial.restart()  # complete but wrong: the beginning may come from an earlier run
        if restarted:
            break
        restarted = True
    raise PrithviError(
        ErrorCode.DOWNLOAD_FAILED,
        f"{wanted['name']} from {_host(wanted['url'])} is not the file that the lock names (another checksum).",
        "Use an index that mirrors the public one, or try again later.",
    )


def _receive(wanted: _Wanted, partial: _PartialFile, progress: _Progress) -> None:
    """Append the missing bytes.

    Raises:
        ConnectionError: the connection ended early.
    """
    if wanted["size"] and partial.size == wanted["size"]:
        return
    request = urllib.request.Request(_without_user(wanted["url"]), headers={"Accept-Encoding": "identity"})
    authorization = _authorization(wanted["url"])
    if authorization:
        # Not sent to other servers after a redirect.
        request.add_unredirected_header("Authorization", authorization)
    if partial.size:
        request.add_header("Range", f"bytes={partial.size}-")
    try:
        answer = _opener(request.host).open(request, timeout=float(os.environ.get("UV_HTTP_TIMEOUT") or 30))
    except urllib.error.HTTPError as e:
        if e.code != 416:
            raise
        return  # the file is complete: the checksum decides
    with answer:
        if partial.size and getattr(answer, "status", None) != 206:
            progress.add(-partial.size, wanted["name"])  # without range requests: from the beginning
            partial.restart()
        whole = wanted["size"] or partial.size + int(answer.headers.get("Content-Length") or 0)
        # Unbuffered: a cancel kills this process, and the received bytes are kept.
        with open(partial.path, "ab", buffering=0) as f:
            while chunk := answer.read1(CHUNK_BYTES):
                f.write(chunk)
                partial.add(chunk)
                progress.add(len(chunk), wanted["name"])
    if partial.size < whole:
        raise ConnectionError(f"the connection ended after {partial.size} of {whole} bytes")


def _opener(host: str) -> urllib.request.OpenerDirector:
    """Return an opener with the user's certificates; proxies come from the environment."""
    context = ssl.create_default_context()
    certificate = os.environ.get("SSL_CLIENT_CERT")
    if certificate:
        context.load_cert_chain(certificate)
    trusted = os.environ.get("UV_INSECURE_HOST", "").replace(",", " ").split()
    if host in trusted or host.partition(":")[0] in trusted:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return urllib.request.build_opener(urllib.request.HTTPSHandler(context=context))


def _authorization(url: str) -> Optional[str]:
    """Return the header with name and password for a server, from its URL, the index's URL, or netrc."""
    here = urlsplit(url)
    for text in (url, *" ".join(os.environ.get(v, "") for v in _INDEXES).split()):
        other = urlsplit(text.partition("=")[2] if "=" in text.partition("://")[0] else text)
        if other.username is not None and other.hostname == here.hostname and other.port == here.port:
            return _basic(unquote(other.username), unquote(other.password or ""))
    try:
        found = netrc.netrc(os.environ.get("NETRC") or None).authenticators(here.hostname or "")
    except (OSError, netrc.NetrcParseError):
        return None
    return _basic(found[0], found[2]) if found else None


def _basic(user: str, password: str) -> str:
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


def _without_user(url: str) -> str:
    parts = urlsplit(url)
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))


def _host(url: str) -> str:
    return urlsplit(url).netloc.rpartition("@")[2] or "this machine"


def _refused(wanted: _Wanted, e: urllib.error.HTTPError) -> PrithviError:
    hint = "Try again later."
    if e.code in (401, 403, 407):
        hint = "Give name and password in the index's address or in .netrc (for a proxy: in HTTPS_PROXY), run it again."
    return PrithviError(
        ErrorCode.DOWNLOAD_FAILED, f"{_host(wanted['url'])} refuses {wanted['name']} ({e.code} {e.reason}).", hint
    )


def _unreachable(wanted: _Wanted, e: Exception) -> PrithviError:
    reason = getattr(e, "reason", None) or e
    text = " ".join(str(getattr(reason, "strerror", None) or reason).split()) or type(e).__name__
    return PrithviError(
        ErrorCode.DOWNLOAD_FAILED,
        f"{wanted['name']} does not come from {_host(wanted['url'])}: {text[:200].rstrip('.')}.",
        "Check the network, the proxy (HTTPS_PROXY) and the certificates (SSL_CERT_FILE), then run it again; what came"
        " is kept.",
    )


def _unwritable(folder: Path, e: OSError) -> PrithviError:
    full = is_disk_full(e)
    return PrithviError(
        ErrorCode.DISK_FULL if full else ErrorCode.OUTPUT_UNWRITABLE,
        f"{folder} cannot be written ({e.strerror or e}).",
        "Make room and run it again; what is there is kept." if full else "Choose another folder.",
    )


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), Path(sys.argv[2])))
