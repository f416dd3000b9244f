"""Properties and domains from files."""

from __future__ import annotations

from fractions import Fraction
from math import lcm
from pathlib import Path

import numpy as np

from ..common.arithmetic import ieee_arithmetic
from ..common.reading import check_file, read_text
from ..domain.box import Box, FlatBox
from ..domain.polytope import Polytope
from ..errors import InvalidDomainError, InvalidFileError
from .linear_property import Case, Condition, Property
from .vnnlib import parse_property

__all__ = ["SUFFIXES", "load_domain", "load_property"]

SUFFIXES = (".vnnlib", ".vnnlib.gz")


@ieee_arithmetic
def load_property(path: str | Path) -> Property:
    """Reads a property from a VNN-LIB 1.0 file, ``.vnnlib`` or ``.vnnlib.gz``.

    Bounds and linear conditions of inputs, of outputs, and of both together, conjunctions,
    disjunctions, equations and strict inequalities; see `parse_property` for what is understood.
    Each decimal number is rounded to the nearest double, once; the property is exact about these.

    Parameters
    ----------
    path : str or Path

    Returns
    -------
    Property

    Raises
    ------
    InvalidDomainError
        If the file is not such a file; quotes the line that is wrong or not understood.
    FileNotFoundError
        If there is no such file.

    See Also
    --------
    check, violations, load_domain
    """
    place = Path(path)
    if not place.name.lower().endswith(SUFFIXES):
        raise InvalidDomainError(
            f"`path`: properties and domains are read from files .vnnlib and .vnnlib.gz, got "
            f"{str(path)!r}"
        )
    check_file(place)
    try:
        text = read_text(place)
    except InvalidFileError as error:
        raise InvalidDomainError(str(error)) from None
    return parse_property(text, f"`path`: {place}")


@ieee_arithmetic
def load_domain(path: str | Path) -> Box | FlatBox | Polytope:
    """The set of inputs that a verification property is about, ``.vnnlib`` or ``.vnnlib.gz``.

    Conditions on the inputs ``X_0``, ``X_1``, ... are read, decimal numbers rounded to the nearest
    double; an input without a bound is unbounded, and of a strict inequality the closure is taken.
    Conditions that name an output are left out.

    Parameters
    ----------
    path : str or Path

    Returns
    -------
    Box, FlatBox or Polytope
        A `FlatBox` when the file fixes an input to one value; a `Polytope` when it has conditions
        on several inputs.

    Raises
    ------
    InvalidDomainError
        If the file is not such a file, allows several domains or none, fixes all inputs, or has
        conditions on the inputs that doubles cannot hold.
    FileNotFoundError
        If there is no such file.

    See Also
    --------
    load_property, load_network, Box, FlatBox, Polytope
    """
    prop = load_property(path)
    name = f"`path`: {path}"
    if not prop.cases:
        raise InvalidDomainError(f"{name} allows no inputs: its bounds contradict each other")
    domains = {_key(case): case for case in prop.cases}
    if len(domains) > 1:
        raise InvalidDomainError(
            f"{name} allows {len(domains)} input domains (a disjunction); split it into one file "
            "per domain"
        )
    (case,) = domains.values()
    rows = [c for c in _of_inputs(case) if len(c.inputs) > 1 or not _is_rounded_bound(c)]
    fixed = case.lower == case.upper
    if fixed.all():
        raise InvalidDomainError(
            f"{name} allows one point only, and a domain has inputs that are free; "
            "relutope.check takes the file"
        )
    if not rows:
        return FlatBox(case.lower, case.upper) if fixed.any() else Box(case.lower, case.upper)
    if fixed.any():
        i = int(np.flatnonzero(fixed)[0])
        raise InvalidDomainError(
            f"{name} fixes the input X_{i} and has conditions on several inputs; relutope.check "
            "takes the file"
        )
    return _polytope(case, rows, name)


def _of_inputs(case: Case) -> list[Condition]:
    return [c for c in case.conditions if not c.outputs]


def _key(case: Case) -> tuple[object, ...]:
    rows = [
        (tuple(sorted(c.inputs.items())), c.constant, c.relation == "==") for c in _of_inputs(case)
    ]
    return (case.lower + 0.0).tobytes(), (case.upper + 0.0).tobytes(), tuple(sorted(rows, key=str))


def _is_rounded_bound(condition: Condition) -> bool:
    """Whether the closure of a condition on one input is one of the box's bounds."""
    ((_, factor),) = condition.inputs.items()
    bound = -condition.constant / factor
    return condition.relation == "<" and _is_double(bound)


def _is_double(value: Fraction) -> bool:
    try:
        return Fraction(float(value)) == value
    except OverflowError:
        return False


def _polytope(case: Case, rows: list[Condition], name: str) -> Polytope:
    n = len(case.lower)
    A, b = [], []
    for condition in rows:
        scaled = [*(condition.inputs.get(i, Fraction(0)) for i in range(n)), -condition.constant]
        odd = lcm(*(v.denominator // (v.denominator & -v.denominator) for v in scaled))
        scaled = [v * odd for v in scaled]
        if not all(map(_is_double, scaled)):
            raise InvalidDomainError(f"{name}: doubles cannot hold the condition {condition}")
        row = np.array([float(v) for v in scaled])
        signs = (1.0, -1.0) if condition.relation == "==" else (1.0,)
        A += [sign * row[:-1] for sign in signs]
        b += [sign * row[-1] for sign in signs]
    for sign, bounds in ((1.0, case.upper), (-1.0, case.lower)):
        for i in np.flatnonzero(np.isfinite(bounds)):
            A.append(sign * np.eye(n)[i])
            b.append(sign * bounds[i])
    return Polytope(np.array(A), np.array(b))
