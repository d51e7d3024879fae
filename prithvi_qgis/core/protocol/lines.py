"""Messages on a child process's standard output, one JSON line each, between lines that its libraries print."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import IO, Optional

from ..errors import PrithviError
from .codec import decode, encode
from .messages import Failed, Message

_KEPT_LINES = 100


def to_line(message: Message) -> str:
    """Return the message as a line, without its end."""
    return encode(message).decode()


def parse_line(line: str) -> Optional[Message]:
    """Return the message that a line holds; None for any other line."""
    if not line.startswith('{"type":'):
        return None
    try:
        return decode(line.encode())
    except PrithviError:
        return None


def write_message(out: IO[str], message: Message) -> None:
    """Write a message to a child's standard output, at once."""
    print(to_line(message), file=out, flush=True)


class LineReader:
    """Reads a child's output: passes messages on, and keeps what else it prints for an error message."""

    def __init__(self, on_message: Callable[[Message], None]):
        self._on_message = on_message
        self.failed: Optional[Failed] = None
        """The child's own report of a failure."""
        self.log: deque[str] = deque(maxlen=_KEPT_LINES)
        """The last lines that are not messages."""

    def take(self, line: str) -> None:
        """Pass on one line of output: a message, an error, or a log line."""
        message = parse_line(line)
        if message is None:
            self.log.append(line)
        elif isinstance(message, Failed):
            self.failed = message
        else:
            self._on_message(message)
