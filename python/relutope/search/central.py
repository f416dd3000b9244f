"""Counting the cells of central arrangements, one dimension down.

All hyperplanes pass through the origin, so that cells are cones, and C and -C are cells alike. Of
the r cells, a are met by the plane on which an input x is 1, as many by that on which it is -1, and
every cell by one of them. Those that both meet are cut by the plane x = 0, where they leave a cell
each, b in all: r = 2 a - b. If a neuron vanishes on just that plane, it cuts no cell, and r = 2 a.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeAlias

import numpy as np

from ..domain.box import Box, FlatBox
from .domains import on_free_inputs
from .problem import Problem

__all__ = ["Counted", "count_cones", "is_central"]

Counted: TypeAlias = tuple[int, bool, int, int]
"""Cells found, whether these are all, parts of the search done, all parts."""


def is_central(problem: Problem) -> bool:
    """Whether the cells are those of hyperplanes through the origin, in two dimensions or more."""
    network, domain = problem.network, problem.domain
    if problem.outputs is not None or any(network.hidden_widths[1:]) or problem.essential_dim < 2:
        return False
    if domain is not None:
        if not isinstance(domain, Box):
            return False
        if np.isfinite(domain.lower).any() or np.isfinite(domain.upper).any():
            return False
    _, b, low = network.exact_layers()[0]
    neurons = network.hidden_widths[0]
    return not b[:neurons].any() and not low[:neurons].any()


def count_cones(
    problem: Problem,
    count: Callable[[Problem, float | None], Counted],
    max_seconds: float | None = None,
) -> Counted:
    """The cells of a central arrangement, from those of its sections.

    Parameters
    ----------
    problem : Problem
        As `is_central` wants it.
    count : callable
        Counts the cells of a problem in so many seconds.
    max_seconds : float, optional
        For all counts together.
    """
    start = time.perf_counter()
    axis = problem.kept[-1]
    cells, complete, done, jobs = count(_section(problem, axis, 1.0), max_seconds)
    if not complete:
        return cells, False, done, 2 * jobs
    W = problem.network.exact_layers()[0][0][: problem.network.hidden_widths[0]]
    if ((W[:, axis] != 0) & ~np.delete(W, axis, axis=1).any(axis=1)).any():
        return 2 * cells, True, done, jobs
    section = _section(problem, axis, 0.0)
    left = None if max_seconds is None else max(0.0, max_seconds - time.perf_counter() + start)
    if is_central(section):
        cut, complete, cut_done, cut_jobs = count_cones(section, count, left)
    else:
        cut, complete, cut_done, cut_jobs = count(section, left)
    done, jobs = done + cut_done, jobs + cut_jobs
    return (2 * cells - cut, True, done, jobs) if complete else (cells, False, done, jobs)


def _section(problem: Problem, axis: int, value: float) -> Problem:
    lower = np.full(problem.network.input_dim, -np.inf)
    upper = -lower
    lower[axis] = upper[axis] = value
    return Problem(*on_free_inputs(problem.network, FlatBox(lower, upper)))
