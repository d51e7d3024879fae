#!/usr/bin/python3
"""``make demo``: make the scene, segment it as a user would, print a summary, and draw a picture.

Leaves ``build/demo/scene.tif``, ``mask.tif`` (with ``.aux.xml`` and ``.qml``) and ``picture.png``. Runs under QGIS's
Python, with ``build/plugins`` staged and the engine installed.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BUILD = ROOT / "build"
DEMO = BUILD / "demo"
SCENE, MASK, PICTURE = DEMO / "scene.tif", DEMO / "mask.tif", DEMO / "picture.png"
SCENE_MAKER = ROOT / "tools" / "demo_model" / "make_demo_scene.py"
PICTURE_MAKER = ROOT / "tools" / "demo_picture.py"


def main() -> int:
    """Run the demo; return the exit code."""
    DEMO.mkdir(parents=True, exist_ok=True)
    environment = qgis_environment()
    make_scene(environment)
    enable_plugin(environment)
    started = time.monotonic()
    code, results = segment(environment)
    wall_s = time.monotonic() - started
    if code != 0:
        return code
    print_summary(results, wall_s)
    subprocess.run(
        [sys.executable, str(PICTURE_MAKER), str(SCENE), str(MASK), str(PICTURE)], env=environment, check=True
    )
    print(f"\n  mask     {MASK.relative_to(ROOT)}\n  picture  {PICTURE.relative_to(ROOT)}")
    return 0


def qgis_environment() -> dict[str, str]:
    """Return the environment for QGIS: the staged plugin, a separate profile, no foreign Python first on the path."""
    return {
        **os.environ,
        "PATH": "/usr/local/bin:/usr/bin:/bin",
        "QGIS_PLUGINPATH": str(BUILD / "plugins"),
        "QGIS_CUSTOM_CONFIG_PATH": str(BUILD / "qgis-profile"),
        "QT_QPA_PLATFORM": "offscreen",
        "XDG_RUNTIME_DIR": os.environ.get("XDG_RUNTIME_DIR") or str(private_folder()),
    }


def private_folder() -> Path:
    """Return the runtime folder that Qt expects under cron and in containers; without one it warns."""
    folder = BUILD / "runtime"
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)
    return folder


def make_scene(environment: dict[str, str]) -> None:
    """Make the demo scene unless it is newer than the code that makes it."""
    newest = max(p.stat().st_mtime for p in SCENE_MAKER.parent.glob("*.py"))
    if SCENE.exists() and SCENE.stat().st_mtime >= newest:
        return
    print("Making the demo scene ...", flush=True)
    fresh = SCENE.with_name("scene.part.tif")
    subprocess.run([sys.executable, str(SCENE_MAKER), str(fresh)], env=environment, check=True)
    for stale in DEMO.glob("scene.tif.*"):
        stale.unlink()
    for made in DEMO.glob("scene.part*"):
        made.replace(made.with_name(made.name.replace("scene.part", "scene")))


def enable_plugin(environment: dict[str, str]) -> None:
    """Enable the plugin in the profile, once."""
    profile = Path(environment["QGIS_CUSTOM_CONFIG_PATH"])
    if any("prithvi_qgis=true" in p.read_text(errors="replace") for p in profile.rglob("QGIS3.ini")):
        return
    profile.mkdir(parents=True, exist_ok=True)
    command = ["qgis_process", "plugins", "enable", "prithvi_qgis"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        sys.exit(f"The plugin could not be enabled: {done.stderr.strip() or done.stdout.strip()}")


def segment(environment: dict[str, str]) -> tuple[int, dict[str, str]]:
    """Run the algorithm, print its output as it arrives, and return the results."""
    command = ["qgis_process", "run", "prithvi:segment", f"--INPUT={SCENE}", f"--OUTPUT={MASK}"]
    print(
        "$ " + " ".join(["qgis_process", "run", "prithvi:segment", "--INPUT=build/demo/scene.tif", "..."]), flush=True
    )
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE) as child:
        assert child.stdout is not None
        text = b""
        while True:
            piece = os.read(child.stdout.fileno(), 4096)
            if not piece:
                break
            text += piece
            sys.stdout.buffer.write(piece)
            sys.stdout.flush()
    return child.returncode, read_results(text.decode(errors="replace"))


def read_results(text: str) -> dict[str, str]:
    """Return the ``NAME: value`` lines of the results, and the algorithm's seconds by stage."""
    _, _, results = text.rpartition("Results\n")
    values = dict(re.findall(r"^([A-Z_]+):\t(.*)$", results, re.MULTILINE))
    stages = re.search(r"^Seconds: (.*)$", text, re.MULTILINE)
    values["stages"] = stages.group(1) if stages else ""
    return values


def print_summary(results: dict[str, str], wall_s: float) -> None:
    """Print classes and areas counted in the mask, the device, the rate, and the seconds by stage."""
    tiles, seconds = int(results["TILES"]), float(results["SECONDS"])
    print("\n---- Summary ----")
    for name, pixels, share, area_ha in class_table(MASK):
        print(f"  {name:<10}{pixels:>12,} pixels{share:>8.2f} %{area_ha:>14,.1f} ha")
    print(f"  device    {results['DEVICE_NAME']}")
    working_s = stage_seconds(results["stages"]).get("segment", seconds)
    print(f"  tiles     {tiles}, {tiles / max(working_s, 1e-9):.2f} a second")
    print(f"  seconds   {wall_s:.1f} in all, {seconds:.1f} of them in the engine ({results['stages']})")


def stage_seconds(text: str) -> dict[str, float]:
    """Parse ``"read 0.06, infer 1.63"``."""
    return {name: float(seconds) for name, seconds in re.findall(r"(\w+) ([\d.]+)", text)}


def class_table(mask: Path) -> list[tuple[str, int, float, float]]:
    """Count in the mask: (name, pixels, percent of the valid pixels, area in ha) per class."""
    import numpy as np
    from osgeo import gdal

    gdal.UseExceptions()
    dataset = gdal.Open(str(mask))
    band = dataset.GetRasterBand(1)
    counts = np.bincount(band.ReadAsArray().ravel(), minlength=256)
    table = band.GetDefaultRAT()
    values = range(table.GetRowCount())
    columns = {table.GetUsageOfCol(c): c for c in range(table.GetColumnCount())}
    value_column, name_column = columns[gdal.GFU_MinMax], columns[gdal.GFU_Name]
    named = {table.GetValueAsInt(r, value_column): table.GetValueAsString(r, name_column) for r in values}
    valid = sum(int(counts[v]) for v in named) or 1
    transform = dataset.GetGeoTransform()
    pixel_m2 = abs(transform[1] * transform[5] - transform[2] * transform[4])
    return [(n, int(counts[v]), 100 * int(counts[v]) / valid, counts[v] * pixel_m2 / 1e4) for v, n in named.items()]


if __name__ == "__main__":
    sys.exit(main())
