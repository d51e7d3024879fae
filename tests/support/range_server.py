"""A web server of one file that answers ranges, and fails or stalls after so many requests."""

from __future__ import annotations

import http.server
import threading
import time


class Server(http.server.ThreadingHTTPServer):
    """Serves one file with ranges; ``healthy`` requests later it does what ``then`` says.

    ``data`` may be replaced; ``header`` is a (name, value) that each request must have.
    """

    daemon_threads = True

    def __init__(self, path, healthy=10**9, then="fail", header=None):
        super().__init__(("127.0.0.1", 0), Handler)
        self.header = header
        self.data, self.healthy, self.then, self.requests = path.read_bytes(), healthy, then, 0
        self.released = threading.Event()
        self.stalls = 0.0

    @property
    def url(self):
        return f"/vsicurl/http://127.0.0.1:{self.server_address[1]}/scene{id(self)}.tif"

    def stalled_for(self, seconds):
        """Whether it gave nothing for so long."""
        return bool(self.stalls) and time.monotonic() - self.stalls > seconds


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_HEAD(self):
        self._answer(body=False)

    def do_GET(self):
        self._answer(body=True)

    def _answer(self, body):
        server = self.server
        server.requests += 1
        if server.requests > server.healthy:
            if server.then == "stall":
                server.stalls = server.stalls or time.monotonic()
                server.released.wait(120)
            self.send_response(503)
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        if server.header and self.headers.get(server.header[0]) != server.header[1]:
            self.send_response(401)
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        part, status = server.data, 200
        if wanted := self.headers.get("Range"):
            first, _, last = wanted.removeprefix("bytes=").partition("-")
            end = min(int(last or len(part) - 1), len(part) - 1)
            status, part = 206, part[int(first) : end + 1]
        self.send_response(status)
        if status == 206:
            self.send_header("Content-Range", f"bytes {first}-{end}/{len(server.data)}")
        self.send_header("Accept-Ranges", "bytes")
        self.send_header("ETag", f'"{hash(server.data)}"')
        self.send_header("Content-Length", str(len(part)))
        self.end_headers()
        if body:
            self.wfile.write(part)

    def log_message(self, *args):
        pass
