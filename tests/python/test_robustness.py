"""Distances to the nearest change of the decision: known answers, brute force, real networks."""

from __future__ import annotations

import json
from fractions import Fraction
from itertools import pairwise
from math import inf, nextafter, sqrt
from pathlib import Path

import numpy as np
import pytest

import relutope as rt
from relutope.cli import main
from relutope.verdicts.nearest_point import (
    Halfspaces,
    largest_root,
    measure_of,
    meets,
    nearest_of_halfspace,
    nearest_point,
)
from robustness_reference import compared

REAL = Path(__file__).resolve().parents[3] / "shared" / "real_networks"
NORMS = [1, 2, inf]
PAIRS = [[1.0, 0.0], [-1.0, 0.0], [0.0, 1.0], [0.0, -1.0]]
CROSS = rt.Network([(PAIRS, [0.0] * 4), ([[1.0] * 4], [-1.0])])  # |x| + |y| - 1


@pytest.mark.parametrize(("norm", "distance"), [(1, 1.0), (2, sqrt(0.5)), (inf, 0.5)])
def test_from_the_middle_of_a_cross_polytope(norm, distance):
    found = rt.robustness(CROSS, [0.0, 0.0], norm=norm)
    assert found.exact
    assert found.lower <= distance <= found.upper
    assert found.upper <= np.nextafter(found.lower, inf)
    assert sum(abs(v) for v in found.witness) == 1
    assert (found.label, found.rival) == (0, 1)


def test_an_irrational_distance_is_between_neighbouring_doubles():
    found = rt.robustness(CROSS, [0.0, 0.0])
    assert Fraction(found.lower) ** 2 < Fraction(1, 2) < Fraction(found.upper) ** 2
    assert found.upper == np.nextafter(found.lower, 1)


def test_a_boundary_that_is_one_point():
    peak = rt.Network([(PAIRS, [0.0] * 4), ([[1.0] * 4], [0.0])])  # |x| + |y|
    found = rt.robustness(peak, [3.0, -4.0])
    assert (found.lower, found.upper, found.exact) == (5.0, 5.0, True)
    assert found.witness == (0, 0)


def test_ties_at_the_input():
    net = rt.Network([([[1.0, 0.0], [0.0, 1.0]], [0.0, 0.0]), (np.eye(2), [0.0, 0.0])])
    found = rt.robustness(net, [0.75, 0.75])
    assert (found.lower, found.upper, found.exact) == (0.0, 0.0, True)
    assert found.witness == (Fraction(3, 4), Fraction(3, 4))
    assert (found.label, found.rival) == (0, 1)


def test_no_boundary():
    above = rt.Network([(PAIRS, [0.0] * 4), ([[1.0] * 4], [1.0])])
    for domain in (None, rt.Box(-9, 9), rt.Polytope([[1.0, 1.0]], [2.0])):
        found = rt.robustness(above, [0.5, 0.25], domain=domain)
        assert (found.lower, found.upper, found.exact) == (inf, inf, True)
        assert found.witness is found.nearest is found.rival is None


def test_domains_hide_what_is_nearer():
    net = rt.Network([([[1.0, 0.0]], [10.0]), ([[1.0]], [-10.0])])  # x where x >= -10
    x = [1.0, 0.0]
    assert rt.robustness(net, x).upper == 1.0
    slanted = rt.Polytope([[-1.0, -1.0]], [-0.75])  # x + y >= 3/4
    found = rt.robustness(net, x, domain=slanted)
    assert found.exact
    assert found.witness == (0, Fraction(3, 4))
    assert found.upper == 1.25
    assert rt.robustness(net, x, domain=rt.Box([0.5, -1], [2, 1])).upper == inf


def test_fixed_inputs_stay():
    flat = rt.FlatBox([-2.0, 0.25], [2.0, 0.25])
    found = rt.robustness(CROSS, [0.0, 0.25], domain=flat)
    assert found.upper == 0.75
    assert found.witness in ((Fraction(3, 4), Fraction(1, 4)), (Fraction(-3, 4), Fraction(1, 4)))


@pytest.mark.parametrize("norm", NORMS)
def test_a_linear_network_of_many_inputs(norm):
    n = 200
    weights = np.arange(1.0, n + 1)
    net = rt.Network([(np.eye(n), np.full(n, 64.0)), ([weights], [-64.0 * weights.sum() - 1.0])])
    found = rt.robustness(net, np.zeros(n), norm=norm)
    dual = {1: weights.max(), 2: np.linalg.norm(weights), inf: weights.sum()}[norm]
    assert found.exact
    assert found.upper == pytest.approx(1 / dual)


@pytest.mark.parametrize("seed", range(96))
def test_small_networks_against_all_cells(seed):
    compared(seed)


def test_a_search_goes_on_where_it_stopped():
    rng = np.random.default_rng(3)
    widths = [3, 12, 12, 1]
    layers = [
        (rng.normal(0, sqrt(2 / a), (b, a)), rng.uniform(-0.5, 0.5, b)) for a, b in pairwise(widths)
    ]
    x = np.array([0.5, -0.25, 0.125])
    whole = rt.robustness(layers, x, domain=rt.Box(-1, 1))
    parts = rt.Robustness(layers, x, domain=rt.Box(-1, 1))
    before = (parts.lower, parts.upper)
    for _ in range(10_000):
        parts.run(max_seconds=0.05)
        assert before[0] <= parts.lower <= parts.upper <= before[1]
        before = (parts.lower, parts.upper)
        if parts.exact:
            break
    assert whole.exact
    assert (parts.lower, parts.upper) == (whole.lower, whole.upper)


@pytest.mark.skipif(not REAL.exists(), reason="needs ../shared")
def test_digits_get_an_interval():
    net = rt.load_network(REAL / "mnist_256x4.onnx")
    image = np.loadtxt(REAL / "mnist_test_100.csv", delimiter=",", max_rows=1)[1:] / 255
    found = rt.robustness(net, image, norm=inf, domain=rt.Box(0, 1), max_seconds=20)
    assert 0 < found.lower <= found.upper < 1
    assert not found.exact
    z = np.array([float(v) for v in found.witness])
    assert np.abs(z - image).max() <= found.upper
    assert ((z >= 0) & (z <= 1)).all()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"norm": 3}, "`norm`"),
        ({"x": [0.0]}, "`x`"),
        ({"x": [np.nan, 0.0]}, "`x`"),
        ({"max_seconds": 0}, "`max_seconds`"),
        ({"outputs": "largest"}, "`outputs`"),
        ({"outputs": "argmax"}, "`outputs`"),
        ({"domain": rt.Box(1, 2)}, "`x` is outside"),
        ({"domain": rt.Box(-1, 1, dim=3)}, "axes"),
    ],
    ids=str,
)
def test_bad_arguments(change, message):
    with pytest.raises((ValueError, rt.RelutopeError), match=message):
        rt.robustness(**{"network": CROSS, "x": [0.0, 0.0], **change})


def test_the_command(tmp_path, capsys):
    arrays = {
        f"{n}{k}": a for k, pair in enumerate(CROSS.layers) for n, a in zip("Wb", pair, strict=True)
    }
    np.savez(tmp_path / "net.npz", **arrays)
    file = tmp_path / "net.npz"
    assert main(["robustness", str(file), "--input", "0,0.25", "--norm", "1", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["complete"]
    (one,) = found["results"]
    assert (one["lower"], one["upper"], one["exact"]) == (0.75, 0.75, True)
    np.savetxt(tmp_path / "points.csv", [[0.0, 0.5], [2.0, 0.0]], delimiter=",")
    assert main(["robustness", str(file), "--input", str(tmp_path / "points.csv")]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[1] == "input 1: decision 1, 1.0 (exact), to 0"
    assert main(["robustness", str(file), "--input", "0,b"]) == 2
    assert main(["robustness", str(file), "--input", "0,0,0"]) == 2
    assert main(["robustness", str(file), "--input", "0,0", "--box", "1", "2"]) == 2


# -- the programs


@pytest.mark.parametrize("norm", NORMS)
def test_nearest_points_are_feasible_and_optimal(norm):
    rng = np.random.default_rng(5)
    for _ in range(60):
        n, k = int(rng.integers(1, 4)), int(rng.integers(1, 8))
        rows = rng.integers(-3, 4, (k, n + 1)).astype(object)
        found = nearest_point(Halfspaces(rows), norm)
        corners = rng.integers(-4, 5, (400, n))
        inside = [p for p in corners.tolist() if meets([Fraction(v) for v in p], rows)]
        if found.point is None:
            assert found.measure is None
            assert not inside
            continue
        assert meets(found.point, rows)
        assert measure_of(found.point, norm) == found.measure
        for p in inside:
            assert measure_of([Fraction(v) for v in p], norm) >= found.measure
        singles = [nearest_of_halfspace(row, norm)[0] for row in rows]
        assert found.measure >= max(single for single in singles if single is not None)


def test_an_empty_polyhedron_has_no_nearest_point():
    rows = np.array([[1, 0, 1], [-1, 0, 0]], dtype=object)  # x <= -1 and x >= 0
    for norm in NORMS:
        assert nearest_point(Halfspaces(rows), norm).measure is None


@pytest.mark.parametrize("value", [Fraction(2), Fraction(1, 3), Fraction(10) ** 400, Fraction(4)])
@pytest.mark.parametrize("norm", NORMS)
def test_rounding_of_distances(value, norm):
    low, high = largest_root(value, norm)
    power = 2 if norm == 2 else 1
    assert Fraction(low) ** power <= value
    assert high == inf or value <= Fraction(high) ** power
    assert high in (low, nextafter(low, inf))
