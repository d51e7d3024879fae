"""The authenticated connection."""

from __future__ import annotations

import os
import socket
import struct
import threading
import time
from dataclasses import replace

import pytest

from prithvi_qgis.core.errors import PrithviError
from prithvi_qgis.core.protocol import channel
from prithvi_qgis.core.protocol.codec import MAX_MESSAGE_BYTES
from prithvi_qgis.core.protocol.messages import Accepted, Log, Status
from prithvi_qgis.core.system.timeouts import TIMEOUTS


@pytest.fixture
def listener(tmp_path):
    raw = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    raw.bind(str(channel.socket_path(tmp_path)))
    raw.listen(4)
    yield raw
    raw.close()


def serve(listener, key, answer, timeouts=TIMEOUTS):
    """Welcome one peer in a thread; what happened comes back in the list."""
    outcome = []

    def run():
        raw, _ = listener.accept()
        try:
            peer = channel.welcome(raw, key, timeouts)
            outcome.append("welcome")
            answer(peer)
        except (channel.ChannelClosed, PrithviError) as e:
            outcome.append(e)

    thread = threading.Thread(target=run)
    thread.start()
    return thread, outcome


def test_two_sides_that_share_the_key_talk(listener, tmp_path):
    key = channel.write_key(tmp_path)
    thread, _ = serve(listener, key, lambda peer: peer.send(Accepted(len(str(peer.receive(5))))))
    with_engine = channel.connect(tmp_path)
    with_engine.send(Status())
    assert with_engine.receive(5) == Accepted(len("Status()"))
    thread.join()


def test_a_peer_with_another_key_is_turned_away(listener, tmp_path):
    channel.write_key(tmp_path)
    thread, outcome = serve(listener, b"another key", lambda peer: None)
    with pytest.raises((PrithviError, channel.ChannelClosed)):
        channel.connect(tmp_path)
    thread.join()
    assert outcome != ["welcome"]


def test_a_silent_peer_is_given_up_after_the_deadline(listener, tmp_path):
    thread, outcome = serve(listener, b"key", lambda peer: None, replace(TIMEOUTS, auth_s=0.3))
    silent = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    silent.connect(str(channel.socket_path(tmp_path)))
    thread.join(5)
    assert isinstance(outcome[0], channel.ChannelClosed)
    silent.close()


def test_a_message_beyond_the_bound_ends_the_connection(listener, tmp_path):
    key = channel.write_key(tmp_path)
    thread, outcome = serve(listener, key, lambda peer: peer.receive(5))
    with_engine = channel.connect(tmp_path)
    with pytest.raises(channel.ChannelClosed):
        with_engine.send(Log("info", "x" * (4 * MAX_MESSAGE_BYTES)))
    thread.join(5)
    assert isinstance(outcome[-1], channel.ChannelClosed)


def test_a_message_that_stops_in_the_middle_ends_the_connection(listener, tmp_path):
    key = channel.write_key(tmp_path)
    over = threading.Event()

    def half(peer):
        os.write(peer._connection.fileno(), struct.pack("!i", 100) + b'{"kind"')
        over.wait(30)

    thread, _ = serve(listener, key, half)
    with_engine = channel.connect(tmp_path, replace(TIMEOUTS, message_s=1.0))
    began = time.monotonic()
    with pytest.raises(channel.ChannelClosed):
        with_engine.receive(5)
    assert time.monotonic() - began < 20
    over.set()
    thread.join()


def test_the_key_is_readable_by_its_owner_only(tmp_path):
    channel.write_key(tmp_path)
    assert (tmp_path / "key").stat().st_mode & 0o777 == 0o600
    assert len(channel.read_key(tmp_path)) == 32


def test_nobody_listening_is_told_at_once(tmp_path):
    with pytest.raises(channel.ChannelClosed):
        channel.connect(tmp_path)
