"""Extract the translatable texts from the plugin's source.

Qt's lupdate expects `tr` to be a method and uses its class as the context; here it is a function, with one context for
the whole plugin. Reading the syntax tree keeps texts of several lines whole.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

FUNCTION = "tr"


class NotALiteral(ValueError):
    """The argument of a call cannot be extracted; the message is ``file:line: reason``."""


def calls(tree: ast.AST) -> Iterator[ast.Call]:
    """Yield every call of ``tr``."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == FUNCTION:
            yield node


def literal(call: ast.Call, file: str) -> str:
    """Return the text of one call.

    Raises:
        NotALiteral: its argument is not a single string literal.
    """
    argument = call.args[0] if len(call.args) == 1 and not call.keywords else None
    if not isinstance(argument, ast.Constant) or not isinstance(argument.value, str) or not argument.value:
        raise NotALiteral(f"{file}:{call.lineno}: give tr() one text as it is, and format what it returns")
    return argument.value


def find_texts(package: Path) -> dict[str, list[str]]:
    """Map each text to the files that use it, relative to the package's parent, in the order of the source.

    Raises:
        NotALiteral: see :func:`literal`.
    """
    found: dict[str, list[str]] = {}
    for path in sorted(package.rglob("*.py")):
        name = path.relative_to(package.parent).as_posix()
        tree = ast.parse(path.read_text(encoding="utf-8"), name)
        for call in sorted(calls(tree), key=lambda c: (c.lineno, c.col_offset)):
            files = found.setdefault(literal(call, name), [])
            if name not in files:
                files.append(name)
    return found
