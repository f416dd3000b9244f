"""Docstrings: examples run, and every public name says what it takes and gives."""

from __future__ import annotations

import doctest
import importlib
import inspect
import pkgutil

import pytest

import relutope

MODULES = sorted(
    info.name
    for info in pkgutil.walk_packages(relutope.__path__, "relutope.")
    if not info.name.endswith(("._core", ".__main__"))
)
PUBLIC = [name for name in relutope.__all__ if not name.startswith("__")]


@pytest.mark.parametrize("name", ["relutope", *MODULES])
def test_examples(name):
    try:
        module = importlib.import_module(name)
    except ImportError as error:
        pytest.skip(f"optional package missing: {error}")
    results = doctest.testmod(module, optionflags=doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE)
    assert results.failed == 0


def test_there_are_examples():
    finder = doctest.DocTestFinder()
    examples = [
        t
        for name in ("relutope.network.network", "relutope.domain.box")
        for t in finder.find(importlib.import_module(name))
        if t.examples
    ]
    assert examples


def test_all_names_exist_and_are_sorted():
    assert all(hasattr(relutope, name) for name in relutope.__all__)
    assert len(set(relutope.__all__)) == len(relutope.__all__)


@pytest.mark.parametrize("name", PUBLIC)
def test_public_name_has_a_docstring(name):
    assert complaints(name, getattr(relutope, name)) == []


def complaints(name: str, thing: object) -> list[str]:
    """What is missing in the docstrings of a public function, or of a class and its methods."""
    if inspect.isclass(thing):
        own = [f"{name} has no docstring"] if not first_line(thing) else []
        if not issubclass(thing, Exception | tuple):
            for key, member in vars(thing).items():
                if not key.startswith("_"):
                    own += member_complaints(f"{name}.{key}", member)
        return own
    return function_complaints(name, thing) if callable(thing) else []


def member_complaints(name: str, member: object) -> list[str]:
    if isinstance(member, classmethod | staticmethod):
        member = member.__func__
    if callable(getattr(member, "__get__", None)) and not inspect.isroutine(member):
        return [] if first_line(member) else [f"{name} has no docstring"]
    if inspect.isroutine(member):
        return [] if first_line(member) else [f"{name} has no docstring"]
    return []


def function_complaints(name: str, function: object) -> list[str]:
    """A public function also names every parameter under Parameters, and what it returns."""
    text = inspect.getdoc(function) or ""
    if not text:
        return [f"{name} has no docstring"]
    found = []
    signature = inspect.signature(function)
    documented = section(text, "Parameters")
    for parameter in signature.parameters.values():
        plain = parameter.name.lstrip("*")
        if not any(plain in line.split(":")[0] for line in documented):
            found.append(f"{name}: parameter `{plain}` is not documented")
    if signature.return_annotation not in (None, "None") and "Returns\n-----" not in text:
        found.append(f"{name} has no Returns section")
    return found


def section(text: str, title: str) -> list[str]:
    """The unindented lines of one numpydoc section."""
    _, _, rest = text.partition(f"{title}\n{'-' * len(title)}\n")
    lines = []
    for line in rest.splitlines():
        if set(line) == {"-"}:
            break
        if line and not line.startswith(" "):
            lines.append(line)
    return lines


def first_line(thing: object) -> str:
    return (inspect.getdoc(thing) or "").strip().split("\n")[0]


def test_the_check_can_fail():
    def undocumented(x):
        return x

    def partly(x, y) -> int:
        """One line.

        Parameters
        ----------
        x : int
        """

    assert complaints("undocumented", undocumented) == ["undocumented has no docstring"]
    assert complaints("partly", partly) == [
        "partly: parameter `y` is not documented",
        "partly has no Returns section",
    ]
