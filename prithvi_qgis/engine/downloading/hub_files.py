"""Files of one commit on the hub, into the hub client's own cache: resumed, and checked before they count."""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO
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

Report = Callable[[int], None]
_SPARE_BYTES = 300 << 20
# The client's 10 MB would be lost with every broken connection, and progress on a slow line would stand still.
constants.DOWNLOAD_CHUNK_SIZE = 256 << 10
_IDLE_TRIES = 3  # in a row that brought nothing


@dataclass(frozen=True)
class RemoteFile:
    """A file of a repository: name, size, and its sha256 (large files) or git's name for its contents (small ones)."""

    name: str
    size: int
    sha256: str
    git_hash: str


def list_files(repo: str, revision: str) -> list[RemoteFile]:
    """What the repository holds at a commit."""
    info = HfApi().model_info(repo, revision=revision, files_metadata=True)
    if info.sha and info.sha != revision:
        raise ValueError(f"the server answered with revision {info.sha[:12]} instead of {revision[:12]}")
    return [
        RemoteFile(s.rfilename, s.size or 0, s.lfs.sha256 if s.lfs else "", s.blob_id or "")
        for s in info.siblings or []
    ]


class Repository:
    """One commit of one repository, and its place in the cache."""

    def __init__(self, repo: str, revision: str):
        self.repo = repo
        self.revision = revision
        self.cache = Path(constants.HF_HUB_CACHE) / repo_folder_name(repo_id=repo, repo_type="model")

    def missing(self, files: list[RemoteFile]) -> list[RemoteFile]:
        """Those that the cache lacks."""
        return [f for f in files if not self._pointer(f).is_file()]

    def held_bytes(self, file: RemoteFile) -> int:
        """What an interrupted download of the file left."""
        part = self._part(file)
        return part.stat().st_size if part.is_file() else 0

    def check_disk(self, files: list[RemoteFile], target: Path) -> None:
        """Refuse before gigabytes have come for nothing.

        Args:
            files: all that the model needs.
            target: folder where the model will lie.
        Raises:
            PrithviError: ``disk_full`` naming the disk.
        """
        coming = sum(f.size - self.held_bytes(f) for f in self.missing(files))
        needs = {existing_folder(self.cache): coming}
        if os.stat(existing_folder(self.cache)).st_dev != os.stat(existing_folder(target)).st_dev:
            # Without a common disk there is no hard link: the model lies on both.
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
        """The file in the cache; downloaded where it is not, going on where an earlier download stopped.

        Args:
            report: called with the bytes of the file that are here.
        Raises:
            PrithviError: ``download_failed`` when what came is not what the hub says it is.
        """
        pointer = self._pointer(file)
        if not pointer.is_file():
            self._download(file, report)
            # Its blob is there: the client fetches nothing and only adds the file to its snapshot.
            pointer = Path(hf_hub_download(self.repo, file.name, revision=self.revision))
        report(file.size)
        return pointer

    def _download(self, file: RemoteFile, report: Report) -> None:
        url = hf_hub_url(self.repo, file.name, revision=self.revision)
        headers = build_hf_headers()
        meta = get_hf_file_metadata(url, headers=headers)
        if urlsplit(meta.location).netloc != urlsplit(url).netloc:
            headers.pop("authorization", None)  # the token is for the hub, not for where it keeps its files
        if not meta.etag:
            raise ValueError(f"the server names no ETag for {file.name}")
        part = self._part(file)
        part.parent.mkdir(parents=True, exist_ok=True)
        with _alone(part) as out:
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
    """Append what is missing. The client itself does not go on after every kind of broken connection."""
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
            time.sleep(1)


@contextlib.contextmanager
def _alone(part: Path) -> Iterator[BinaryIO]:
    """The unfinished file, for this process only."""
    lock = FileLock(part)
    if not lock.acquire():
        raise PrithviError(
            ErrorCode.DOWNLOAD_FAILED, "Another download of this model is running.", "Wait for it to end."
        )
    with lock, part.open("ab+") as out:
        yield out


def _is_right(path: Path, file: RemoteFile) -> bool:
    """Whether the contents are what the hub's list says."""
    if file.sha256:
        return sha256_of_file(path) == file.sha256
    body = path.read_bytes()
    # git's own name for contents; its choice of algorithm, not ours.
    named = hashlib.sha1(b"blob %d\0" % len(body) + body, usedforsecurity=False).hexdigest()
    return not file.git_hash or named == file.git_hash


def _counter(held: int, report: Report) -> Any:
    """What the client takes for a progress bar: tells the bytes that are here."""

    class Counter:
        def __init__(self, **_: object):
            self.here = held

        def update(self, count: int = 1) -> None:
            self.here += count
            report(self.here)

        def __enter__(self) -> Counter:
            return self

        def __exit__(self, *_: object) -> None: ...

    return Counter
