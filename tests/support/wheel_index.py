"""A package index of a folder of wheels on this machine, with the faults that real ones have."""

from __future__ import annotations

import base64
import hashlib
import http.server
import threading
import time
from pathlib import Path
from urllib.parse import quote, urlsplit


class WheelIndex:
    """Serves ``/simple/NAME/`` and ``/files/FILE``; also does for a proxy.

    Args:
        user: name and password with a colon between; asked for when given.
        drop: file name to how often its connection ends half-way.
        lie: file names whose bytes are others than the index says.
        pause_s: between blocks of a file.
    """

    def __init__(self, wheels: Path, *, user="", drop=None, lie=(), pause_s=0.0):
        self.wheels, self.user, self.drop, self.lie, self.pause_s = wheels, user, dict(drop or {}), lie, pause_s
        self.fetched: list[
            tuple[str, str]
        ] = []  # (file, Range) that our own script asked for; uv looks into wheels, too
        self.proxied = 0
        index = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                index._answer(self)

            def do_HEAD(self):
                index._answer(self)

            def log_message(self, *args):
                pass

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.place = f"127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def __enter__(self) -> WheelIndex:
        return self

    def __exit__(self, *exc: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    @property
    def variables(self) -> dict[str, str]:
        """What sends uv here, past every proxy."""
        user = f"{quote(self.user, safe=':')}@" if self.user else ""
        return {"UV_DEFAULT_INDEX": f"http://{user}{self.place}/simple", "HTTP_PROXY": "", "HTTPS_PROXY": ""}

    def _answer(self, request: http.server.BaseHTTPRequestHandler) -> None:
        if "://" in request.path:
            self.proxied += 1
        path = urlsplit(request.path).path
        name = path.rstrip("/").rpartition("/")[2]
        if self.user:
            wanted = f"Basic {base64.b64encode(self.user.encode()).decode()}"
            if request.headers.get("Authorization") != wanted:
                request.send_response(401)
                request.send_header("WWW-Authenticate", 'Basic realm="wheels"')
                request.end_headers()
                return
        if "/files/" in path:
            self._send_file(request, name)
            return
        files = sorted(w for w in self.wheels.iterdir() if w.name.replace("_", "-").startswith(f"{name}-"))
        links = [f'<a href="/files/{w.name}#sha256={_sha256(w)}">{w.name}</a>' for w in files]
        _send(request, 200, "\n".join(links).encode(), "text/html")

    def _send_file(self, request: http.server.BaseHTTPRequestHandler, name: str) -> None:
        body = (self.wheels / name).read_bytes()
        if "Python-urllib" not in request.headers.get("User-Agent", ""):
            _send(request, 200, body, "application/zip")
            return
        part = request.headers.get("Range", "")
        self.fetched.append((name, part))
        if name in self.lie:
            body = bytes(len(body))
        if part:
            body = body[int(part[len("bytes=") : -1]) :]
        request.send_response(206 if part else 200)
        request.send_header("Content-Length", str(len(body)))
        request.end_headers()
        dropped = self.drop.get(name, 0) > 0
        if dropped:
            self.drop[name] -= 1
            body = body[: len(body) // 2]
        try:
            for start in range(0, len(body), 1 << 16):
                request.wfile.write(body[start : start + (1 << 16)])
                time.sleep(self.pause_s)
        except OSError:
            return  # whoever asked has gone
        request.close_connection = True


def _send(request: http.server.BaseHTTPRequestHandler, code: int, body: bytes, kind: str) -> None:
    request.send_response(code)
    request.send_header("Content-Type", kind)
    request.send_header("Content-Length", str(len(body)))
    request.end_headers()
    if request.command == "GET":
        request.wfile.write(body)


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
