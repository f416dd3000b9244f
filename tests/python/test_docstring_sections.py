"""Docstrings are complete in numpydoc's terms: parameters, results, and where to look further."""

from __future__ import annotations

import inspect

import pytest

import relutope
from relutope import plotting, topology

validate = pytest.importorskip("numpydoc.validate").validate

CHECKS = {
    "GL08",  # no docstring
    "SS03",  # the summary does not end with a period
    "SS06",  # the summary is longer than a line
    "PR01",  # parameters are not documented
    "PR02",  # unknown parameters are
    "PR03",  # parameters are in the wrong order
    "RT01",  # no Returns
    "SA01",  # no See Also
}
PLACES = {
    "relutope": relutope.__all__,
    "relutope.topology": topology.__all__,
    "relutope.plotting": plotting.__all__,
}
NAMES = sorted(
    f"{place}.{name}"
    for place, names in PLACES.items()
    for name in names
    if inspect.isfunction(getattr(__import__(place, fromlist=["_"]), name))
)


def complaints(name):
    return [f"{code} {text}" for code, text in validate(name)["errors"] if code in CHECKS]


METHOD_CHECKS = CHECKS - {"SA01"}  # a class says where to look further


def methods():
    """Public methods of public classes, those of private bases included."""
    for place in ("relutope", "relutope.topology"):
        for name in PLACES[place]:
            kind = getattr(__import__(place, fromlist=["_"]), name)
            if not inspect.isclass(kind):
                continue
            for method in dir(kind):
                static = inspect.getattr_static(kind, method)
                plain = getattr(static, "__func__", static)
                ours = (getattr(plain, "__module__", None) or "").startswith("relutope")
                if not method.startswith("_") and inspect.isfunction(plain) and ours:
                    yield f"{place}.{name}.{method}"


@pytest.mark.parametrize("name", sorted(methods()))
def test_method_is_documented(name):
    found = [f"{code} {text}" for code, text in validate(name)["errors"] if code in METHOD_CHECKS]
    assert found == []


@pytest.mark.parametrize("name", NAMES)
def test_function_is_documented(name):
    assert complaints(name) == []


def test_the_check_can_fail(monkeypatch):
    def undocumented(x):
        """Nothing about x"""
        return x

    monkeypatch.setattr(relutope, "undocumented", undocumented, raising=False)
    assert {line[:4] for line in complaints("relutope.undocumented")} >= {"SS03", "PR01", "SA01"}
