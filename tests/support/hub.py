"""A server on this machine that speaks the Hugging Face hub's protocol to its real client, and misbehaves on request."""

from __future__ import annotations

import contextlib
import hashlib
import http.server
import json
import re
import threading
import time
from dataclasses import dataclass, field
from urllib.parse import urlsplit

REVISION = "0123456789" * 4


def sha256(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()


@dataclass
class Hub:
    """Repository ``owner/name`` with files; large ones as the hub keeps them, behind a redirect.

    Attributes:
        drop_after: bytes of each answer with a large file after which the connection closes; 0 never.
        pause_s: between the pieces of a large file.
        refuse: status and ``X-Error-Code`` for every request.
        damage: large files come with another byte in their middle.
        seen: method, path and Range of every request; tokens: path to its Authorization.
    """

    files: dict[str, bytes]
    large: tuple[str, ...] = ("model.safetensors",)
    repo: str = "owner/name"
    drop_after: int = 0
    pause_s: float = 0.0
    refuse: tuple[int, str] = (0, "")
    damage: bool = False
    claimed: dict[str, int] = field(default_factory=dict)
    seen: list[tuple[str, str, str]] = field(default_factory=list)
    tokens: dict[str, str] = field(default_factory=dict)

    def __enter__(self) -> Hub:
        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        # Another host, as for the hub: its client must not send the token there, and must not follow by itself.
        self.storage = f"http://localhost:{self._server.server_port}"
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def listing(self) -> dict:
        """What ``api/models/.../revision/...`` says."""
        siblings = []
        for name, body in self.files.items():
            entry = {"rfilename": name, "size": self.claimed.get(name, len(body)), "blobId": _git_hash(body)}
            if name in self.large:
                entry["lfs"] = {"sha256": sha256(body), "size": entry["size"], "pointerSize": 134}
            siblings.append(entry)
        return {"id": self.repo, "modelId": self.repo, "sha": REVISION, "private": False, "siblings": siblings}

    def ranges(self) -> list[str]:
        """The Range of each request for a large file's contents."""
        return [r for method, path, r in self.seen if method == "GET" and path.startswith("/storage/")]


def _git_hash(body: bytes) -> str:
    return hashlib.sha1(b"blob %d\0" % len(body) + body, usedforsecurity=False).hexdigest()


def _handler(hub: Hub) -> type[http.server.BaseHTTPRequestHandler]:
    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_: object) -> None: ...

        def do_HEAD(self) -> None:
            self.answer()

        def do_GET(self) -> None:
            with contextlib.suppress(ConnectionError):  # a client that was killed
                self.answer()

        def answer(self) -> None:
            path = urlsplit(self.path).path
            hub.seen.append((self.command, path, self.headers.get("Range", "")))
            hub.tokens[path] = self.headers.get("Authorization", "")
            status, code = hub.refuse
            if status:
                self.plain(status, b"{}", **({"X-Error-Code": code} if code else {}))
            elif path == f"/api/models/{hub.repo}/revision/{REVISION}":
                self.plain(200, json.dumps(hub.listing()).encode(), **{"Content-Type": "application/json"})
            elif path.startswith("/storage/"):
                self.stored(hub.files[path.removeprefix("/storage/")])
            else:
                self.resolved(path)

        def resolved(self, path: str) -> None:
            found = re.fullmatch(rf"/{re.escape(hub.repo)}/resolve/{REVISION}/(.+)", path)
            if not found or found[1] not in hub.files:
                return self.plain(404, b"{}", **{"X-Error-Code": "EntryNotFound" if found else "RepoNotFound"})
            body = hub.files[found[1]]
            more = {"X-Repo-Commit": REVISION}
            if found[1] not in hub.large:
                return self.plain(200, body, ETag=f'"{_git_hash(body)}"', **more)
            more |= {"X-Linked-Size": str(len(body)), "X-Linked-Etag": f'"{sha256(body)}"'}
            return self.plain(302, b"", Location=f"{hub.storage}/storage/{found[1]}", **more)

        def stored(self, body: bytes) -> None:
            asked = re.fullmatch(r"bytes=(\d+)-", self.headers.get("Range", ""))
            start = int(asked[1]) if asked else 0
            if hub.damage:
                middle = len(body) // 2
                body = body[:middle] + bytes([body[middle] ^ 1]) + body[middle + 1 :]
            self.send_response(206 if asked else 200)
            if asked:
                self.send_header("Content-Range", f"bytes {start}-{len(body) - 1}/{len(body)}")
            self.send_header("Content-Length", str(len(body) - start))
            self.end_headers()
            end = min(len(body), start + hub.drop_after) if hub.drop_after else len(body)
            for at in range(start, end, 1 << 16):
                self.wfile.write(body[at : min(end, at + (1 << 16))])
                time.sleep(hub.pause_s)
            if end < len(body):
                self.close_connection = True

        def plain(self, status: int, body: bytes, **headers: str) -> None:
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            if self.command == "GET":
                self.wfile.write(body)

    return Handler
