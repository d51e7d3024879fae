"""A full GPU: a real allocation takes its memory before or while a model is loaded.

Run with the engine's Python on a GPU: python -m tools.bench full_card --work FOLDER [--side 4096]
"""

from __future__ import annotations

from .setting import Bench, arguments


def main() -> int:
    """Report each case."""
    parser = arguments(__doc__)
    parser.add_argument("--side", type=int, default=4096)
    options = parser.parse_args()
    bench = Bench(options)

    import rasterio
    import torch

    from prithvi_qgis.core.errors import PrithviError
    from prithvi_qgis.core.protocol.messages import Log, Message
    from prithvi_qgis.engine.device import nvml

    masks = {}

    def run(name: str) -> None:
        warnings: list[str] = []

        def emit(message: Message) -> None:
            if isinstance(message, Log) and message.level == "warning":
                warnings.append(message.text)

        target = bench.work / f"{name}.tif"
        target.unlink(missing_ok=True)
        free = nvml.memory_mb()[0]
        try:
            result = bench.run(bench.request(options.side, target.name), emit)
            outcome = f"{result.tiles} tiles in {result.timings['segment']:.2f} s"
        except PrithviError as e:
            outcome = e.line
        bench.loader.release_cache()
        equal = None
        if target.exists():
            with rasterio.open(target) as src:
                masks[name] = src.read(1)
            equal = float((masks[name] == masks.get("plenty", masks[name])).mean())
        bench.report(case=name, free_mb=free, outcome=outcome, warnings=warnings, equal_pixels=equal)

    def run_with(name: str, free_mb: int) -> None:
        torch.cuda.empty_cache()
        taken = torch.empty(torch.cuda.mem_get_info()[0] - (free_mb << 20), dtype=torch.uint8, device="cuda")
        run(name)
        del taken

    run("first")
    run("plenty")
    for name, free_mb in (("tight", 4000), ("tighter", 1800), ("nothing", 150)):
        run_with(name, free_mb)
    for name, free_mb in (("loading, tight", 4000), ("loading, nothing", 1000)):
        bench.loader.unload()  # what is free then decides the batch size, or the load is refused in one line
        run_with(name, free_mb)
    torch.cuda.empty_cache()
    run("after")
    return 0
