"""What a run over many scenes holds of each scene from its request to its result."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Union

from ...core.protocol.messages import ClassArea, Segment
from ...core.system.heartbeat import Heartbeat
from ..inference.streaming import SceneRun
from ..prepared_scene import PreparedScene
from ..writing.mask_blocks import BlockMerger


@dataclass(eq=False)
class SceneSlot:
    """One scene; each stage adds what it made."""

    number: int
    request: Segment
    heartbeat: Heartbeat
    """The scene's heartbeat, cancelled when a stage gives up."""
    size_bytes: int = 0
    """Size of its rows and sums; set once its outputs are being opened."""
    prepared: PreparedScene = field(init=False)
    """Set once the scene is open."""
    run: Union[SceneRun, BlockMerger] = field(init=False)
    """Set once its outputs are open."""

    @property
    def tiles(self) -> int:
        """Tiles that the request needs before it has begun, about."""
        if self.request.join:
            return 0
        blocks = self.request.block[1] if self.request.block else 1
        return -(-self.prepared.plan.count // blocks)

    def finish(self) -> tuple[ClassArea, ...]:
        """Do what is left for the scene after the model, in any thread."""
        try:
            return self.run.finish()
        finally:
            self.close()

    def close(self) -> None:
        """Close the scene with its outputs; what is not committed is removed."""
        self.run.close()
        self.prepared.scene.close()
