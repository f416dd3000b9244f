"""Do the tests notice when a check is taken out?  One check at a time is, and they must fail.

``python tests/python/mutants.py`` makes the mutants of verification, validation and storage, and
tells for each of their modules how many are killed and which survive:

* the condition of an ``expect(check, condition, message)`` becomes True;
* an ``if`` that only raises, or returns what is wrong, never does;
* a part of a returned ``a and b`` is dropped, in functions that decide about completeness;
* an assignment to an attribute in `storage` is left out;
* an ``if`` that returns None in `simple_vertices`, where that refuses a guess, never does.

Each runs in a process of its own, against the tests that are about its module. The exit status is
the number of mutants that survive.
"""

from __future__ import annotations

import argparse
import ast
import importlib.abc
import importlib.machinery
import importlib.util
import os
import resource
import sys
import time
import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import Any

TESTS = Path(__file__).resolve().parent
PACKAGE = TESTS.parent.parent / "python" / "relutope"

SECONDS = 120  # of computing, for the tests of one mutant

_VERIFY = ["test_verify_tampered.py"]
_EXPLORE = [
    "test_verify_exploration.py",
    "-k",
    "is_found or proofs_are_counted or does_not_confirm",
]
TARGETS: dict[str, list[list[str]]] = {
    "verification/verify_complex.py": [_VERIFY],
    "verification/by_generators.py": [_VERIFY],
    "verification/simple_vertices.py": [["test_simple_vertices.py"]],
    "verification/by_certificates.py": [_VERIFY, _EXPLORE],
    "verification/claims.py": [_EXPLORE],
    "verification/verify_exploration.py": [_EXPLORE],
    "complex/validation.py": [["test_validation.py"]],
    "complex/stored_checks.py": [["test_stored_checks.py"]],
    "complex/storage.py": [["test_validation.py", "-k", "survive"], ["test_complex_files.py"]],
}


class Mutator(ast.NodeTransformer):
    """Takes out check number `wanted`; `count` tells how many there are."""

    def __init__(self, wanted: int, path: str) -> None:
        self.wanted = wanted
        self.attributes, self.refusals = "storage" in path, "simple_vertices" in path
        self.count = 0
        self.where = ""

    def _is_wanted(self, node: ast.AST, what: str) -> bool:
        hit = self.count == self.wanted
        self.count += 1
        if hit:
            self.where = f"line {getattr(node, 'lineno', 0)}: {what}"
        return hit

    def visit_Call(self, node: ast.Call) -> ast.AST:
        self.generic_visit(node)
        name = getattr(node.func, "attr", getattr(node.func, "id", ""))
        constant = len(node.args) > 1 and isinstance(node.args[1], ast.Constant)
        checks = name == "expect" and len(node.args) == 3 and not constant
        if checks and self._is_wanted(node, f"expect {ast.unparse(node.args[0])}"):
            node.args[1] = ast.Constant(value=True)
        return node

    def visit_If(self, node: ast.If) -> ast.AST:
        self.generic_visit(node)
        last = node.body[-1]
        speaks = isinstance(last, ast.Raise) or (
            isinstance(last, ast.Return)
            and isinstance(last.value, ast.Constant | ast.JoinedStr)
            and (self.refusals or getattr(last.value, "value", "") is not None)
        )
        if (
            speaks
            and not node.orelse
            and self._is_wanted(node, f"if {ast.unparse(node.test)[:60]}")
        ):
            node.test = ast.Constant(False)
        return node

    def visit_Return(self, node: ast.Return) -> ast.AST:
        self.generic_visit(node)
        if isinstance(node.value, ast.BoolOp) and isinstance(node.value.op, ast.And):
            for k, part in enumerate(node.value.values):
                if self._is_wanted(node, f"and {ast.unparse(part)[:60]}"):
                    node.value.values[k] = ast.Constant(True)
        return node

    def visit_Assign(self, node: ast.Assign) -> ast.AST:
        self.generic_visit(node)
        target = node.targets[0]
        candidate = self.attributes and isinstance(target, ast.Attribute)
        return ast.Pass() if candidate and self._is_wanted(node, ast.unparse(target)) else node


def mutants(path: str) -> Iterator[tuple[int, str, ast.Module]]:
    """The mutants of a module: number, what was taken out, and the module."""
    text = (PACKAGE / path).read_text("utf-8")
    number = 0
    while True:
        mutator = Mutator(number, path)
        tree = ast.fix_missing_locations(mutator.visit(ast.parse(text)))
        if number >= mutator.count:
            return
        yield number, mutator.where, tree
        number += 1


class Finder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Imports one module from a syntax tree."""

    def __init__(self, name: str, path: Path, tree: ast.Module) -> None:
        self.name, self.path, self.tree = name, path, tree

    def find_spec(self, fullname: str, *_: Any) -> importlib.machinery.ModuleSpec | None:
        if fullname != self.name:
            return None
        return importlib.util.spec_from_file_location(fullname, self.path, loader=self)

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> None:
        return None

    def exec_module(self, module: Any) -> None:
        exec(compile(self.tree, str(self.path), "exec"), module.__dict__)


def started(path: str, tree: ast.Module | None, log: Path) -> int:
    """A process that runs all tests with the module replaced; its status is 0 if they pass."""
    pid = os.fork()
    if pid:
        return pid
    try:
        out = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        os.dup2(out, 1)
        os.dup2(out, 2)
        # A mutant that does not end is noticed.
        resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
        import pytest

        if tree is not None:
            name = "relutope." + path.removesuffix(".py").replace("/", ".")
            sys.meta_path.insert(0, Finder(name, PACKAGE / path, tree))
        options = ["-x", "-q", "-p", "no:cacheprovider", "-p", "no:xdist", "--no-header"]
        for tests in TARGETS[path]:
            arguments = [str(TESTS / t) if t.endswith(".py") else t for t in tests]
            if pytest.main([*options, *arguments]) != 0:
                os._exit(1)
        os._exit(0)
    except BaseException:
        traceback.print_exc()
        os._exit(2)
    finally:
        sys.stdout.flush()


class Run:
    """Some processes at a time, and what came of them."""

    def __init__(self, processes: int, log: Path) -> None:
        self.processes, self.log = processes, log
        self.running: dict[int, tuple[str, str]] = {}
        self.killed: dict[str, int] = {}
        self.alive: list[str] = []
        self.unfit: list[str] = []

    def start(self, path: str, what: str, tree: ast.Module | None) -> None:
        """Start a mutant, or the unchanged module without a tree, as soon as there is room."""
        while len(self.running) >= self.processes:
            self.wait()
        self.running[started(path, tree, self.log)] = path, what if tree else ""

    def wait(self) -> None:
        """Until one process ends."""
        pid, status = os.wait()
        path, what = self.running.pop(pid)
        passes = os.waitstatus_to_exitcode(status) == 0
        if not what and not passes:
            self.unfit.append(path)
            print(f"{path}: the tests fail without any change", flush=True)
        elif what and passes:
            self.alive.append(path)
            print(f"{path} survives: {what}", flush=True)
        elif what:
            self.killed[path] = self.killed.get(path, 0) + 1


def main() -> int:
    parser = argparse.ArgumentParser(description="Take out checks; the tests must fail.")
    parser.add_argument("--only", default="", help="modules whose path contains this")
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--log", type=Path, default=Path("/dev/null"))
    options = parser.parse_args()
    # What every process needs is imported once.
    import numpy  # noqa: F401
    import pytest  # noqa: F401
    import scipy.optimize
    import scipy.sparse.csgraph  # noqa: F401

    os.environ.setdefault("OMP_NUM_THREADS", "1")
    start, run = time.monotonic(), Run(options.processes, options.log)
    paths = [path for path in TARGETS if options.only in path]
    for path in paths:
        run.start(path, "", None)
    for path in paths:
        for number, what, tree in mutants(path):
            run.start(path, f"mutant {number}, {what}", tree)
    while run.running:
        run.wait()
    for path in paths:
        print(f"{path}: {run.killed.get(path, 0)} killed, {run.alive.count(path)} survive")
    killed, alive = sum(run.killed.values()), len(run.alive)
    print(f"{killed} killed, {alive} survive, {time.monotonic() - start:.0f} s")
    return 100 if run.unfit else min(alive, 99)


if __name__ == "__main__":
    raise SystemExit(main())
