"""Download files of one commit into the hub client's cache: resumed, and checked before they are used."""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO
from urllib.parse import urlsplit

import httpx2
from huggingface_hub import HfApi, constants, get_hf_file_metadata, hf_hub_download, hf_hub_url
from huggingface_hub.file_download import http_get, repo_folder_name
from huggingface_hub.utils import build_hf_headers

from ...core.errors import ErrorCode, PrithviError
from ...core.models.catalogue import size_text
from ...core.system.file_checksum import sha256_of_file
from ...core.system.file_lock import FileLock
from ...core.system.paths import existing_folder
from ...core.system.timeouts import TIMEOUTS

Report = Callable[[int], None]
_SPARE_BYTES = 300 << 20
# With the client's 10 MB, a broken connection loses up to 10 MB, and progress is rare on a slow connection.
constants.DOWNLOAD_CHUNK_SIZE = 256 << 10
_IDLE_TRIES = 3  # successive attempts without a byte


@dataclass(frozen=True)
class RemoteFile:
    """A file of a repository."""

    name: str
    size: int
    """Size in bytes."""
    sha256: str
    """Checksum of a large file; empty for a small one."""
    git_hash: str
    """Git's object id of a small file."""


def list_files(repo: str, revision: str) -> list[RemoteFile]:
    """Return the files of a repository at a commit."""
    info = HfApi().model_info(repo, revision=revision, files_metadata=True)
    if info.sha and info.sha != revision:
        raise ValueError(f"the server answered with revision {info.sha[:12]} instead of {revision[:12]}")
    return [
        RemoteFile(s.rfilename, s.size or 0, s.lfs.sha256 if s.lfs else "", s.blob_id or "")
        for s in info.siblings or []
    ]


class Repository:
    """One commit of one repository, and its folder in the cache."""

    def __init__(self, repo: str, revision: str):
        self.repo = repo
        self.revision = revision
        self.cache = Path(constants.HF_HUB_CACHE) / repo_folder_name(repo_id=repo, repo_type="model")

    def missing(self, files: list[RemoteFile]) -> list[RemoteFile]:
        """Return the files that the cache lacks."""
        return [f for f in files if not self._pointer(f).is_file()]

    def held_bytes(self, file: RemoteFile) -> int:
        """Return the bytes that an interrupted download of the file left."""
        part = self._part(file)
        return part.stat().st_size if part.is_file() else 0

    def check_disk(self, files: list[RemoteFile], target: Path) -> None:
        """Refuse a download that does not fit the disk.

        Args:
            files: every file of the model.
            target: folder of the model.
        Raises:
            PrithviError: ``disk_full`` with the disk's folder.
        """
        coming = sum(f.size - self.held_bytes(f) for f in self.missing(files))
        needs = {existing_folder(self.cache): coming}
        if os.stat(existing_folder(self.cache)).st_dev != os.stat(existing_folder(target)).st_dev:
            # Hard links need a common disk; without one the model is stored twice.
            needs[existing_folder(target)] = sum(f.size for f in files)
        for folder, need in needs.items():
            free = shutil.disk_usage(folder).free
            if need and free < need + _SPARE_BYTES:
                raise PrithviError(
                    ErrorCode.DISK_FULL,
                    f"{self.repo} needs {size_text(need + _SPARE_BYTES)} on the disk of {folder};"
                    f" {size_text(free)} are free.",
                    "Make room, or set HF_HOME (downloads) or the data folder (models) to another disk.",
                )

    def fetch(self, file: RemoteFile, report: Report) -> Path:
        """Return the file in the cache, after a download that resumes an earlier one where necessary.

        Args:
            report: called with the bytes of the file so far.
        Raises:
            PrithviError: ``download_failed`` when its checksum is not the hub's.
        """
        pointer = self._pointer(file)
        if not pointer.is_file():
            self._download(file, report)
            # The blob exists: the client downloads nothing and adds the file to its snapshot.
            pointer = Path(hf_hub_download(self.repo, file.name, revision=self.revision))
        report(file.size)
        return pointer

    def _download(self, file: RemoteFile, report: Report) -> None:
        url = hf_hub_url(self.repo, file.name, revision=self.revision)
        headers = build_hf_headers()
        meta = get_hf_file_metadata(url, headers=headers)
        if urlsplit(meta.location).netloc != urlsplit(url).netloc:
            headers.pop("authorization", None)  # the token is for the hub, not for its file storage
        if not meta.etag:
            raise ValueError(f"the server names no ETag for {file.name}")
        part = self._part(file)
        part.parent.mkdir(parents=True, exist_ok=True)
        with _locked(part) as out:
            _receive(meta.location, headers, file, out, report)
            out.flush()
            os.fsync(out.fileno())
            if not _is_right(part, file):
                part.unlink()
                raise PrithviError(
                    ErrorCode.DOWNLOAD_FAILED,
                    f"{file.name} of {self.repo} came damaged: its checksum is not the one that the hub names.",
                    "Run it again; if it stays so, a proxy or mirror changes files on the way.",
                )
            os.replace(part, self.cache / "blobs" / meta.etag)

    def _pointer(self, file: RemoteFile) -> Path:
        return self.cache / "snapshots" / self.revision / file.name

    def _part(self, file: RemoteFile) -> Path:
        return self.cache / "blobs" / f"{file.sha256 or file.git_hash}.prithvi.incomplete"


def _receive(url: str, headers: dict[str, str], file: RemoteFile, out: BinaryIO, report: Report) -> None:
    """Append what is missing; the client itself does not resume after every kind of broken connection."""
    idle = 0
    while True:
        held = out.seek(0, os.SEEK_END)
        if held > file.size:
            held = out.truncate(0)
        try:
            http_get(
                url,
                out,
                resume_size=held,
                headers=headers,
                expected_size=file.size,
                displayed_filename=file.name,
                tqdm_class=_counter(held, report),
            )
            return
        except httpx2.TransportError:
            idle = idle + 1 if out.seek(0, os.SEEK_END) == held else 0
            if idle == _IDLE_TRIES:
                raise
            time.sleep(TIMEOUTS.retry_s)


@contextlib.contextmanager
def _locked(part: Path) -> Iterator[BinaryIO]:
    """Open the incomplete file, for this process alone.

    Raises:
        PrithviError: ``download_failed`` when another process downloads it.
    """
    lock = FileLock(part, mode=0o666)
    if not lock.acquire():
        raise PrithviError(
            ErrorCode.DOWNLOAD_FAILED, "Another download of this model is running.", "Wait for it to end."
        )
    with lock, part.open("ab+") as out:
        yield out


def _is_right(path: Path, file: RemoteFile) -> bool:
    """Whether the content has the checksum of the hub's list."""
    if file.sha256:
        return sha256_of_file(path) == file.sha256
    body = path.read_bytes()
    # Git's object id; git prescribes the algorithm.
    git_hash = hashlib.sha1(b"blob %d\0" % len(body) + body, usedforsecurity=False).hexdigest()
    return not file.git_hash or git_hash == file.git_hash


def _counter(held: int, report: Report) -> type:
    """Return a class that the client uses as its progress bar, and that reports the bytes so far."""

    class Counter:
        def __init__(self, **_: object):
            self.done = held

        def update(self, count: int = 1) -> None:
            self.done += count
            report(self.done)

        def __enter__(self) -> Counter:
            return self

        def __exit__(self, *_: object) -> None: ...

    return Counter
