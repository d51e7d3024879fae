"""Measure the structure of the package: circles of imports, rooms and arrows, ``Any``, lines, the way of a request.

    python3 tools/structure.py [--root OTHER_CHECKOUT]
    ENGINE_PYTHON tools/structure.py --trip SCENE [--stays] [--root OTHER_CHECKOUT]

A module is a file with code; an ``__init__.py`` counts where it defines something. Imports inside functions and under
``TYPE_CHECKING`` count as well.

circle: modules, or modules and folders side by side, that import each other in a loop.
upward import: from a lower floor of :data:`FLOORS` to a higher one. ``classFactory``, which QGIS prescribes, is exempt.
room: a module or a folder directly inside the measured folder. arrow: a room that imports another room of the folder.
stay: the way of one request, on the thread that calls ``run_segment``, consists of the calls of the package's functions
    that are handed the request, its path, its model card, its scene, or one object that carries these (``self`` is not
    counted). Only the first call from one function to another counts. A stay begins where the called function is in
    another file than the one before; going back by ``return`` begins none. ``all calls``: every function counts.
return: a stay in a file that had a stay before.
"""

from __future__ import annotations

import argparse
import ast
import importlib
import inspect
import json
import os
import re
import sys
import tempfile
from collections import Counter
from collections.abc import Container, Iterator
from pathlib import Path
from types import FrameType
from typing import Any

PACKAGE = "prithvi_qgis"
FLOORS = "core contract accuracy|client engine network settings translation|algorithms|provider|gui|plugin"  # upwards

# Types of the objects that a request travels in, at one commit or another; of the scene, its base class.
CARRIERS = {"Segment", "ModelCard", "RasterSource", "Source", "PreparedScene", "Opened"}

Graph = dict[str, set[str]]


def modules(root: Path) -> dict[str, ast.Module]:
    """Return the parsed modules of the package by dotted name without the package's own, ``""`` for its face."""
    found = {}
    for path in sorted((root / PACKAGE).rglob("*.py")):
        parts = path.relative_to(root / PACKAGE).with_suffix("").parts
        name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
        found[name] = ast.parse(path.read_text(encoding="utf-8"), str(path))
        found[name].is_package = parts[-1] == "__init__"  # type: ignore[attr-defined]
    return found


def imports(name: str, tree: ast.Module, known: Container[str]) -> Iterator[str]:
    """Yield the package's modules that one module imports."""
    here = [PACKAGE, *filter(None, name.split("."))]
    if not tree.is_package:  # type: ignore[attr-defined]
        here.pop()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            targets = [a.name.split(".") for a in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = here[: len(here) - node.level + 1] if node.level else []
            base = base + (node.module.split(".") if node.module else [])
            inner = [[*base, a.name] for a in node.names]
            targets = [full if ".".join(full[1:]) in known else base for full in inner]
        else:
            continue
        yield from (".".join(t[1:]) for t in targets if t[:1] == [PACKAGE])


def import_graph(trees: dict[str, ast.Module]) -> Graph:
    """Return who imports whom; a face that defines nothing is left out."""
    graph = {name: {t for t in imports(name, tree, trees) if t in trees} - {name} for name, tree in trees.items()}
    code = (ast.FunctionDef, ast.ClassDef)
    faces = {name for name in trees if any(other.startswith(f"{name}.") for other in trees)}
    empty = {name for name in faces if not any(isinstance(node, code) for node in trees[name].body)}
    found = {name: targets - empty for name, targets in graph.items() if name not in empty}
    found[""] = set()  # its classFactory imports the plugin when QGIS calls it
    return found


def circles(graph: Graph) -> list[list[str]]:
    """Return the strongly connected components of two or more nodes."""
    reach: Graph = {}
    for start in graph:
        seen, waiting = set(), list(graph[start])
        while waiting:
            node = waiting.pop()
            if node not in seen:
                seen.add(node)
                waiting += graph.get(node, ())
        reach[start] = seen
    found = {tuple(sorted(b for b in reach[a] if a in reach.get(b, ()))) for a in graph if a in reach[a]}
    return sorted(list(c) for c in found)


def grouped(graph: Graph, room_of: dict[str, str]) -> Graph:
    """Return which rooms import which; modules that are in no room are left out."""
    found: Graph = {room: set() for room in room_of.values()}
    for source, room in room_of.items():
        found[room] |= {room_of[t] for t in graph[source] if t in room_of} - {room}
    return found


def upward(graph: Graph) -> list[str]:
    """Return the imports from a lower floor to a higher one."""
    floor = {name: n for n, names in enumerate(FLOORS.split("|")) for name in names.split()}
    height = {module: floor.get(module.partition(".")[0], 0) for module in graph}
    return sorted(f"{a} -> {b}" for a in graph for b in graph[a] if height[b] > height[a])


def folder_circles(graph: Graph) -> list[list[str]]:
    """Return the circles between rooms of one folder, for every folder; at least one of them is a folder."""
    parents = sorted({name.rpartition(".")[0] for name in graph})
    found = [circle for parent in parents for circle in circles(grouped(graph, rooms_in(graph, parent)))]
    return [c for c in found if any(name.startswith(f"{room}.") for room in c for name in graph)]


def rooms_in(graph: Graph, folder: str) -> dict[str, str]:
    """Return the room of each module in a folder."""
    prefix = f"{folder}." if folder else ""
    inside = [name for name in graph if name.startswith(prefix)]
    return {name: prefix + name[len(prefix) :].partition(".")[0] for name in inside}


def count_any(tree: ast.AST) -> int:
    """Return how often signatures name ``Any``: in annotations of parameters and of what is returned."""
    functions = [n for n in ast.walk(tree) if isinstance(n, (ast.FunctionDef, ast.AsyncFunctionDef))]
    places = [a.annotation for f in functions for a in ast.walk(f.args) if isinstance(a, ast.arg)]
    named = [n for p in (*places, *(f.returns for f in functions)) if p is not None for n in ast.walk(p)]
    return sum(isinstance(n, ast.Name) and n.id == "Any" for n in named)


def line_counts(root: Path) -> dict[str, int]:
    """Return the lines of product code by folder, blank lines and comments included."""
    counts: Counter[str] = Counter()
    for path in (root / PACKAGE).rglob("*.py"):
        parts = path.relative_to(root / PACKAGE).parts
        counts[parts[0] if len(parts) > 1 else "(root)"] += len(path.read_text(encoding="utf-8").splitlines())
    return {**dict(sorted(counts.items())), "all": sum(counts.values())}


def measure(root: Path) -> dict[str, object]:
    """Return all figures that need no run."""
    trees = modules(root)
    graph = import_graph(trees)
    texts = [p.read_text(encoding="utf-8") for p in (root / PACKAGE).rglob("*.py")]
    folders = sorted({name.partition(".")[0] for name in graph if "." in name})
    rooms = {folder: grouped(graph, rooms_in(graph, folder)) for folder in folders}
    return {
        "circles of modules": circles(graph),
        "circles of folders": folder_circles(graph),
        "upward imports": upward(graph),
        "rooms": {f: {"rooms": len(g), "arrows": sum(map(len, g.values()))} for f, g in rooms.items()},
        "Any in signatures": sum(map(count_any, trees.values())),
        "Any as a word": sum(len(re.findall(r"\bAny\b", t)) for t in texts),
        "lines": line_counts(root),
    }


class Trip:
    """Profile function that notes the first call between each two functions of the package."""

    def __init__(self, root: Path, source: str):
        """``source``: the path of the scene, which may travel by itself."""
        self._home = str(root / PACKAGE) + os.sep
        self._source = source
        self._running = False
        self.all_calls: dict[tuple[object, object], str] = {}
        self.handed_on: dict[tuple[object, object], str] = {}

    def __call__(self, frame: FrameType, event: str, _argument: object) -> None:
        """Note one event; events outside the package or the request are passed over."""
        code = frame.f_code
        if event not in ("call", "return") or not code.co_filename.startswith(self._home):
            return
        if code.co_name == "run_segment":
            self._running = event == "call"
        if event == "return" or not self._running or code.co_name.startswith("<"):
            return
        caller = frame.f_back
        while caller is not None and not caller.f_code.co_filename.startswith(self._home):
            caller = caller.f_back
        edge, file = (caller and caller.f_code, code), code.co_filename[len(self._home) :]
        self.all_calls.setdefault(edge, file)
        names = code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]
        if any(self._carries(frame.f_locals.get(name)) for name in names if name not in ("self", "cls")):
            self.handed_on.setdefault(edge, file)

    def _carries(self, value: object) -> bool:
        names = {base.__name__ for base in type(value).__mro__}
        return bool(names & CARRIERS) or (isinstance(value, str) and value == self._source)


def stays(calls: dict[tuple[object, object], str]) -> list[str]:
    """Return the files in the order of the stays."""
    files = list(calls.values())
    return [f for n, f in enumerate(files) if n == 0 or files[n - 1] != f]


def follow_request(root: Path, scene: Path) -> Trip:
    """Segment a scene twice with the demonstration model in plain torch; follow the second request."""

    def find(kind: str, name: str) -> Any:
        for path in sorted(p for part in ("core", "contract", "engine") for p in (root / PACKAGE / part).rglob("*.py")):
            if re.search(rf"^{kind} {name}[(:]", path.read_text(encoding="utf-8"), re.M):
                return getattr(importlib.import_module(".".join(path.relative_to(root).with_suffix("").parts)), name)
        raise SystemExit(f"{root} has no {kind} {name}.")

    os.environ["PRITHVI_QGIS_BACKEND"] = "torch"
    sys.path.insert(0, str(root))
    run_segment, make_request = find("def", "run_segment"), find("class", "Segment")
    loader = find("class", "Loader")("cpu")
    needed = sum(p.default is p.empty for p in inspect.signature(run_segment).parameters.values())
    source, model = str(scene.absolute()), str(root / "resources/models/demo-water")
    trip = Trip(root, source)
    with tempfile.TemporaryDirectory() as folder:
        for follow in (None, trip):
            request = make_request(source, model, str(Path(folder) / "mask.tif"))
            sys.setprofile(follow)
            try:
                run_segment(*(request, loader, lambda message: None, lambda: False)[:needed])
            finally:
                sys.setprofile(None)
    return trip


def main() -> int:
    """Print the figures as JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--root", type=Path, default=Path(__file__).resolve().parents[1])
    parser.add_argument("--trip", type=Path, metavar="SCENE", help="follow a request that segments this scene")
    parser.add_argument("--stays", action="store_true", help="list the files of the stays, too")
    options = parser.parse_args()
    root = options.root.resolve()
    figures = measure(root)
    if options.trip:
        trip = follow_request(root, options.trip)
        for name, calls in (("request", trip.handed_on), ("request, all calls", trip.all_calls)):
            way = stays(calls)
            figures[name] = {"stays": len(way), "returns": len(way) - len(set(way))}
            if options.stays:
                figures[f"{name}: files"] = way
    print(json.dumps(figures, indent=1))
    return 0


if __name__ == "__main__":
    sys.exit(main())
