"""Distances to the nearest change of the decision, by brute force over all cells.

    python tests/python/robustness_reference.py --networks 2000

compares `relutope.robustness` with the reference on random small networks, degenerate ones among
them. Weights are small multiples of 1/4, so that what is not empty is not thinner than floating
point can tell.
"""

from __future__ import annotations

import argparse
import math
import time
from collections import Counter
from fractions import Fraction
from itertools import pairwise

import numpy as np
from scipy.optimize import linprog, nnls

import relutope as rt

INF = math.inf
KINDS = ("plain", "repeated", "zero rows", "no bias", "on a hyperplane", "linear", "dead", "deep")


def random_problem(seed: int):
    """A network, a point, a norm, a domain, and what kind of network it is."""
    rng = np.random.default_rng(seed)
    kind = KINDS[seed % len(KINDS)]
    n = int(rng.integers(1, 4))
    m = int(rng.choice([1, 1, 2, 3]))
    depth = 2 if kind == "deep" else int(rng.integers(1, 3))
    widths = [n, *(int(w) for w in rng.integers(1, 5 if n < 3 else 4, depth)), m]
    layers = []
    for k, (a, b) in enumerate(pairwise(widths)):
        W, c = rng.integers(-6, 7, (b, a)) / 4, rng.integers(-4, 5, b) / 4
        if k < depth:
            if kind == "repeated" and b > 1:
                W[-1], c[-1] = rng.choice([-1, 1]) * W[0], rng.choice([-1, 1]) * c[0]
            if kind == "zero rows":
                W[0] = 0
            if kind == "dead":
                W[0], c[0] = 0, -1
        if kind == "no bias":
            c = np.zeros(b)
        layers.append((W, c))
    if kind == "linear":
        layers = [(np.eye(n), np.full(n, 16.0)), layers[-1]]
        layers[-1] = (rng.integers(-6, 7, (m, n)) / 4, layers[-1][1])
    x = rng.integers(-8, 9, n) / 4
    if kind == "on a hyperplane":
        layers[0][1][0] = -(layers[0][0][0] @ x)
    domain = rt.Box(-3, 3) if kind == "linear" or rng.random() < 0.5 else None
    if rng.random() < 0.1:
        domain = rt.Polytope(np.r_[np.eye(n), -np.eye(n), -np.ones((1, n))], [3.0] * 2 * n + [9])
    return rt.Network(layers), x, [1, 2, INF][seed % 3], domain, kind


def distance(network: rt.Network, x, norm: float, domain) -> float:
    """The least of the distances over all cells."""
    y = network.forward(x[None])[0]  # exact here: the numbers are short
    m = network.output_dim
    label = int(np.argmax(y)) if m > 1 else int(y[0] > 0)
    if m == 1 and y[0] == 0:
        return 0.0
    if m == 1:
        targets = [np.array([1.0 if label else -1.0])]
    else:
        targets = [np.eye(m)[label] - np.eye(m)[k] for k in range(m) if k != label]
    cells = rt.decompose(network, domain)
    return min(
        (
            nearest(x, rows, norm)
            for pattern in cells.patterns
            for rows in halfspaces(network, pattern, targets, domain)
        ),
        default=INF,
    )


def halfspaces(network, pattern, targets, domain):
    """For each target, rows (a, c) with ``a . x + c <= 0`` on the cell where it is met."""
    n = network.input_dim
    rows, start = [], 0
    form = np.column_stack([np.eye(n), np.zeros(n)])
    for (W, b), width in zip(network.layers[:-1], network.hidden_widths, strict=True):
        form = W @ form
        form[:, -1] += b
        on = pattern[start : start + width]
        rows.append(np.where(on, -1.0, 1.0)[:, None] * form)
        form = on[:, None] * form
        start += width
    W, b = network.layers[-1]
    outputs = W @ form
    outputs[:, -1] += b
    if isinstance(domain, rt.Polytope):
        rows.append(np.column_stack([domain.A, -domain.b]))
    elif domain is not None:
        box = domain.with_dim(n)
        rows.append(np.column_stack([np.eye(n), -box.upper]))
        rows.append(np.column_stack([-np.eye(n), box.lower]))
    for target in targets:
        yield np.vstack([*rows, target @ outputs])


def nearest(x, rows, norm: float) -> float:
    """The distance from x to a polyhedron, rounded; infinite if it is empty."""
    n = len(x)
    A, c = rows[:, :-1], rows[:, -1] + rows[:, :-1] @ x
    some = A.any(axis=1)
    if (c[~some] > 0).any():
        return INF
    A, c = A[some], c[some]
    if not (c > 0).any():
        return 0.0
    if norm == 2:
        if linprog(np.zeros(n), A_ub=A, b_ub=-c, bounds=(None, None)).status == 2:
            return INF
        table, unit = np.vstack([-A.T, c]), np.r_[np.zeros(n), 1.0]
        rest = table @ nnls(table, unit)[0] - unit
        return float(np.linalg.norm(rest[:n] / rest[n]))
    eye, k = np.eye(n), n if norm == 1 else 1
    size = eye if norm == 1 else np.ones((n, 1))
    table = np.block([[A, np.zeros((len(A), k))], [eye, -size], [-eye, -size]])
    found = linprog(
        np.r_[np.zeros(n), np.ones(k)],
        A_ub=table,
        b_ub=np.r_[-c, np.zeros(2 * n)],
        bounds=(None, None),
    )
    return INF if found.status == 2 else float(found.fun)


def compared(seed: int) -> str:
    """Asserts that both agree; says what kind of problem it was."""
    network, x, norm, domain, kind = random_problem(seed)
    found = rt.robustness(network, x, norm=norm, domain=domain)
    expected = distance(network, x, norm, domain)
    assert found.exact, (seed, kind, found)
    assert found.lower <= found.upper <= np.nextafter(found.lower, INF), (seed, kind, found)
    if expected == INF or found.upper == INF:
        assert found.upper == expected, (seed, kind, found, expected)
        assert found.witness is None
        return f"{kind}, no boundary"
    assert abs(found.upper - expected) <= 1e-7 * max(1, expected), (seed, kind, found, expected)
    check_witness(found, network, x, norm, domain)
    return f"{kind}, at the point" if expected == 0 else kind


def check_witness(found, network, x, norm, domain) -> None:
    """The witness is exactly in the domain, has another decision or a tie, and that distance."""
    z = found.witness
    y = outputs_at(network, z)
    here = outputs_at(network, [Fraction(v) for v in x.tolist()])
    if len(y) == 1:
        assert y[0] * here[0] <= 0
    else:
        assert max(range(len(y)), key=here.__getitem__) == found.label
        assert max(y[k] for k in range(len(y)) if k != found.label) >= y[found.label]
        assert y[found.rival] >= y[found.label]
    if isinstance(domain, rt.Polytope):
        for row, bound in zip(domain.A.tolist(), domain.b.tolist(), strict=True):
            left = sum(Fraction(a) * v for a, v in zip(row, z, strict=True))
            assert left <= Fraction(bound)
    elif domain is not None:
        box = domain.with_dim(len(x))
        ends = zip(box.lower.tolist(), z, box.upper.tolist(), strict=True)
        assert all(low <= v <= high for low, v, high in ends)
    sizes = [abs(v - Fraction(p)) for v, p in zip(z, x.tolist(), strict=True)]
    power = 2 if norm == 2 else 1
    measure = max(sizes) if norm == INF else sum(size**power for size in sizes)
    assert Fraction(found.lower) ** power <= measure <= Fraction(found.upper) ** power


def outputs_at(network, point):
    """The outputs, in fractions; no linear units."""
    h = list(point)
    layers = network.layers
    for k in range(len(layers)):
        W, b = layers[k]
        pairs = zip(W.tolist(), b.tolist(), strict=True)
        z = [
            sum((Fraction(w) * v for w, v in zip(row, h, strict=True)), Fraction(c))
            for row, c in pairs
        ]
        h = z if k == len(layers) - 1 else [max(v, Fraction(0)) for v in z]
    return h


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--networks", type=int, default=2000)
    parser.add_argument("--first", type=int, default=0)
    arguments = parser.parse_args()
    start = time.perf_counter()
    kinds = Counter(compared(arguments.first + k) for k in range(arguments.networks))
    for kind, count in sorted(kinds.items()):
        print(f"{count:6} {kind}")
    print(f"{arguments.networks} networks agree, {time.perf_counter() - start:.1f} s")


if __name__ == "__main__":
    main()
