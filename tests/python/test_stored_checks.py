"""What is wrong with arrays of cells: each statement by one tampering that breaks it alone."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import relutope as rt
from relutope.complex.stored_checks import check_arrays
from relutope.search.cell_arrays import CellArrays

# Four quadrants; the third neuron vanishes with the first, the last one everywhere.
CX = rt.decompose(
    [([[1, 0], [0, 1], [2, 0], [0, 0]], [0, 0, 0, 0]), ([[1, 1, 1, 1]], [0])], rt.Box(-1, 1)
)
GOOD = CX.solution.arrays


def by_hand(patterns, neighbour, ids, special=()):
    """Two cells; `special` says for each facet in it what vanishes there."""
    sizes = np.cumsum([0, *(len(some) for _, some in special)])
    half = len(ids) // 2
    return CellArrays(
        np.array(patterns, dtype=np.uint64)[:, None],
        np.array([0, half, 2 * half], dtype=np.int64),
        np.array(ids, dtype=np.int32),
        np.array(neighbour, dtype=np.int32),
        np.array([facet for facet, _ in special], dtype=np.int64),
        np.array(sizes, dtype=np.int64),
        np.array([k for _, some in special for k in some], dtype=np.int32),
        np.zeros(0, dtype=np.int64),
        np.zeros(0, dtype=np.int32),
    )


def with_entry(name, place, value):
    values = getattr(GOOD, name).copy()
    values[place] = value
    return replace(GOOD, **{name: values})


def emptied():
    empty = {name: getattr(GOOD, name)[:0] for name in CellArrays.__dataclass_fields__}
    begins = {name: np.zeros(1, dtype=np.int64) for name in ("facet_begin", "special_begin")}
    return CellArrays(**(empty | begins))


BOUNDARY = int(np.flatnonzero(GOOD.facet_neighbour < 0)[0])
SHARED = int(np.flatnonzero(GOOD.facet_neighbour > 0)[0])
OWNER = int(np.searchsorted(GOOD.facet_begin, SHARED, side="right")) - 1
OTHER = next(j for j in range(3, 0, -1) if j not in (OWNER, GOOD.facet_neighbour[SHARED]))

DIFFERENTLY = "two cells name their common facet differently"
WRONG = {
    "no cells": (emptied(), "it has no cells"),
    "facet_begin": (
        replace(GOOD, facet_begin=GOOD.facet_begin[::-1]),
        "facet_begin does not divide the facets among the cells",
    ),
    "facet_id": (with_entry("facet_id", 0, 4), "facet_id names forms that do not exist"),
    "sides": (with_entry("facet_id", 0, -5), "facet_id names forms that do not exist"),
    "neighbour": (
        with_entry("facet_neighbour", SHARED, 4),
        "facet_neighbour names cells that do not exist",
    ),
    "boundary with a neuron": (
        with_entry("facet_id", BOUNDARY, 0),
        "a facet must be either on the domain's boundary or shared by two cells",
    ),
    "special_facet": (
        replace(GOOD, special_facet=GOOD.special_facet[::-1]),
        "special_facet does not name facets in increasing order",
    ),
    "special_begin": (
        with_entry("special_begin", -1, len(GOOD.special_ids) + 1),
        "special_begin does not divide special_ids among the facets",
    ),
    "special_ids": (
        with_entry("special_ids", 0, 4),
        "special_ids names forms that do not exist",
    ),
    "zero_cell": (
        with_entry("zero_cell", -1, 4),
        "zero_cell or zero_neuron names what does not exist",
    ),
    "zero_neuron": (
        with_entry("zero_neuron", -1, 4),
        "zero_cell or zero_neuron names what does not exist",
    ),
    "bits": (
        replace(GOOD, patterns=GOOD.patterns | np.uint64(16)),
        "a pattern has more bits than there are neurons",
    ),
    "order": (
        replace(GOOD, patterns=GOOD.patterns[::-1]),
        "the patterns of its cells do not increase",
    ),
    "active zero": (
        replace(GOOD, patterns=GOOD.patterns | np.uint64(8)),
        "a neuron is active on a cell on which it vanishes",
    ),
    "own neighbour": (
        with_entry("facet_neighbour", SHARED, OWNER),
        "a cell is its own neighbour",
    ),
    "one cell only": (
        with_entry("facet_neighbour", SHARED, OTHER),
        "a facet is shared by one cell only",
    ),
    "facet twice": (
        by_hand([0, 3], [1, 1, 0, 0], [0, 1, 0, 1]),
        "two cells share more than one facet",
    ),
    "zeros of a facet": (by_hand([0, 3], [1, 0], [0, 0], [(0, [0, 1])]), DIFFERENTLY),
    "name of a facet": (
        by_hand([0, 3], [1, 0], [0, 1], [(0, [0, 1]), (1, [0, 1])]),
        DIFFERENTLY,
    ),
    "far neighbour": (
        by_hand([0, 3], [1, 0], [0, 0]),
        "two neighbours differ in a neuron that does not vanish on their facet",
    ),
}


def test_right_arrays_pass():
    assert len(GOOD.special_facet)
    assert len(GOOD.zero_cell)
    assert check_arrays(GOOD, 4, 4) is None
    assert check_arrays(by_hand([0, 1], [1, 0], [0, 0]), 2, 0) is None
    assert check_arrays(by_hand([0, 3], [1, 0], [0, 0], [(0, [0, 1]), (1, [0, 1])]), 2, 0) is None


@pytest.mark.parametrize("name", WRONG)
def test_each_false_statement_is_named(name):
    arrays, message = WRONG[name]
    neurons, sides = (2, 0) if len(arrays.facet_begin) == 3 else (4, 4)
    assert check_arrays(arrays, neurons, sides) == message
