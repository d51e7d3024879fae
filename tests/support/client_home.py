"""A client, its data folder, and the messages that it received from the scripted engine."""

from __future__ import annotations

from pathlib import Path

from prithvi_qgis.client.engine import engine_client
from prithvi_qgis.core.protocol import messages
from prithvi_qgis.core.system.timeouts import TIMEOUTS
from support.scripted_home import scripted_engine


class ClientHome:
    """A user's data folder with a scripted engine installed in it."""

    def __init__(self, home: Path):
        self.home = home
        self.script = scripted_engine(home)
        self.output = home / "mask.tif"
        self.received: list[messages.Message] = []

    def segment(self, is_cancelled=lambda: False, output: str = "", timeouts=TIMEOUTS) -> messages.Result:
        output = output or str(self.output)
        request = messages.Segment(source="/data/scene.tif", model="/models/m", output=output)
        return engine_client.segment(request, "cpu", self.received.append, is_cancelled, 1, timeouts)

    def stages(self) -> list[str]:
        return [m.stage for m in self.received if isinstance(m, messages.Progress)]

    def log_text(self) -> str:
        return " ".join(m.text for m in self.received if isinstance(m, messages.Log))

    def pids(self) -> list[int]:
        return [int(p) for p in (self.home / "starts").read_text().split()]

    def leftovers(self) -> list[str]:
        return [p.name for p in self.home.iterdir() if "prithvi-" in p.name and p.name.startswith(".")]
