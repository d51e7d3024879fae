"""Make the pictures of docs/images: run the desktop suite's stories in a real QGIS and take screenshots.

Run from the repository with the engine installed, as ``make screenshots`` does; names of stories renew theirs alone.
Everything lies below /tmp/prithvi-demo meanwhile, so that no picture shows anybody's folders.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from PIL import Image

ROOT = Path(__file__).resolve().parents[1]
IMAGES = ROOT / "docs" / "images"
PLACE = Path("/tmp/prithvi-demo")  # nosec B108: created with mode 0700, refused if it exists
STORIES = ("form", "at_once", "cancel", "wrong_bands", "several", "options", "first_run", "installing")
WITHOUT_ENGINE = ("first_run", "installing")
SCREEN = "1180x720"
MAX_BYTES = 195_000
WINDOW_COLOURS = 56
COLOURS = (200, 150, 100, 64)  # of the scene, until the picture is small enough
PAGE = """
import sys
from qgis.PyQt.QtCore import QUrl
from qgis.PyQt.QtWidgets import QApplication
from PyQt5.QtWebKitWidgets import QWebView  # the browser that comes with QGIS on Qt 5
app = QApplication([])
view = QWebView()
view.resize(920, 720)
view.loadFinished.connect(lambda ok: (view.grab().save(sys.argv[2]), app.quit()))
view.load(QUrl.fromLocalFile(sys.argv[1]))
view.show()
app.exec()
"""


def main() -> None:
    """Run the stories and keep their pictures."""
    sys.path.insert(0, str(ROOT / "tests"))
    from support.desktop.qgis_session import QgisSession, screen

    PLACE.mkdir(mode=0o700)
    try:
        scene, raw = PLACE / "scene.tif", PLACE / "pictures"
        raw.mkdir()
        shutil.copy(ROOT / "build" / "demo" / "scene.tif", scene)
        with_engine(PLACE / "home")
        with screen(SCREEN) as display:
            for story in sys.argv[1:] or STORIES:
                folder = PLACE / story
                folder.mkdir()
                home = PLACE / ("new" if story in WITHOUT_ENGINE else "home")
                cache = PLACE / "cache"  # an empty one, so that an installation downloads
                QgisSession(display, folder, scene).play(
                    story, HOME=str(home), UV_CACHE_DIR=str(cache), DESKTOP_PICTURES=str(raw)
                )
            if (raw / "report.html").exists():
                page = [sys.executable, "-c", PAGE, str(raw / "report.html"), str(raw / "report.png")]
                subprocess.run(page, check=True, env={**os.environ, "DISPLAY": display, "QT_QPA_PLATFORM": "xcb"})
        keep(raw)
    finally:
        stop_engine(PLACE / "home")
        shutil.rmtree(PLACE)


def with_engine(home: Path) -> None:
    """Make a home folder that holds the installed engine."""
    from prithvi_qgis.core.system import paths

    data = home / ".local" / "share" / "prithvi_qgis"
    data.mkdir(parents=True)
    (data / "engine").symlink_to(paths.home() / "engine")
    for name in ("PRITHVI_QGIS_HOME", "XDG_DATA_HOME"):
        os.environ.pop(name, None)


def stop_engine(home: Path) -> None:
    """End the engine that the stories started."""
    from prithvi_qgis.client.engine import engine_client

    os.environ["HOME"] = str(home)
    engine_client.stop()


def keep(raw: Path) -> None:
    """Write the pictures, with fewer colours where they would be too large."""
    IMAGES.mkdir(exist_ok=True)
    for shot in sorted(raw.glob("*.png")):
        picture, target = Image.open(shot).convert("RGB"), IMAGES / shot.name
        picture.save(target, optimize=True)
        for colours in COLOURS:
            if target.stat().st_size > MAX_BYTES:
                reduced(picture, colours).save(target, optimize=True)
        print(f"{shot.name}: {target.stat().st_size / 1000:.0f} kB")


def reduced(picture: Image.Image, colours: int) -> Image.Image:
    """Reduce the colours of the satellite scene; keep those of window and legend."""
    counted = sorted(picture.getcolors(picture.width * picture.height), reverse=True)
    window = [value for _, colour in counted[:WINDOW_COLOURS] for value in colour]
    scene = picture.quantize(colours, Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE).getpalette() or []
    palette = Image.new("P", (1, 1))
    palette.putpalette(window + scene[: 3 * colours])
    return picture.quantize(palette=palette, dither=Image.Dither.NONE)


if __name__ == "__main__":
    main()
