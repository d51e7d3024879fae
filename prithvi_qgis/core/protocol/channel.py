"""An authenticated, bounded stream of JSON messages over a Unix socket.

``multiprocessing.connection`` frames and authenticates. Only ``send_bytes`` and ``recv_bytes`` are used: its ``send``
and ``recv`` unpickle what the peer sent. ``Listener(authkey=...)`` is avoided because one silent peer blocks its
``accept`` for every other peer; here the thread of each peer authenticates it, with a deadline.
"""

from __future__ import annotations

import os
import secrets
import socket
import struct
import threading
from collections.abc import Callable, Iterable
from multiprocessing import AuthenticationError
from multiprocessing.connection import Connection, answer_challenge, deliver_challenge
from pathlib import Path
from typing import Optional

from ..errors import ErrorCode, PrithviError
from ..system.atomic_files import write_text
from ..system.timeouts import TIMEOUTS, Timeouts
from .codec import MAX_MESSAGE_BYTES, decode, encode
from .messages import Message


class ChannelClosed(Exception):
    """The peer closed the connection or is gone."""


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
        """Return the next message, or None after ``timeout_s`` (None waits).

        Raises:
            ChannelClosed: the peer is gone, or sent too large a message.
            PrithviError: ``contract_broken`` for an unreadable message.
        """
        try:
            if not self._connection.poll(timeout_s):
                return None
            return decode(self._connection.recv_bytes(MAX_MESSAGE_BYTES))
        except (EOFError, OSError) as e:
            self.close()  # also after too large a message, whose sender would otherwise wait
            raise ChannelClosed(str(e)) from e

    def close(self) -> None:
        """Close the connection; closing twice is harmless."""
        self._connection.close()


def socket_path(folder: Path) -> Path:
    """Return the path of the engine's socket in its run folder."""
    return folder / "socket"


def read_key(folder: Path) -> bytes:
    """Return the shared key, or b"" when there is none yet."""
    try:
        return bytes.fromhex((folder / "key").read_text())
    except (OSError, ValueError):
        return b""


def write_key(folder: Path) -> bytes:
    """Write a new key atomically, readable by its owner only, and return it."""
    key = secrets.token_bytes(32)
    write_text(folder / "key", key.hex(), durable=False, mode=0o600)
    return key


def connect(folder: Path, timeouts: Timeouts = TIMEOUTS) -> Channel:
    """Connect to the engine; both sides prove that they have the key.

    Raises:
        ChannelClosed: no process listens, or the peer closed the connection or stayed silent for ``auth_s``.
        PrithviError: ``engine_unreachable`` when the peer has another key.
    """
    raw = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        raw.settimeout(timeouts.auth_s)
        raw.connect(str(socket_path(folder)))
        raw.settimeout(None)
    except OSError as e:
        raw.close()
        raise ChannelClosed(str(e)) from e
    return _authenticated(raw, read_key(folder), (answer_challenge, deliver_challenge), timeouts)


def welcome(raw: socket.socket, key: bytes, timeouts: Timeouts = TIMEOUTS) -> Channel:
    """The engine's half of :func:`connect`, for a socket just accepted. Same errors."""
    raw.setblocking(True)
    return _authenticated(raw, key, (deliver_challenge, answer_challenge), timeouts)


def _authenticated(
    raw: socket.socket, key: bytes, handshake: Iterable[Callable[[Connection, bytes], object]], timeouts: Timeouts
) -> Channel:
    """Run the handshake; the socket of a peer that stays silent for ``auth_s`` is shut down."""
    # A peer that is stopped (Ctrl-Z) reads nothing, and may be in the middle of a message.
    for option in (socket.SO_SNDTIMEO, socket.SO_RCVTIMEO):
        raw.setsockopt(socket.SOL_SOCKET, option, struct.pack("ll", int(timeouts.message_s), 0))
    connection = Connection(raw.detach())

    def shut_down() -> None:
        # shutdown() wakes the thread that reads; close() alone would not.
        with socket.socket(fileno=os.dup(connection.fileno())) as twin:
            twin.shutdown(socket.SHUT_RDWR)

    timer = threading.Timer(timeouts.auth_s, shut_down)
    timer.daemon = True
    timer.start()
    try:
        for step in handshake:
            step(connection, key)
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
