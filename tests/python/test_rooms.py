"""The rooms of the Python package: imports point one way, nobody uses another's private names."""

from __future__ import annotations

import ast
import itertools
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parents[2] / "python" / "relutope"
# Each room uses only those before it; CONTRIBUTING.md shows the same order.
ROOMS = (
    "_core",
    "errors",
    "common",
    "domain",
    "network",
    "properties",
    "search",
    "complex",
    "topology",
    "graph",
    "decisions",
    "verification",
    "plotting",
    "store",
    "decomposition",
    "parameters",
    "differentiable",
    "verdicts",
    "measures",
    "layers",
    "tracking",
    "lab",
    "page",
    "cli",
    "__main__",
)
BUDGET = 400


def module_of(path: Path) -> str:
    parts = path.relative_to(PACKAGE).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


FILES = {module_of(path): path for path in sorted(PACKAGE.rglob("*.py"))}
MODULES = {*FILES, "_core"}
SCRIPTS = sorted(path.relative_to(PACKAGE).as_posix() for path in PACKAGE.rglob("*.js"))


def imports(module: str, text: str, *, package: bool) -> set[str]:
    """All modules of the package that a file imports, wherever the statement stands."""
    found = set()
    inside = module.split(".") if module else []
    inside = inside if package else inside[:-1]
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
            found |= {n.removeprefix("relutope.") for n in names if n.startswith("relutope.")}
        elif isinstance(node, ast.ImportFrom):
            if node.level:
                base = inside[: len(inside) - (node.level - 1)]
                base = base + (node.module.split(".") if node.module else [])
            elif node.module and node.module.split(".")[0] == "relutope":
                base = node.module.split(".")[1:]
            else:
                continue
            for alias in node.names:
                whole = ".".join([*base, alias.name])
                found.add(whole if whole in MODULES else ".".join(base))
    return found - {module, ""}


GRAPH = {
    module: imports(module, path.read_text(), package=path.name == "__init__.py")
    for module, path in FILES.items()
    if module
}


def room(module: str) -> str:
    return module.split(".")[0]


def circle(graph: dict[str, set[str]]) -> list[str]:
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        return list(error.args[1])
    return []


def wrong_ways(graph: dict[str, set[str]]) -> list[str]:
    return sorted(
        f"{module} -> {used}"
        for module, others in graph.items()
        for used in others
        if ROOMS.index(room(used)) > ROOMS.index(room(module))
    )


def private(name: str) -> bool:
    return name.startswith("_") and not name.startswith("__") and name not in ("_", "_core")


def private_definitions(text: str) -> set[str]:
    """Private functions, classes, fields and attributes that a file makes."""
    names = set()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            names.add(node.name)
        elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
            names.add(node.attr)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            names.add(node.id)
    return {name for name in names if private(name)}


def private_uses(text: str) -> set[str]:
    """Private names that a file imports, or takes from anything but `self` and `cls`."""
    names = set()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Attribute):
            if not (isinstance(node.value, ast.Name) and node.value.id in ("self", "cls")):
                names.add(node.attr)
        elif isinstance(node, ast.ImportFrom) and node.level:
            names |= {alias.name for alias in node.names}
    return {name for name in names if private(name)}


def foreign_private_names(texts: dict[str, str]) -> list[str]:
    """Uses of private names that only files of other rooms define."""
    defined: dict[str, set[str]] = {}
    for module, text in texts.items():
        for name in private_definitions(text):
            defined.setdefault(name, set()).add(room(module))
    return sorted(
        f"{module}: {name}"
        for module, text in texts.items()
        for name in private_uses(text)
        if name in defined and room(module) not in defined[name]
    )


def test_every_room_has_its_place():
    assert {room(module) for module in FILES if module} <= set(ROOMS)


def test_no_file_is_in_a_circle():
    assert circle(GRAPH) == []


def test_rooms_use_only_what_stands_above_them():
    assert wrong_ways(GRAPH) == []


def test_no_room_uses_private_names_of_another():
    texts = {module: path.read_text() for module, path in FILES.items() if module}
    assert foreign_private_names(texts) == []


@pytest.mark.parametrize("module", FILES)
def test_a_long_file_says_why(module):
    lines = FILES[module].read_text().splitlines()
    if len(lines) > BUDGET:
        docstring = ast.get_docstring(ast.parse("\n".join(lines))) or ""
        assert "One file" in docstring, f"{len(lines)} lines; say why at the top"


@pytest.mark.parametrize("name", SCRIPTS)
def test_a_long_script_says_why(name):
    lines = (PACKAGE / name).read_text().splitlines()
    if len(lines) > BUDGET:
        top = itertools.takewhile(lambda line: line.startswith("//"), lines)
        assert "One file" in "\n".join(top), f"{len(lines)} lines; say why at the top"


def test_the_order_stands_in_the_guide():
    guide = (PACKAGE.parents[1] / "CONTRIBUTING.md").read_text()
    picture = next(part for part in guide.split("```") if part.startswith("\nerrors"))
    listed = [word for line in picture.splitlines() for word in line[:36].split()]
    assert listed == [name for name in ROOMS if name not in ("_core", "__main__")]


def test_the_checks_can_fail():
    assert circle({"a": {"b"}, "b": {"c"}, "c": {"a"}})
    assert wrong_ways({"graph.dual": {"decomposition.complex"}})
    deferred = "def f():\n    from ..lab.training import mlp\n"
    assert imports("graph.dual", deferred, package=False) == {"lab.training"}
    only_typed = "if TYPE_CHECKING:\n    from ..decomposition import complex\n"
    assert imports("graph.dual", only_typed, package=False) == {"decomposition.complex"}
    texts = {"complex.kernel": "class K:\n    def _cells(self): ...", "graph.dual": "K()._cells()"}
    assert foreign_private_names(texts) == ["graph.dual: _cells"]
