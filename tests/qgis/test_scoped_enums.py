"""Enum members are named with their enum (``Qt.AlignmentFlag.AlignTop``): PyQt6 knows no other way.

The names are looked up in the running QGIS, so that nothing depends on a list of enums.
"""

from __future__ import annotations

import ast
import enum
import importlib
import pkgutil

import pytest
from qgis.PyQt.QtCore import Qt

from support import ROOT

PLACES = [*(ROOT / "prithvi_qgis").rglob("*.py"), *(ROOT / "tests" / "qgis").rglob("*.py")]
USING_QGIS = sorted(p for p in PLACES if "qgis." in p.read_text(encoding="utf-8"))


def imported(tree: ast.AST) -> dict[str, object]:
    """What each name that comes from QGIS stands for."""
    found: dict[str, object] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] in ("qgis", "processing"):
            try:
                module = importlib.import_module(node.module)
            except ImportError:  # imported there in a try, too
                continue
            for name in node.names:
                if hasattr(module, name.name):
                    found[name.asname or name.name] = getattr(module, name.name)
    return found


def chain(node: ast.Attribute) -> list[str]:
    """``Qt.AlignmentFlag.AlignTop`` as its names; empty where it does not begin with a name."""
    names: list[str] = []
    inner: ast.AST = node
    while isinstance(inner, ast.Attribute):
        names.insert(0, inner.attr)
        inner = inner.value
    return [inner.id, *names] if isinstance(inner, ast.Name) else []


# Qt 5's enums are not Python's, and what they are has no name.
QT_ENUM = type(Qt.AlignmentFlag)


def is_enum(thing: object) -> bool:
    return isinstance(thing, (QT_ENUM, enum.EnumMeta))


def unscoped(tree: ast.AST) -> list[str]:
    """``line: name`` of each enum member that is taken from something else than its enum."""
    found = []
    known = imported(tree)
    for node in (n for n in ast.walk(tree) if isinstance(n, ast.Attribute)):
        first, *rest = chain(node) or [""]
        thing = known.get(first)
        for name in rest:
            if not isinstance(thing, type) or not hasattr(thing, name):
                break
            owner, thing = thing, getattr(thing, name)
            if is_enum(type(thing)) and not is_enum(owner):
                found.append(f"{node.lineno}: {first}.{'.'.join(rest)}")
    return found


@pytest.mark.parametrize("path", USING_QGIS, ids=lambda p: p.relative_to(ROOT).as_posix())
def test_enum_members_are_named_with_their_enum(path, qgis_app):
    assert unscoped(ast.parse(path.read_text(encoding="utf-8"))) == []


@pytest.mark.parametrize(
    "line",
    [
        "from qgis.PyQt.QtCore import Qt\nx = Qt.AlignLeft",
        "from qgis.PyQt.QtWidgets import QMessageBox as Box\nBox.question(None, '', '') == Box.Ok",
        "from qgis.core import QgsProcessing\nkind = QgsProcessing.TypeRaster",
        "from qgis.core import Qgis\nlevel = Qgis.Warning",
        "from qgis.core import QgsTask\nclass T(QgsTask):\n    flags = QgsTask.CanCancel | QgsTask.Flag.Hidden",
        "from qgis.gui import QgsFileWidget\nmode = QgsFileWidget.GetDirectory",
    ],
)
def test_the_rule_sees_members_without_their_enum(line, qgis_app):
    assert len(unscoped(ast.parse(line))) == 1


@pytest.mark.parametrize(
    "line",
    [
        "from qgis.PyQt.QtCore import Qt\nx = Qt.AlignmentFlag.AlignLeft",
        "from qgis.core import Qgis, QgsTask\nx = Qgis.MessageLevel.Warning, QgsTask.Flag.CanCancel",
        "from qgis.core import QgsProcessing\nx = QgsProcessing.TEMPORARY_OUTPUT",
    ],
)
def test_the_rule_accepts_members_with_their_enum(line, qgis_app):
    assert unscoped(ast.parse(line)) == []


def test_every_module_of_the_window_side_can_be_imported(qgis_processing):
    import prithvi_qgis.algorithms
    import prithvi_qgis.gui

    for package in (prithvi_qgis.gui, prithvi_qgis.algorithms):
        modules = [m.name for m in pkgutil.walk_packages(package.__path__, f"{package.__name__}.")]
        assert len(modules) > 10
        for name in modules:
            importlib.import_module(name)
