"""Whether and how the network may be used."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Network:
    """The network settings of a front end."""

    offline: bool = False
    """No network at all; an installation then needs a wheelhouse."""
    variables: Mapping[str, str] = field(default_factory=dict)
    """Proxy and certificates as environment variables; the user's own variables and pip settings take precedence."""
    fetch_python: bool = False
    """Whether the user agreed that uv fetches a Python where no installed one fits."""


PLAIN = Network()  # the system's and the user's own settings
