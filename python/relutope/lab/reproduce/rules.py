"""What makes a verdict, and a line of its table, whichever question is asked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .statistics import Interval

__all__ = ["LEVEL", "SMALLEST", "UNDECIDED", "columns", "null_columns", "unbeaten", "verdict"]

LEVEL = 0.05
SMALLEST = 0.1
"""Mean agreement or correlation below which, in size, none is claimed, however certain."""
UNDECIDED = "too few seeds"


def verdict(
    size: float, adjusted: float, *, least: float, nonzero: float = 1.0, smallest: float = SMALLEST
) -> str:
    """The verdict on an effect.

    Parameters
    ----------
    size : float
        Of the mean.
    adjusted : float
        Corrected p-value of all that "found" claims.
    least : float
        The smallest that this could have been with so many seeds.
    nonzero : float
        Corrected p-value that there is any effect, be it as in null models.
    smallest : float
        The least size that is claimed.

    Returns
    -------
    str
        "found", "not specific", "not found" or "too few seeds".
    """
    if least > LEVEL:
        return UNDECIDED
    if size >= smallest and adjusted <= LEVEL:
        return "found"
    return "not specific" if size >= smallest and nonzero <= LEVEL else "not found"


def unbeaten(p: Mapping[str, float], nulls: Mapping[str, str]) -> list[str]:
    """What null models are called that are not beaten, each test by itself at LEVEL."""
    return [nulls[name] for name, value in p.items() if value > LEVEL]


def columns(name: str, found: Interval) -> dict[str, Any]:
    """A mean and its interval, as columns of a table."""
    return {name: found.mean, f"{name}_low": found.low, f"{name}_high": found.high}


def null_columns(
    name: str, nulls: Mapping[str, Interval], p: Mapping[str, float]
) -> dict[str, Any]:
    """The mean of each null model and the p-value against it, as columns of a table."""
    row: dict[str, Any] = {}
    for null, found in nulls.items():
        row |= {f"{null}_{name}": found.mean, f"{null}_p": p[null]}
    return row
