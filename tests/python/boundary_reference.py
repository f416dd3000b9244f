"""Boundaries that are found without a complex, compared with those of the whole complex.

    python tests/python/boundary_reference.py --networks 2000

does so for random networks, degenerate ones among them, over boxes, polytopes and all of R^n.
"""

from __future__ import annotations

import argparse
import time

import numpy as np

import relutope as rt
from small_networks import random_network, small_integer_network


def boundary_of_complex(network, domain):
    """The boundary by way of the whole complex."""
    outputs = "sign" if rt.as_network(network).output_dim == 1 else "argmax"
    return rt.decision_boundary(rt.decompose(network, domain, outputs=outputs))


def described(boundary):
    """Per facet, by the patterns on both sides: classes, neurons that vanish, measure."""
    cells, patterns = boundary.complex, boundary.complex.patterns
    rows = zip(
        boundary.cells.tolist(), boundary.labels.tolist(), boundary.edges.tolist(), strict=True
    )
    return {
        (patterns[i].tobytes(), patterns[j].tobytes()): (
            classes,
            cells.facet_neurons[edge].tolist(),
            cells.facet_measure[edge],
        )
        for (i, j), classes, edge in rows
    }


def assert_same(found, expected):
    """Facets, classes and zero sets equal, measures but for rounding; cells are subsets."""
    here, there = described(found), described(expected)
    assert here.keys() == there.keys()
    for key, (classes, zeros, measure) in here.items():
        assert (classes, zeros) == there[key][:2]
        np.testing.assert_allclose(measure, there[key][2], rtol=1e-9)
    known = {row.tobytes() for row in expected.complex.patterns}
    assert {row.tobytes() for row in found.complex.patterns} <= known
    if not expected.complex.lineality_dim:
        assert found.n_components == expected.n_components
        bounded = np.flatnonzero(np.isfinite(found.measure))
        assert set(bounded.tolist()) <= set(found.triangulation()[1].tolist())


def random_case(rng):
    """A small network and a domain."""
    n = int(rng.integers(1, 5))
    hidden = [int(rng.integers(1, 7)) for _ in range(rng.integers(1, 4))]
    make = (random_network, small_integer_network)[rng.integers(2)]
    network = make([n, *hidden, int(rng.integers(1, 5))], int(rng.integers(2**31)))
    rows = np.vstack([rng.integers(-2, 3, (3, n)).astype(float), np.eye(n), -np.eye(n)])
    domains = (
        rt.Box(-2, 2, dim=n),
        rt.Polytope(rows, np.concatenate([np.full(3, 2.5), np.full(2 * n, 3.0)])),
        rt.Box([-1.0] * n, [np.inf] * n),
        None,
    )
    return network, domains[rng.integers(len(domains))]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--networks", type=int, default=100)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    start, facets, made, touched, cells = time.perf_counter(), 0, 0, 0, 0
    for k in range(arguments.networks):
        network, domain = random_case(np.random.default_rng([arguments.seed, k]))
        found, expected = (
            rt.decision_boundary(network, domain),
            boundary_of_complex(network, domain),
        )
        try:
            assert_same(found, expected)
        except AssertionError as error:
            raise AssertionError(f"network {k} of seed {arguments.seed}") from error
        facets += len(found)
        made += found.complex.n_cells
        touched += len(np.unique(expected.cells))
        cells += expected.complex.n_cells
    print(
        f"{arguments.networks} networks agree, {facets} facets, {made} cells made of {cells}, "
        f"{touched} have such a facet, {time.perf_counter() - start:.1f} s"
    )


if __name__ == "__main__":
    main()
