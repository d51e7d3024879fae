"""Renew resources/i18n from the source, and compile it. Usage: update.py [LANGUAGE of a new translation, such as fr]"""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from i18n import texts, ts_file

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "resources" / "i18n"
NAME = "prithvi"
_COMPILERS = ("lrelease", "/usr/lib/qt6/bin/lrelease", "/usr/lib/qt5/bin/lrelease", "lrelease-qt6", "lrelease-qt5")


def main(new: list[str]) -> None:
    """Template, then every language."""
    try:
        found = texts.find_texts(ROOT / "prithvi_qgis")
    except texts.NotALiteral as e:
        sys.exit(str(e))
    compiler = next((c for c in map(shutil.which, _COMPILERS) if c), None)
    if compiler is None:
        sys.exit("Qt's lrelease is missing. Debian, Ubuntu: apt install qttools5-dev-tools; Fedora: qt5-linguist.")
    ts_file.write(FOLDER / f"{NAME}.ts", "", ts_file.renewed({}, found), found)
    known = {p.stem.partition("_")[2] for p in FOLDER.glob(f"{NAME}_*.ts")}
    for language in sorted(known | set(new)):
        source = FOLDER / f"{NAME}_{language}.ts"
        translations = ts_file.renewed(ts_file.read(source), found)
        ts_file.write(source, language, translations, found)
        subprocess.run([compiler, "-silent", source, "-qm", source.with_suffix(".qm")], check=True)
        open_ = sum(not t.finished and not t.gone for t in translations.values())
        print(f"{language}: {len(found)} texts, {open_} to translate")


if __name__ == "__main__":
    main(sys.argv[1:])
