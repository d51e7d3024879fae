"""How the network may be used."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Network:
    """What a front end allows and knows.

    Attributes:
        offline: no network at all; an installation then needs a wheelhouse.
        variables: proxy and certificates that the front end knows; the user's own variables and pip settings win.
    """

    offline: bool = False
    variables: Mapping[str, str] = field(default_factory=dict)


PLAIN = Network()  # as the system and the user's variables say
