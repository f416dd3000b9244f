"""Smaller cases that still fail."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import replace

from families import Case
from fuzz import Sample


def smallest(case: Case, fails: Callable[[Case], bool], seconds: float) -> Case:
    """The end of a greedy search: no single step makes it smaller and leaves it failing."""
    end = time.monotonic() + seconds
    found = True
    while found:
        found = False
        for smaller in steps(case):
            if time.monotonic() > end:
                return case
            if _fails(smaller, fails):
                case, found = smaller, True
                break
    return case


def _fails(case: Case, fails: Callable[[Case], bool]) -> bool:
    try:
        return fails(case)
    except Exception:  # a step may leave no valid network
        return False


def steps(case: Case) -> Iterator[Case]:
    """Cases that are one step smaller."""
    if case.argmax:
        yield replace(case, argmax=False)
    for sample in smaller_samples(case.sample):
        yield replace(case, sample=sample)


def smaller_samples(s: Sample) -> Iterator[Sample]:
    """One halfspace, layer or unit less, no linear units, no box, or one number simpler."""
    for k in range(len(s.halfspaces)):
        yield replace(s, halfspaces=s.halfspaces[:k] + s.halfspaces[k + 1 :])
    if s.box is not None:
        yield replace(s, box=None)
    if any(s.linear_units):
        yield replace(s, linear_units=())
    for depth in range(len(s.layers) - 1):
        for unit in range(len(s.layers[depth][1])):
            yield from without_unit(s, depth, unit)
    for depth, (W, b) in enumerate(s.layers):
        for i in range(len(b)):
            for j, v in enumerate([*W[i], b[i]]):
                for simpler in (0.0, 1.0, -1.0):
                    if abs(simpler) < abs(v) or (v not in (0.0, 1.0, -1.0) and simpler):
                        yield with_number(s, depth, i, j, simpler)


def without_unit(s: Sample, depth: int, unit: int) -> Iterator[Sample]:
    """The network without one hidden unit, if its layer has others."""
    layers = [([list(row) for row in W], list(b)) for W, b in s.layers]
    W, b = layers[depth]
    if len(b) == 1:
        return
    del W[unit], b[unit]
    for row in layers[depth + 1][0]:
        del row[unit]
    linear = list(s.linear_units)
    if linear and unit >= len(b) + 1 - linear[depth]:
        linear[depth] -= 1
    yield replace(s, layers=layers, linear_units=tuple(linear))


def with_number(s: Sample, depth: int, i: int, j: int, value: float) -> Sample:
    """The network with one weight (or bias: the last column) replaced."""
    layers = [([list(row) for row in W], list(b)) for W, b in s.layers]
    W, b = layers[depth]
    if j < len(W[i]):
        W[i][j] = value
    else:
        b[i] = value
    return replace(s, layers=layers)
