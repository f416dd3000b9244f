"""Dependencies point one way, in C++ and in Python, and heavy packages stay optional."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
ROOMS = (
    "exact",
    "predicates",
    "geometry",
    "network",
    "network/maps",
    "refinement/common",
    "refinement/certificates",
    "refinement/bounds",
    "refinement/vertex",
    "refinement/lp",
    "refinement/explore",
    "refinement/estimate",
    "complex/cells",
    "complex/faces",
    "complex/homology",
    "spectra",
    "bindings",
    "wasm",
)
LAYERS = tuple(dict.fromkeys(room.split("/")[0] for room in ROOMS))
HEAVY = (
    "torch",
    "onnx",
    "matplotlib",
    "sklearn",
    "pandas",
    "pyarrow",
    "gudhi",
    "networkx",
    "cdd",
    "tqdm",
    "distributed",
    "mpi4py",
)
VERIFICATION = sorted(
    path.name for path in (ROOT / "python" / "relutope" / "verification").glob("*.py")
)
INCLUDE = re.compile(r'^\s*#\s*include\s*(["<])([^">]+)[">]', re.MULTILINE)
CPP_FILES = sorted(
    path
    for layer in LAYERS
    for path in (ROOT / "cpp" / layer).rglob("*")
    if path.suffix in (".cpp", ".hpp", ".h", ".cc")
)


def room_of(path: str) -> str:
    """The folder of a source file, as the tests of the order know it."""
    return path.rsplit("/", 1)[0] if "/" in path else ""


def forbidden_includes(room: str, text: str) -> list[str]:
    """Project headers of rooms to the right of `room`, and Python headers below the bindings."""
    allowed = ROOMS[: ROOMS.index(room) + 1]
    bad = []
    for quote, name in INCLUDE.findall(text):
        project = quote == '"' or name.split("/")[0] in LAYERS
        python = name == "Python.h" or name.startswith(("pybind11/", "numpy/"))
        outside = room_of(name) == "bindings" and room == "wasm"  # they do not know each other
        if (project and not python and ((room_of(name) or room) not in allowed or outside)) or (
            python and room != "bindings"
        ):
            bad.append(name)
    return bad


def test_every_room_has_sources_and_no_file_is_outside():
    rooms = {room_of(path.relative_to(ROOT / "cpp").as_posix()) for path in CPP_FILES}
    assert rooms == set(ROOMS)
    folders = {path.name for path in (ROOT / "cpp").iterdir() if path.is_dir()}
    assert folders == set(LAYERS)


@pytest.mark.parametrize("path", CPP_FILES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_cpp_includes_point_to_the_left(path):
    room = room_of(path.relative_to(ROOT / "cpp").as_posix())
    assert forbidden_includes(room, path.read_text()) == []


@pytest.mark.parametrize("path", CPP_FILES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_no_cpp_file_is_long(path):
    assert len(path.read_text().splitlines()) <= 400


@pytest.mark.parametrize(
    ("room", "line", "bad"),
    [
        ("exact", '#include "exact/integer.hpp"', False),
        ("exact", '#include "integer.hpp"', False),
        ("exact", '#include "geometry/form_table.hpp"', True),
        ("geometry", '#  include "predicates/sign.hpp"', False),
        ("geometry", "#include <network/network.hpp>", True),
        ("network", '#include "network/maps/composed_map.hpp"', True),
        ("network/maps", '#include "network/network.hpp"', False),
        ("refinement/vertex", '#include "refinement/common/records.hpp"', False),
        ("refinement/vertex", '#include "refinement/lp/lp_search.hpp"', True),
        ("refinement/lp", '#include "refinement/no_such_room/file.hpp"', True),
        ("complex/cells", "#include <pybind11/pybind11.h>", True),
        ("complex/faces", "#include <Python.h>", True),
        ("bindings", "#include <pybind11/numpy.h>", False),
        ("wasm", "#include <pybind11/numpy.h>", True),
        ("wasm", '#include "bindings/bindings.hpp"', True),
        ("wasm", '#include "spectra/graph_modes.hpp"', False),
        ("bindings", '#include "wasm/calls.hpp"', True),
        ("exact", "#include <boost/multiprecision/cpp_int.hpp>", False),
        ("exact", "#include <vector>", False),
        ("exact", '#include "../complex/cells/link.hpp"', True),
    ],
)
def test_the_include_check_can_fail(room, line, bad):
    assert bool(forbidden_includes(room, f"int a;\n{line}\n")) == bad


def test_import_needs_only_numpy_and_scipy():
    code = (
        "import sys, relutope; "
        f"print([m for m in {HEAVY!r} if m in sys.modules], relutope.__version__)"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.startswith("[] "), run.stdout


def test_import_and_decompose_without_optional_packages():
    """As if they were not installed."""
    code = (
        f"import sys; sys.modules.update(dict.fromkeys({HEAVY!r})); import relutope as rt; "
        "print(rt.decompose([([[1.0]], [0.0]), ([[1.0]], [0.0])], rt.Box(-1, 1)).n_cells)"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "2"


def test_public_names_are_not_hidden_by_modules():
    """``import relutope.verify`` must not turn the function ``relutope.verify`` into a module."""
    code = (
        "import importlib, pkgutil, types, relutope\n"
        "for info in pkgutil.iter_modules(relutope.__path__):\n"
        "    if info.name in relutope.__all__: importlib.import_module('relutope.' + info.name)\n"
        "names = [n for n in relutope.__all__ if n not in ('train', 'Tracker')]\n"
        "print([n for n in names if isinstance(getattr(relutope, n), types.ModuleType)])"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"


def imports_at_module_level(path: Path) -> set[str]:
    """Top-level packages imported when the module is (not those under TYPE_CHECKING)."""
    found = set()
    for node in ast.parse(path.read_text()).body:
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            found.add(node.module.split(".")[0])
    return found


def test_only_the_complex_layer_touches_the_extension():
    """`_core` is wrapped once: other Python modules use the wrapped classes."""
    users = {
        path.relative_to(ROOT / "python" / "relutope").as_posix()
        for path in (ROOT / "python" / "relutope").rglob("*.py")
        if re.search(
            r"^\s*(from\s+\S*\s+import\s+.*\b_core\b|from\s+\S*_core\b|import\s+\S*_core\b)",
            path.read_text(),
            re.MULTILINE,
        )
    }
    assert not any(name.startswith("verification/") for name in users), "independent of the core"
    assert users <= {
        "__init__.py",
        "common/arithmetic.py",
        "common/exact.py",
        "complex/interior.py",
        "decomposition/explorer.py",
        "network/core.py",
        "search/cell_arrays.py",
        "search/core_errors.py",
        "search/part.py",
        "search/problem.py",
        "search/solution.py",
    }


def test_verification_shares_nothing_with_the_core():
    modules = {
        name: imports_at_module_level(ROOT / "python" / "relutope" / "verification" / name)
        for name in VERIFICATION
    }
    allowed = {"numpy", "__future__"} | set(sys.stdlib_module_names)
    assert {name: found - allowed for name, found in modules.items()} == {
        key: set() for key in modules
    }
