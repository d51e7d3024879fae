"""What the source has to keep to so that it can be translated, and runs with Qt 5 and Qt 6."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from i18n import texts, ts_file
from support import ROOT

PACKAGE = ROOT / "prithvi_qgis"
READ_BY_PEOPLE = ["algorithms", "gui", "plugin.py", "provider.py"]

# What shows its text arguments to a person.
SHOWS = re.compile(
    r"set(Text|WindowTitle|Title|ToolTip|StatusTip|WhatsThis|PlaceholderText|Label|LabelText|Help|Suffix|Prefix|"
    r"SpecialValueText|AccessibleName|AccessibleDescription|DialogTitle|Description|ProgressText|InformativeText)"
    r"|add(Action|Button|Item|Items|Row|Tab|Menu)|(push|create)(Message|Info|Warning)|reportError|show_text"
    r"|information|question|warning|critical|Q(Label|PushButton|GroupBox|Action|CheckBox|RadioButton|Menu|ToolButton)"
    r"|QgsCollapsibleGroupBox|QgsProcessing(Parameter|Output)[A-Z]\w+"
)
# What returns such a text to QGIS.
RETURNS = ("displayName", "shortDescription", "shortHelpString", "longName", "group", "tags")
# Names, the same in every language; and what a script reads.
NO_TEXT = {"Prithvi", "MB", "CUDA", "CPU", "demo-water"}
MACHINE_NAME = re.compile(r"[A-Z][A-Z0-9_]+")  # of parameters and results


def files(*places: str) -> list[Path]:
    found: list[Path] = []
    for place in places:
        path = PACKAGE / place
        found += sorted(path.rglob("*.py")) if path.is_dir() else [path]
    return found


def bare(node: ast.AST) -> list[str]:
    """Texts in an argument that are not given to tr(): words, and not the names of things."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        text = node.value.strip()
        wordless = not re.search(r"[^\W\d_]{2}", text)
        return [] if wordless or text in NO_TEXT or MACHINE_NAME.fullmatch(text) else [text]
    if isinstance(node, ast.JoinedStr):
        return [t for part in node.values for t in bare(part)]
    if isinstance(node, (ast.BinOp, ast.BoolOp, ast.IfExp, ast.List, ast.Tuple, ast.Dict)):
        parts = [c for c in ast.iter_child_nodes(node) if not (isinstance(node, ast.IfExp) and c is node.test)]
        keys = node.keys if isinstance(node, ast.Dict) else []
        return [t for part in parts if part not in keys for t in bare(part)]
    return []


def name_of(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")


def untranslated(tree: ast.AST) -> list[tuple[int, str]]:
    """(line, text) of what a person reads in English whatever their language is."""
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and SHOWS.fullmatch(name_of(node)):
            arguments = [*node.args, *(k.value for k in node.keywords if k.arg != "defaultValue")]
            found += [(node.lineno, text) for argument in arguments for text in bare(argument)]
        elif isinstance(node, ast.FunctionDef) and node.name in RETURNS:
            returned = [n.value for n in ast.walk(node) if isinstance(n, ast.Return) and n.value is not None]
            found += [(node.lineno, text) for value in returned for text in bare(value)]
    return found


@pytest.mark.parametrize("path", files("."), ids=lambda p: p.relative_to(PACKAGE).as_posix())
def test_what_tr_is_given_stands_there_as_it_is(path):
    for call in texts.calls(ast.parse(path.read_text(encoding="utf-8"))):
        assert texts.literal(call, path.name)


@pytest.mark.parametrize("path", files(*READ_BY_PEOPLE), ids=lambda p: p.relative_to(PACKAGE).as_posix())
def test_what_a_person_reads_is_translated(path):
    assert untranslated(ast.parse(path.read_text(encoding="utf-8"))) == []


@pytest.mark.parametrize(
    "line",
    [
        'QLabel("Folder")',
        'self._line.show_text(Severity.ERROR, "It failed")',
        'bar.pushMessage("Prithvi", f"{n} layers done", level)',
        'button.setText("Stop" if busy else tr("Start"))',
        'QgsProcessingParameterNumber("SCALE", "Scale", kind)',
        'def displayName(self):\n    return "Segment"',
        'widget.setToolTip("Size: " + text)',
    ],
)
def test_the_rule_sees_texts_that_are_not_translated(line):
    assert untranslated(ast.parse(line))


@pytest.mark.parametrize("line", ["tr(name)", 'tr(f"{n} tiles")', 'tr("a", "b")', 'tr("{} tiles".format(3))', "tr()"])
def test_the_finder_refuses_what_it_cannot_read(line):
    (call,) = texts.calls(ast.parse(line))
    with pytest.raises(texts.NotALiteral, match=r"form\.py:1"):
        texts.literal(call, "form.py")


def test_texts_of_several_lines_are_found_whole(tmp_path):
    (tmp_path / "form.py").write_text('show_text(\n    tr(\n        "Two lines "\n        "of text."\n    )\n)\n')
    assert texts.find_texts(tmp_path) == {"Two lines of text.": [f"{tmp_path.name}/form.py"]}


def test_translations_survive_a_renewal_and_what_went_is_kept_aside(tmp_path):
    place = tmp_path / "prithvi_xx.ts"
    old = {"Stay\n& <go>": ts_file.Translation("Bleib", True), "Go": ts_file.Translation("Geh", True)}
    ts_file.write(place, "xx", old, {})
    fresh = ts_file.renewed(ts_file.read(place), {"New": ["a.py"], "Stay\n& <go>": ["a.py"]})
    ts_file.write(place, "xx", fresh, {})
    assert ts_file.read(place) == {
        "New": ts_file.Translation(),
        "Stay\n& <go>": ts_file.Translation("Bleib", True),
        "Go": ts_file.Translation("Geh", gone=True),
    }
    again = ts_file.renewed(ts_file.read(place), {"Go": ["a.py"]})
    assert again["Go"] == ts_file.Translation("Geh")  # to be looked at once more


@pytest.mark.parametrize("path", files("."), ids=lambda p: p.relative_to(PACKAGE).as_posix())
def test_qt_comes_through_qgis_and_is_run_by_its_newer_names(path):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            module = getattr(node, "module", None) or ""
            names = [module] if module else [a.name for a in node.names]
            assert not [n for n in names if n.split(".")[0] in ("PyQt5", "PyQt6", "PySide2", "PySide6", "sip")]
        elif isinstance(node, ast.Attribute):
            assert node.attr not in ("exec_", "print_"), f"line {node.lineno}"


def test_there_are_no_compiled_resources():
    left = [p for base in (PACKAGE, ROOT / "resources") for p in base.rglob("*") if p.suffix == ".qrc"]
    assert left == []
    assert not list(PACKAGE.rglob("resources_rc.py"))
