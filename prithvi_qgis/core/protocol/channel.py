"""An authenticated, bounded stream of JSON messages over a Unix socket.

``multiprocessing.connection`` frames and authenticates. Only ``send_bytes`` and ``recv_bytes`` are used: its ``send``
and ``recv`` unpickle what the peer sent. ``Listener(authkey=...)`` is avoided because one silent peer blocks its
``accept`` for everybody; here each peer is authenticated by whoever handles it, with a deadline.
"""

from __future__ import annotations

import os
import secrets
import socket
import struct
import threading
from collections.abc import Callable
from multiprocessing import AuthenticationError
from multiprocessing.connection import Connection, answer_challenge, deliver_challenge
from pathlib import Path
from typing import Optional

from ..errors import ErrorCode, PrithviError
from ..system.atomic_files import write_text
from .codec import MAX_MESSAGE_BYTES, decode, encode
from .messages import Message

AUTH_DEADLINE_S = 30.0
MESSAGE_DEADLINE_S = 60.0  # between a message's first byte and its last


class ChannelClosed(Exception):
    """The other side is gone."""


class Channel:
    """One connection. ``send`` may be called from several threads, ``receive`` from one."""

    def __init__(self, connection: Connection):
        self._connection = connection
        self._send_lock = threading.Lock()

    def send(self, message: Message) -> None:
        """Send one message. Raises ChannelClosed when the peer is gone."""
        data = encode(message)
        try:
            with self._send_lock:
                self._connection.send_bytes(data)
        except (OSError, ValueError) as e:
            raise ChannelClosed(str(e)) from e

    def receive(self, timeout_s: Optional[float] = None) -> Optional[Message]:
        """The next message, or None after ``timeout_s``. Raises ChannelClosed or PrithviError (unreadable message)."""
        try:
            if not self._connection.poll(timeout_s):
                return None
            return decode(self._connection.recv_bytes(MAX_MESSAGE_BYTES))
        except (EOFError, OSError) as e:
            self.close()  # also after a message beyond the bound, whose sender would otherwise wait for a reader
            raise ChannelClosed(str(e)) from e

    def close(self) -> None:
        """Close; closing twice is fine."""
        self._connection.close()


def socket_path(folder: Path) -> Path:
    """The engine's socket in its run folder."""
    return folder / "socket"


def read_key(folder: Path) -> bytes:
    """The shared key, or b"" when there is none yet."""
    try:
        return bytes.fromhex((folder / "key").read_text())
    except (OSError, ValueError):
        return b""


def write_key(folder: Path) -> bytes:
    """Make a new key, readable by its owner only, in one step that leaves no half-written key."""
    key = secrets.token_bytes(32)
    write_text(folder / "key", key.hex(), durable=False, mode=0o600)
    return key


def connect(folder: Path) -> Channel:
    """Connect to the engine and prove the key to each other.

    Raises:
        ChannelClosed: nobody listens, or the peer went away or stayed silent past the deadline.
        PrithviError: the peer does not know the key.
    """
    raw = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        raw.settimeout(AUTH_DEADLINE_S)
        raw.connect(str(socket_path(folder)))
        raw.settimeout(None)
    except OSError as e:
        raw.close()
        raise ChannelClosed(str(e)) from e
    _bound(raw)
    connection = Connection(raw.detach())
    key = read_key(folder)
    return _authenticated(connection, lambda: (answer_challenge(connection, key), deliver_challenge(connection, key)))


def welcome(raw: socket.socket, key: bytes) -> Channel:
    """The engine's half of :func:`connect`, for a socket just accepted. Same errors."""
    raw.setblocking(True)
    _bound(raw)
    connection = Connection(raw.detach())
    return _authenticated(connection, lambda: (deliver_challenge(connection, key), answer_challenge(connection, key)))


def _bound(raw: socket.socket) -> None:
    """A peer that is stopped (Ctrl-Z) reads nothing and may be in the middle of a message: nobody waits for ever."""
    for option in (socket.SO_SNDTIMEO, socket.SO_RCVTIMEO):
        raw.setsockopt(socket.SOL_SOCKET, option, struct.pack("ll", int(MESSAGE_DEADLINE_S), 0))


def _authenticated(connection: Connection, handshake: Callable[[], object]) -> Channel:
    """Run the handshake; a peer that stays silent past the deadline has its socket shut down under it."""

    def hang_up() -> None:
        # shutdown() wakes the thread that reads; close() alone would not.
        with socket.socket(fileno=os.dup(connection.fileno())) as twin:
            twin.shutdown(socket.SHUT_RDWR)

    timer = threading.Timer(AUTH_DEADLINE_S, hang_up)
    timer.daemon = True
    timer.start()
    try:
        handshake()
    except AuthenticationError as e:
        connection.close()
        raise PrithviError(
            ErrorCode.ENGINE_UNREACHABLE,
            "The engine that listens does not know this user's key.",
            "Stop it with prithvi:stopengine and run again.",
        ) from e
    except (EOFError, OSError) as e:
        connection.close()
        raise ChannelClosed(str(e)) from e
    finally:
        timer.cancel()
    return Channel(connection)
