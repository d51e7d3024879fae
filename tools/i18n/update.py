"""Update resources/i18n from the source and compile it. Usage: update.py [LANGUAGE of a new translation, such as fr]"""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from i18n import texts, ts_file

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "resources" / "i18n"
NAME = "prithvi"
TEMPLATE = ROOT / "build" / "i18n" / f"{NAME}.ts"
_COMPILERS = ("lrelease", "/usr/lib/qt6/bin/lrelease", "/usr/lib/qt5/bin/lrelease", "lrelease-qt6", "lrelease-qt5")


def main(new: list[str]) -> None:
    """Write the template and update every language."""
    try:
        found = texts.find_texts(ROOT / "prithvi_qgis")
    except texts.NotALiteral as e:
        sys.exit(str(e))
    compiler = next((c for c in map(shutil.which, _COMPILERS) if c), None)
    if compiler is None:
        sys.exit("Qt's lrelease is missing. Debian, Ubuntu: apt install qttools5-dev-tools; Fedora: qt5-linguist.")
    write_template(TEMPLATE, found)
    known = {p.stem.partition("_")[2] for p in FOLDER.glob(f"{NAME}_*.ts")}
    for language in sorted(known | set(new)):
        source = FOLDER / f"{NAME}_{language}.ts"
        translations = ts_file.renewed(ts_file.read(source), found)
        ts_file.write(source, language, translations, found)
        subprocess.run([compiler, "-silent", source, "-qm", source.with_suffix(".qm")], check=True)
        open_ = sum(not t.finished and not t.gone for t in translations.values())
        print(f"{language}: {len(found)} texts, {open_} to translate")


def write_template(path: Path, found: Mapping[str, Sequence[str]]) -> None:
    """Write a .ts file without a language, from which translation platforms start one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    ts_file.write(path, "", ts_file.renewed({}, found), found)


if __name__ == "__main__":
    main(sys.argv[1:])
