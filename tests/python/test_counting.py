"""Counting cells without keeping them, and estimating their number."""

from __future__ import annotations

import itertools
import signal
import subprocess
import sys
from math import comb

import numpy as np
import pytest

import relutope as rt
import zoo
from small_networks import absolute, random_network, ridge, small_integer_network

CASES = {
    "one neuron": ([([[1.0]], [0.0]), ([[1.0]], [0.0])], rt.Box(-1, 1)),
    "no neuron crosses": ([([[1.0, 0.0]], [5.0]), ([[1.0]], [0.0])], rt.Box(-1, 1)),
    "quadrants of the plane": (absolute(2), None),
    "diamond": (ridge(), rt.Box(-3, 3)),
    "many lines": (random_network([2, 30, 1], 1), rt.Box(-1, 1)),
    "deep": (random_network([3, 8, 8, 8, 1], 2), rt.Box(-2, 2)),
    "unbounded": (random_network([3, 6, 6, 1], 3), None),
    "integers": (small_integer_network([3, 7, 5, 1], 4), rt.Box(-2, 2)),
    "integers, unbounded": (small_integer_network([2, 8, 8, 1], 5), None),
    "repeated and dead": (
        [
            ([[1.0, 1.0], [1.0, 1.0], [-2.0, -2.0], [0.0, 0.0], [1.0, -1.0]], np.zeros(5)),
            (np.ones((3, 5)), [0.0, -1.0, -1.0]),
            (np.ones((1, 3)), [0.0]),
        ],
        rt.Box(-2, 2),
    ),
    "triangle": (
        random_network([2, 9, 5, 1], 6),
        rt.Polytope([[-1.0, 0.0], [0.0, -1.0], [1.0, 1.0]], [1.0, 1.0, 1.0]),
    ),
    "linear units": (
        rt.Network([(np.eye(3), np.zeros(3)), (np.ones((1, 3)), [0.0])], linear_units=[1]),
        rt.Box(-1, 1),
    ),
}


@pytest.fixture(params=list(CASES))
def case(request):
    return CASES[request.param]


@pytest.mark.parametrize("engine", ["vertex", "lp"])
def test_count_is_the_number_of_cells(case, engine):
    expected = rt.decompose(*case).n_cells
    result = rt.count(*case, engine=engine)
    assert (int(result), result.complete, result.fraction_of_jobs) == (expected, True, 1.0)


@pytest.mark.parametrize("case", [c for c in zoo.cases() if c.n_cells < 500], ids=lambda c: c.name)
def test_counts_known_from_elsewhere(case):
    domain = None if case.domain is None else rt.Box(*case.domain)
    for engine in ("vertex", "lp"):
        assert int(rt.count(case.layers, domain, engine=engine)) == case.n_cells


@pytest.mark.parametrize("engine", ["vertex", "lp"])
@pytest.mark.parametrize("n", [1, 2, 4])
def test_count_of_an_arrangement_in_general_position(n, engine):
    """m hyperplanes cut R^n into the sum of binomials (m choose 0..n) cells."""
    m = 9
    net = random_network([n, m, 1], n)
    for threads in (1, 3):
        result = rt.count(net, engine=engine, threads=threads)
        assert int(result) == sum(comb(m, j) for j in range(n + 1))


def test_count_of_a_network_that_is_constant_along_most_inputs():
    W = np.zeros((6, 40))
    W[:, :2] = np.random.default_rng(0).standard_normal((6, 2))
    assert int(rt.count([(W, np.ones(6)), (np.ones((1, 6)), [0.0])])) == 1 + 6 + 15


@pytest.mark.parametrize("n", [3, 4, 5])
@pytest.mark.parametrize("kind", ["generic", "repeated", "integers"])
def test_count_where_hardly_a_neuron_of_the_last_layer_cuts_a_cell(n, kind):
    """Many layers in a small box, so that cells of the last layer but one are counted for it."""
    for seed in range(4):
        rng = np.random.default_rng([n, seed])
        widths = [n, 9, 9, 9, 9, 1]
        layers = []
        for a, b in itertools.pairwise(widths):
            W, c = rng.standard_normal((b, a)), rng.standard_normal(b)
            if kind == "integers":
                W, c = (
                    rng.integers(-2, 3, (b, a)).astype(float),
                    rng.integers(-1, 2, b).astype(float),
                )
            if kind == "repeated" and b > 1:
                W[-2:], c[-2:] = -2.0 * W[:2], -2.0 * c[:2]
            layers.append((W, c))
        for size in (0.1, 0.4):
            domain = rt.Box(np.full(n, 0.25 - size), np.full(n, 0.25 + size))
            cells = rt.decompose(layers, domain, engine="vertex")
            assert rt.count(layers, domain).n_cells == cells.n_cells


@pytest.mark.parametrize("engine", ["vertex", "lp"])
def test_cell_budget(engine):
    net = random_network([4, 12, 8, 1], 7)
    total = rt.decompose(net, rt.Box(-1, 1)).n_cells
    assert total > 1000
    result = rt.count(net, rt.Box(-1, 1), max_cells=500, engine=engine)
    assert not result.complete
    assert 500 < result.n_cells < total
    assert str(result).startswith(f"at least {result.n_cells} cells")
    with pytest.raises(ValueError, match="not complete"):
        int(result)
    assert int(rt.count(net, rt.Box(-1, 1), max_cells=total, engine=engine)) == total


@pytest.mark.parametrize("engine", ["vertex", "lp"])
def test_time_budget(engine):
    """More than 10^9 cells: the search cannot come to its end."""
    net = random_network([8, 40, 40, 1], 8)
    result = rt.count(net, rt.Box(-1, 1), max_seconds=0.3, engine=engine)
    assert not result.complete
    assert result.n_cells > 0
    assert 0 <= result.fraction_of_jobs < 1


def test_interrupt_goes_on_to_the_caller():
    code = (
        "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "import numpy as np, relutope as rt; r = np.random.default_rng(0)\n"
        "net = [(r.standard_normal((40, 8)), r.standard_normal(40)), (np.ones((1, 40)), [0.0])]\n"
        "try:\n"
        "    print('start', flush=True)\n"
        "    rt.count(net, rt.Box(-1, 1))\n"
        "except KeyboardInterrupt: print('interrupted')\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code],
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout.readline() == "start\n"
        process.send_signal(signal.SIGINT)
        assert process.communicate(timeout=60)[0] == "interrupted\n"


@pytest.mark.skipif(sys.platform != "linux", reason="ru_maxrss is in other units")
def test_memory_does_not_grow_with_the_cells():
    code = (
        "import resource, numpy as np, relutope as rt; r = np.random.default_rng(0)\n"
        "W, b = r.standard_normal((700, 2)), r.standard_normal(700)\n"
        "net = [(W, b), (np.ones((1, 700)), [0.0])]\n"
        "rt.count(net, rt.Box(-1, 1), max_cells=100)\n"
        "before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "cells = int(rt.count(net, rt.Box(-4, 4)))\n"
        "print(cells, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)\n"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    cells, grown = map(int, run.stdout.split())
    assert cells > 100_000
    assert grown < 10_000  # KiB; the patterns alone would need 88 bytes a cell


@pytest.mark.parametrize(
    ("wrong", "error", "text"),
    [
        ({"engine": "fast"}, rt.EngineError, "`engine`"),
        ({"domain": 3}, rt.InvalidDomainError, "`domain`"),
        ({"max_cells": 0}, ValueError, "`max_cells`"),
        ({"max_seconds": 0.0}, ValueError, "`max_seconds`"),
        ({"max_seconds": float("nan")}, ValueError, "`max_seconds`"),
        ({"threads": 0}, ValueError, "`threads`"),
    ],
)
def test_wrong_arguments_of_count(wrong, error, text):
    with pytest.raises(error, match=text):
        rt.count(absolute(2), **wrong)


def test_small_networks_are_counted_exactly_by_the_estimate(case):
    result = rt.estimate_count(*case, samples=2**17)
    expected = rt.decompose(*case).n_cells
    assert result.exact
    assert (result.estimate, result.standard_error) == (expected, 0.0)
    assert result.interval == (expected, expected)


@pytest.mark.parametrize(
    ("network", "domain"),
    [
        (random_network([4, 12, 1], 1), rt.Box(-1, 1)),
        (random_network([4, 8, 8, 1], 2), rt.Box(-1, 1)),
        (small_integer_network([3, 10, 6, 1], 3), rt.Box(-2, 2)),
        (random_network([3, 10, 6, 1], 4), None),
    ],
    ids=["shallow", "deep", "degenerate", "unbounded"],
)
def test_estimates_are_unbiased(network, domain):
    """The mean over many seeds is the number of cells, within what chance does."""
    truth = int(rt.count(network, domain))
    results = [rt.estimate_count(network, domain, samples=32, seed=seed) for seed in range(60)]
    assert not any(result.exact for result in results)
    estimates = np.array([result.estimate for result in results])
    spread = estimates.std(ddof=1) / np.sqrt(len(estimates))
    assert 0 < spread < 0.1 * truth
    assert abs(estimates.mean() - truth) < 4 * spread
    covered = np.mean([r.interval[0] <= truth <= r.interval[1] for r in results])
    assert covered > 0.8


def test_estimate_depends_on_the_seed_alone():
    net = random_network([5, 12, 8, 1], 9)

    def estimate(**options):
        return rt.estimate_count(net, rt.Box(-1, 1), samples=64, **options)

    first = estimate(seed=2**63, threads=1)
    again = estimate(seed=2**63, threads=3)
    assert (first.estimate, first.interval) == (again.estimate, again.interval)
    assert estimate(seed=1).estimate != first.estimate


def test_estimate_of_a_number_known_in_closed_form():
    """The coordinate hyperplanes of R^30, moved: 2^30 cells."""
    rng = np.random.default_rng(10)
    net = [(np.eye(30), rng.standard_normal(30)), (np.ones((1, 30)), [0.0])]
    result = rt.estimate_count(net, samples=256)
    assert result.standard_error < 0.05 * 2**30
    assert result.interval[0] <= 2**30 <= result.interval[1]


def test_more_samples_say_more():
    net = random_network([5, 14, 8, 1], 11)
    few, many = (rt.estimate_count(net, rt.Box(-1, 1), samples=samples) for samples in (32, 1024))
    assert many.standard_error < few.standard_error
    assert many.interval[0] < many.estimate < many.interval[1]
    wide = rt.estimate_count(net, rt.Box(-1, 1), samples=32, confidence=0.999)
    assert wide.interval[0] < few.interval[0] < few.interval[1] < wide.interval[1]


@pytest.mark.parametrize(
    ("wrong", "error", "text"),
    [
        ({"domain": 3}, rt.InvalidDomainError, "`domain`"),
        ({"samples": 15}, ValueError, "`samples`"),
        ({"samples": 20.5}, TypeError, "integer"),
        ({"confidence": 1.0}, ValueError, "`confidence`"),
        ({"seed": -1}, ValueError, "`seed`"),
        ({"threads": 0}, ValueError, "`threads`"),
    ],
)
def test_wrong_arguments_of_the_estimate(wrong, error, text):
    with pytest.raises(error, match=text):
        rt.estimate_count(absolute(2), **wrong)


def test_empty_domain():
    empty = rt.Polytope([[1.0], [-1.0]], [-1.0, -1.0])
    net = [([[1.0]], [0.0]), ([[1.0]], [0.0])]
    for function in (rt.count, rt.estimate_count):
        with pytest.raises(rt.InvalidDomainError):
            function(net, empty)


def test_counting_leaves_statistics_unimported():
    code = (
        "import sys, relutope as rt; "
        "n = int(rt.count([([[1.0]], [0.0]), ([[1.0]], [0.0])], rt.Box(-1, 1))); "
        "print(n, 'scipy.stats' in sys.modules)"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.split() == ["2", "False"]
