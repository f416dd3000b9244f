"""Verification of local search: true statements are proven, false ones are found and named."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from scipy.optimize import linprog

import relutope as rt
import zoo
from exploration_checks import explored, starts
from fuzz import Sample
from relutope.decomposition.exploring import explore
from relutope.verification.by_certificates import ByCertificates
from relutope.verification.claims import ExplorationClaims, exact_network
from relutope.verification.integers import object_array
from relutope.verification.lower_bounds import LowerBounds
from relutope.verification.outcome import Ledger
from relutope.verification.rational_forward import ExactPass, IntegerLayer
from relutope.verification.redundancy import FormTable, Ranges, combination, on_hyperplane
from relutope.verification.verify_exploration import verify_exploration
from small_networks import random_network
from strategies import networks

SMALL = random_network([3, 6, 4, 1], 3)


class Tampered:
    """An exploration with some of its statements replaced."""

    def __init__(self, found, **replaced):
        self._found = found
        self.__dict__.update(replaced)

    def __getattr__(self, name):
        return getattr(self._found, name)


# -- true statements


@pytest.mark.parametrize(
    "case", [c for c in zoo.cases() if c.n_cells <= 60], ids=lambda case: case.name
)
def test_zoo_is_proven(case):
    domain = None if case.domain is None else rt.Box(*case.domain, dim=case.dim)
    x0 = np.random.default_rng(1).uniform(0.05, 0.95, case.dim)
    x0 = x0 if domain is None else domain.lower + (domain.upper - domain.lower) * x0
    report = rt.verify(explored(case.layers, x0, domain))
    assert report.ok, report
    assert report.complete, report


@settings(max_examples=30)
@given(networks(dims=(1, 2, 3, 4), kinds=("integer", "quantised", "float32", "float64")))
def test_degenerate_networks(case: Sample):
    cx = case.complex()
    found = explored(cx.network, starts(cx, 0)[0], cx.domain)
    report = verify_exploration(found, seed=1)
    assert report.ok, report
    assert report.checks["patterns"] == 1


@pytest.mark.parametrize(
    "domain", [None, rt.Box(-1, 1), rt.Polytope([[1.0, 1.0, 1.0], [-1.0, 2.0, 0.0]], [1.0, 1.0])]
)
def test_a_part_of_the_cells(domain):
    found = explore(SMALL, [0.1, 0.0, -0.2], max_cells=12, domain=domain)
    report = verify_exploration(found, sample=5, seed=2)
    assert report.ok, report
    assert (report.n_cells, report.n_verified, report.complete) == (12, 5, False)
    assert report.checks["interior"] == 5
    facets = report.checks["beyond"]
    assert facets == report.checks["neighbours"] >= 5
    assert 0 < facets < found.n_facets.sum()


def test_more_inputs_than_units():
    """Cells are proven in the six units of the first layer, which are independent."""
    found = explore(random_network([20, 6, 5, 1], 1), np.zeros(20), max_cells=10)
    report = verify_exploration(found)
    assert report.ok, report
    assert "no facet, by floating point" not in report.checks
    assert report.checks["no facet, proven"] > 0


def test_proofs_are_counted():
    found = explored(SMALL, [0.1, 0.0, -0.2])
    full = verify_exploration(found)
    assert full.complete
    none = verify_exploration(found, max_proofs=0)
    assert none.ok
    assert not none.complete
    by_both = none.checks["no facet, by floating point"] + none.checks.get("no facet, proven", 0)
    assert by_both + none.checks.get("not decided", 0) == full.checks["no facet, proven"]
    assert none.checks["no facet, by floating point"] > 0


# -- false statements


@pytest.fixture(scope="module", params=["R^n", "box", "units"])
def found(request):
    if request.param == "units":
        return explore(random_network([12, 6, 5, 1], 1), np.zeros(12), max_cells=25)
    box = rt.Box(-1, 1) if request.param == "box" else None
    return explored(SMALL, [0.1, 0.0, -0.2], box)


def a_cell_with_others(found):
    """A cell, a neuron that is none of its facets, and one of its facets."""
    for i in range(found.n_cells):
        named = set(np.concatenate(found.facets(i)).tolist())
        others = sorted(set(range(found.network.n_neurons)) - named)
        if others:
            return i, others
    raise AssertionError("every neuron is a facet of every cell")


def with_facets(found, i, facets, neighbours, patterns):
    return Tampered(
        found,
        facets=lambda k: facets if k == i else found.facets(k),
        facet_neighbours=lambda k: np.array(neighbours) if k == i else found.facet_neighbours(k),
        neighbour_patterns=lambda k: patterns if k == i else found.neighbour_patterns(k),
    )


def without_facet(found, i, f=0):
    patterns, neighbours = found.neighbour_patterns(i), found.facet_neighbours(i)
    rest = [k for k in range(len(neighbours)) if k != f]
    return with_facets(
        found, i, [found.facets(i)[k] for k in rest], neighbours[rest], patterns[rest]
    )


def test_a_missing_facet_is_found(found):
    for f in range(len(found.facets(0))):
        report = verify_exploration(without_facet(found, 0, f), sample=[0])
        assert any(text.startswith("no facet: cell 0") for text in report.failures), report
        assert not report.complete


def test_a_facet_too_many_is_found(found):
    i, others = a_cell_with_others(found)
    for k in others:
        beyond = found.patterns[i].copy()
        beyond[k] ^= True
        tampered = with_facets(
            found,
            i,
            [*found.facets(i), np.array([k])],
            [*found.facet_neighbours(i), -1],
            np.vstack([found.neighbour_patterns(i), beyond]),
        )
        report = verify_exploration(tampered, sample=[i])
        assert any(text.startswith(f"facets: cell {i}") for text in report.failures), report


def test_a_wrong_pattern_beyond_is_found(found):
    patterns = found.neighbour_patterns(0)
    patterns[0, -1] ^= True
    report = verify_exploration(
        with_facets(found, 0, found.facets(0), found.facet_neighbours(0), patterns), sample=[0]
    )
    assert any(text.startswith("beyond: cell 0") for text in report.failures), report


def test_what_is_found_false_of_a_facet_does_not_confirm_it():
    """Not even where the number of the cell beyond is right: it is not explored."""
    found = explore(random_network([2, 5, 4, 1], 3), [0.1, 0.2], max_cells=1)
    assert set(found.facet_neighbours(0).tolist()) == {-1}
    patterns = found.neighbour_patterns(0)
    patterns[0, -1] ^= True
    tampered = with_facets(found, 0, found.facets(0), found.facet_neighbours(0), patterns)
    rng = np.random.default_rng(0)
    way = ByCertificates(ExplorationClaims(tampered), exact_network(found, True), Ledger(), rng)
    assert way.check_cell(0).confirmed == [f > 0 for f in range(len(patterns))]


def test_a_false_list_of_adjacent_cells_is_found(found):
    pairs = found.adjacency
    for false in (pairs[1:], pairs[::-1], np.vstack([pairs, pairs[-1:]])):
        report = verify_exploration(Tampered(found, adjacency=false), sample=[0])
        assert any(text.startswith("adjacency:") for text in report.failures), report


def test_a_wrong_neighbour_is_found(found):
    numbers = found.facet_neighbours(0).copy()
    wrong = next(j for j in range(1, found.n_cells) if j not in numbers.tolist())
    numbers[np.flatnonzero(numbers >= 0)[0]] = wrong
    tampered = with_facets(found, 0, found.facets(0), numbers, found.neighbour_patterns(0))
    report = verify_exploration(tampered, sample=[0])
    checks = {text.split(":")[0] for text in report.failures}
    assert checks >= {"neighbours", "both sides"}, report
    with pytest.raises(rt.InvalidComplexError, match="FAILED"):
        report.raise_if_failed()


def test_a_neighbour_called_unexplored_is_found(found):
    numbers = found.facet_neighbours(0).copy()
    numbers[np.flatnonzero(numbers >= 0)[0]] = -1
    tampered = with_facets(found, 0, found.facets(0), numbers, found.neighbour_patterns(0))
    assert not verify_exploration(tampered, sample=[0]).ok


def test_a_neuron_too_many_on_a_facet_is_found(found):
    _, others = a_cell_with_others(found)
    facets = found.facets(0)
    facets[0] = np.sort(np.append(facets[0], next(k for k in others if k not in facets[0])))
    tampered = with_facets(found, 0, facets, found.facet_neighbours(0), found.neighbour_patterns(0))
    report = verify_exploration(tampered, sample=[0])
    assert any(text.startswith("facets: cell 0") for text in report.failures), report


def test_a_point_outside_its_cell_is_found(found):
    points = found.interior_points.copy()
    points[[0, 1]] = points[[1, 0]]
    report = verify_exploration(Tampered(found, interior_points=points), sample=[0, 1])
    assert sum(text.startswith("interior:") for text in report.failures) == 2, report


def test_a_cell_listed_twice_is_found(found):
    patterns = found.patterns.copy()
    patterns[1] = patterns[0]
    report = verify_exploration(Tampered(found, patterns=patterns), sample=[0])
    assert any(text.startswith("patterns:") for text in report.failures), report


def test_a_neuron_left_out_of_a_facet_of_two_is_found():
    network = [([[1.0, 0.0], [2.0, 0.0], [0.0, 1.0]], [0.0, 0.0, 0.0]), ([[1.0] * 3], [0.0])]
    found = explored(network, [1.0, 1.0])
    both = next(f for f, zeros in enumerate(found.facets(0)) if len(zeros) == 2)
    facets = found.facets(0)
    assert facets[both].tolist() == [0, 1]
    facets[both] = np.array([0])
    tampered = with_facets(found, 0, facets, found.facet_neighbours(0), found.neighbour_patterns(0))
    report = verify_exploration(tampered, sample=[0])
    assert not report.ok
    assert verify_exploration(found).complete


@pytest.mark.parametrize("options", [{"sample": 0}, {"sample": [99]}, {"max_proofs": -1}])
def test_bad_arguments(options):
    with pytest.raises(ValueError, match="must"):
        verify_exploration(explore(SMALL, [0.1, 0.0, -0.2], max_cells=2), **options)


# -- the parts


def integers(rows):
    return object_array(rows, len(rows[0]))


TRIANGLE = integers([[0, 1, 0], [0, 0, 1], [3, -1, -1], [7, -1, -2], [6, -2, -1], [4, -2, -1]])


def test_combinations_prove_redundancy():
    """x, y >= 0 and x + y <= 3: x + 2y <= 7 and 2x + y <= 6 hold; 2x + y <= 4 does not."""
    assert combination(TRIANGLE, 3, [0, 2]) == [1, 2]
    assert combination(TRIANGLE, 4, [1, 2]) == [1, 2]
    assert combination(TRIANGLE, 5, [1, 2]) is None
    assert combination(TRIANGLE, 3, [1, 2]) is None, "a multiplier is negative"
    assert combination(TRIANGLE, 3, [0]) is None, "the slopes do not fit"
    halves = integers([[1, 3, 0], [1, 2, 0]])
    assert combination(halves, 1, [0]) == [Fraction(2, 3)]


def test_sides_of_a_box_make_good_what_others_leave():
    """-1 <= x, y, z <= 2 and x + y - z >= -1: 3x + y - 2z + 8 >= 0 with 2 (x + y - z)."""
    sides = [[1, 1, 0, 0], [1, 0, 1, 0], [1, 0, 0, 1], [2, -1, 0, 0], [2, 0, -1, 0], [2, 0, 0, -1]]
    forms = integers([*sides, [1, 1, 1, -1], [8, 3, 1, -2], [4, 3, 1, -2], [5, 3, 1, -2]])
    assert combination(forms, 7, [6, 0, 4]) == [2, 1, 1]
    assert combination(forms, 9, [0, 4, 6]) == [1, 1, 2]
    assert combination(forms, 8, [6, 0, 4]) is None, "-1 at (-1, 2, 2)"
    assert combination(forms, 7, [0, 1, 5]) == [3, 1, 2]
    assert combination(forms, 7, [6, 0, 1]) is None, "a multiplier is negative"
    assert combination(forms, 7, [6, 0, 3, 4]) is None, "two forms of one coordinate"
    assert combination(forms, 7, [0, 1]) is None, "nothing has z"


def array(numbers):
    return np.array(numbers, dtype=np.int64)


def test_programs_agree_with_the_triangle():
    table = FormTable(TRIANGLE, np.array([2, 1, 1], dtype=object))
    least = LowerBounds(table, array([0, 1, 2])).of(4)
    assert least.value == pytest.approx(0.0)
    assert set(least.support) <= {0, 1, 2}
    assert combination(TRIANGLE, 4, least.support) is not None
    assert LowerBounds(table, array([0, 1, 2])).of(5).value < -0.5
    assert LowerBounds(table, array([0, 1])).of(2).value == -np.inf
    step = table.facet_point(2, array([0, 1]))
    point = on_hyperplane(TRIANGLE[2], table.center, step)
    assert sum((TRIANGLE[2] * point).tolist()) == 0
    assert point[0] > 0
    assert (TRIANGLE[:2] @ point > 0).all()


def test_rounded_multipliers_leave_what_ranges_make_good():
    """x, y >= 0 and x + y <= 3: x + 2y <= 7 by the latter y times, 2 <= y <= 7/3."""
    table = FormTable(TRIANGLE, np.array([2, 1, 1], dtype=object))
    ranges = Ranges.of(TRIANGLE, [0, 1])
    assert ranges.lower == [0, 0]
    assert ranges.upper == [None, None]
    for y, proves in [(2.0, True), (1.999, False), (2.333, True), (2.334, False)]:
        # The forms are scaled by their largest slope: 2, and 1 for the third.
        rest = table.leftovers(3, {2: y / 2})
        assert ranges.at_least_zero(rest[None]).tolist() == [proves], y
    assert not ranges.at_least_zero(table.leftovers(3, {})[None])[0], "x has no upper bound"


@pytest.mark.parametrize("size", [0, 1, 40, 90, 200])
def test_multipliers_are_rounded_for_forms_of_any_size(size):
    """x, y >= 0 and x + y <= 3, the latter multiplied: x + 2y <= 7 holds with room 1."""
    forms = TRIANGLE[:4].copy()
    forms[2] = forms[2] * ((1 << size) + 1)
    table, ranges = FormTable(forms, integers([[2, 1, 1]])[0]), Ranges.of(forms, [0, 1])
    least = LowerBounds(table, array([0, 1, 2])).of(3)
    assert 0 < least.value <= 0.5  # of 7 - x - 2y, whose largest slope is 2
    assert ranges.at_least_zero(table.leftovers(3, least.multipliers)[None])[0]


def test_bounds_are_never_above_the_least_value():
    """A later program starts from the rows that earlier ones needed."""
    rng = np.random.default_rng(5)
    ball = rng.integers(-50, 51, (60, 4))
    forms = integers([[100, *row] for row in ball.tolist()])
    forms = np.concatenate([integers([[9, 1, 0, 0, 0], [9, 0, -1, 0, 0]]), forms])
    table = FormTable(forms, integers([[1, 0, 0, 0, 0]])[0])
    others, rest = np.arange(40), list(range(40, 62))
    bounds = LowerBounds(table, others)
    together = {k: bounds.of(k) for k in rest}
    signs = set()
    for k in rest:
        alone = LowerBounds(table, others).of(k)
        signs.add(alone.value > 0)
        assert (alone.value > 0) == (together[k].value > 0)
        found = linprog(
            table.rows[k], -table.rows[others], table.slack[others], bounds=(None, None)
        )
        least = found.fun + table.slack[k] if found.status == 0 else -np.inf
        assert together[k].value <= least + 1e-9
        if least <= 0:
            assert together[k].value == pytest.approx(least)
    assert signs == {True, False}


def test_ranges_are_the_tightest():
    forms = integers([[1, 2, 0], [3, 4, 0], [5, -3, 0], [7, -2, 0], [2, 0, -1]])
    ranges = Ranges.of(forms, range(5))
    assert ranges.lower == [Fraction(-1, 2), None]
    assert ranges.upper == [Fraction(5, 3), 2]
    rests = integers([[1, 2, 0], [5, -3, 0], [5, 0, -2], [4, 0, 1], [3, 0, -2], [0, 0, 0]])
    assert ranges.at_least_zero(rests).tolist() == [True, True, True, False, False, True]


def test_exact_passes_in_inputs_and_in_units():
    rng = np.random.default_rng(0)
    layers = [IntegerLayer.from_floats(W, b) for W, b in random_network([5, 3, 4, 1], 2)[:-1]]
    units = ExactPass.of(5, layers, [])
    assert (units.by_units, units.n) == (True, 3)
    inputs = ExactPass(5, layers, [])
    repeated = [IntegerLayer.from_floats(np.ones((2, 3)), np.zeros(2))]
    assert not ExactPass.of(3, repeated, []).by_units
    network = rt.Network(random_network([5, 3, 4, 1], 2))
    for x in rng.normal(size=(5, 5)):
        expected = np.sign(network.preactivations(x[None])[0]).astype(int)
        for way in (units, inputs):
            point = way.point(x)
            pattern = way.pattern_beside(point, point * 0)
            assert pattern.tolist() == (expected > 0).tolist()
            assert (way.rational_point([Fraction(v) for v in x.tolist()]) == point).all()
            forms = way.forms(pattern)
            signs = [(v > 0) - (v < 0) for v in (forms @ point).tolist()]
            assert signs == abs(expected).tolist()
