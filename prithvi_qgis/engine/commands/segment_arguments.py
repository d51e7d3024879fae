"""Arguments of ``segment``, apart from its code, which imports heavy libraries."""

from __future__ import annotations

import argparse
import os

from ...core.folder_runs import mosaic

MOSAICS = {"none": mosaic.NONE, "vrt": mosaic.VRT, "cog": mosaic.COG}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of ``segment``."""
    add = parser.add_argument
    add("input", nargs="+", help="scenes, URLs, folders, lists (.txt) or STAC items (.json); - is standard input")
    add("output", help="mask (.tif) of one scene; else a folder, made if need be")
    add("--model", default="demo-water", help="id of a model, or a folder with a model.json")
    add("--bands", default="", help="1-based band numbers in the model's order, such as 2,3,4,9,12,13")
    add("--sensor", default="", help="a preset, such as sentinel2-l1c, for files that carry no names")
    add("--frame", action="append", default=[], help="a further date of one scene; once for each")
    add("--dates", default="", help="2023-03-14,,2023-07-01: the scene's first; empty ones are found")
    add("--resolution", type=float, default=0.0, help="pixel size in metres; 0: the scene's own")
    add("--resampling", default="bilinear", help="bilinear, nearest or cubic")
    add("--scale", type=float, help="reflectance = value x scale + offset")
    add("--offset", type=float)
    add("--min-probability", default="", help="0.6, or Water=0.7,0=0.5: below it a pixel is unsure")
    add("--min-area", default="", help="smallest patch that stays, such as 25px or 0.5ha")
    add("--ignore-classes", default="", help="names or values of classes that become nodata, between commas")
    add("--stride", type=int, default=0, help="step between tiles in pixels; 0: the model's")
    add("--batch-size", type=int, default=0, help="tiles at once, vLLM's max_num_seqs; 0: automatic")
    add("--gpu-memory", type=float, default=0.0, help="share of the GPU, vLLM's gpu_memory_utilization; 0: automatic")
    add("--memory-mb", type=int, default=512, help="budget for pixels in memory")
    add("--stock", action="store_true", help="vLLM's stock IO processor instead of streaming")
    add("--pattern", default="", help="file names in a folder, several between semicolons")
    add("--recursive", action="store_true", help="search folders in a folder, too")
    add("--overwrite", action="store_true", help="segment again what is done")
    add("--probability", action="store_true", help="also NAME_probability.tif")
    add("--polygons", action="store_true", help="also NAME_polygons.gpkg")
    add("--mosaic", choices=tuple(MOSAICS), default="none", help="one raster over all masks of a folder")
    add("--workers", type=int, default=1, help="engines at once, each on a GPU of its own; 0: one a GPU")
    add("--cluster", default="", help="address of a Ray cluster, host:port, all its GPUs with --workers 0")
    add("--metrics", default=os.environ.get("PRITHVI_QGIS_METRICS", ""), help="file to keep in Prometheus' text format")
    add("--json", action="store_true", help="one JSON line a scene on standard output, and one for the run")
