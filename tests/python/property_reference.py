"""Small properties of small networks, decided by brute force in rationals.

    python tests/python/property_reference.py --properties 5000

compares `relutope.check` with the reference on random properties, degenerate ones among them.
"""

from __future__ import annotations

import argparse
import random
import time
from collections import Counter
from fractions import Fraction
from itertools import combinations, pairwise, product

import relutope as rt
from relutope.properties import Case, Condition, Property

Row = tuple[list[Fraction], Fraction]  # a, c: a . x + c


def violated(network: rt.Network, prop: Property) -> bool:
    """Whether some input meets a case; for bounded boxes and linear units not used."""
    return any(_met(network, case) for case in prop.cases)


def _met(network: rt.Network, case: Case) -> bool:
    n = network.input_dim
    box: list[Row] = []
    for i in range(n):
        unit = [Fraction(int(j == i)) for j in range(n)]
        box.append((unit, -Fraction(float(case.upper[i]))))
        box.append(([-v for v in unit], Fraction(float(case.lower[i]))))
    return any(
        _feasible(n, box + closed, conditions)
        for closed, outputs in _cells(network)
        if (conditions := [_on_cell(c, outputs, n) for c in case.conditions]) is not None
    )


def _on_cell(condition: Condition, outputs: list[Row], n: int) -> tuple[Row, str]:
    a = [condition.inputs.get(i, Fraction(0)) for i in range(n)]
    c = condition.constant
    for k, factor in condition.outputs.items():
        a = [v + factor * w for v, w in zip(a, outputs[k][0], strict=True)]
        c += factor * outputs[k][1]
    return (a, c), condition.relation


def _cells(network: rt.Network):
    """For every pattern: forms that are at most zero on it, and the outputs there."""
    n = network.input_dim
    layers = [
        ([[Fraction(v) for v in row] for row in W.tolist()], [Fraction(v) for v in b.tolist()])
        for W, b in network.layers
    ]
    for pattern in product((False, True), repeat=network.n_neurons):
        values: list[Row] = [
            ([Fraction(int(i == j)) for j in range(n)], Fraction(0)) for i in range(n)
        ]
        closed: list[Row] = []
        bits = iter(pattern)
        for depth, (W, b) in enumerate(layers):
            forms = [_combined(row, constant, values) for row, constant in zip(W, b, strict=True)]
            if depth == len(layers) - 1:
                yield closed, forms
                break
            values = []
            for a, c in forms:
                active = next(bits)
                closed.append(([-v for v in a], -c) if active else (a, c))
                values.append((a, c) if active else ([Fraction(0)] * n, Fraction(0)))


def _combined(weights: list[Fraction], constant: Fraction, values: list[Row]) -> Row:
    a = [Fraction(0)] * len(values[0][0])
    for w, (b, d) in zip(weights, values, strict=True):
        if w:
            a = [u + w * v for u, v in zip(a, b, strict=True)]
            constant = constant + w * d
    return a, constant


def _feasible(n: int, closed: list[Row], conditions: list[tuple[Row, str]]) -> bool:
    """By all vertices of the closed polytope; averages of them meet the strict conditions."""
    rows = list(closed)
    strict = [row for row, relation in conditions if relation == "<"]
    for (a, c), relation in conditions:
        rows.append((a, c))
        if relation == "==":
            rows.append(([-v for v in a], -c))
    distinct = {(*a, c) for a, c in rows}
    if any(not any(row[:-1]) and row[-1] > 0 for row in distinct):
        return False
    rows = [(list(row[:-1]), row[-1]) for row in distinct if any(row[:-1])]
    below = [False] * len(strict)
    found = False
    for chosen in combinations(rows, n):
        x = solved(chosen)
        if x is None or any(_value(row, x) > 0 for row in rows):
            continue
        found = True
        below = [done or _value(row, x) < 0 for done, row in zip(below, strict, strict=True)]
        if all(below):
            return True
    return found and all(below)


def _value(row: Row, x: tuple[Fraction, ...]) -> Fraction:
    return sum((a * v for a, v in zip(row[0], x, strict=True)), row[1])


def solved(rows: tuple[Row, ...]) -> tuple[Fraction, ...] | None:
    """The point at which n forms vanish, if there is one."""
    work = [[*a, -c] for a, c in rows]
    n = len(work)
    for k in range(n):
        pivot = next((i for i in range(k, n) if work[i][k]), None)
        if pivot is None:
            return None
        work[k], work[pivot] = work[pivot], work[k]
        work[k] = [v / work[k][k] for v in work[k]]
        for i in range(n):
            if i != k and work[i][k]:
                work[i] = [u - work[i][k] * v for u, v in zip(work[i], work[k], strict=True)]
    return tuple(row[-1] for row in work)


# -- random ones


def random_network(rng: random.Random) -> rt.Network:
    """One or two inputs, at most six neurons; integers, halves, floats, repeated and zero rows."""
    n = rng.choice((1, 1, 2, 2, 2, 3))
    most = {1: 6, 2: 5, 3: 3}[n]
    first = rng.randint(1, most - 1) if most > 1 else 1
    widths = [n, first, rng.randint(1, most - first), rng.randint(1, 3)]
    if rng.random() < 0.4:
        del widths[2]
    draw = rng.choice((_small_integer, _half, _float))
    layers = []
    for inputs, outputs in pairwise(widths):
        W = [[draw(rng) for _ in range(inputs)] for _ in range(outputs)]
        b = [draw(rng) if rng.random() < 0.7 else 0.0 for _ in range(outputs)]
        if outputs > 1 and rng.random() < 0.2:
            W[1], b[1] = list(W[0]), b[0]
        if rng.random() < 0.1:
            W[0] = [0.0] * inputs
        layers.append((W, b))
    return rt.Network(layers)


def _small_integer(rng: random.Random) -> float:
    return float(rng.randint(-2, 2))


def _half(rng: random.Random) -> float:
    return rng.randint(-6, 6) / 2


def _float(rng: random.Random) -> float:
    return rng.gauss(0, 1)


def random_property(rng: random.Random, network: rt.Network) -> Property:
    """Conditions that often touch values which the network takes, and boxes that may be flat."""
    n, m = network.input_dim, network.output_dim
    cases = []
    for _ in range(rng.choice((1, 1, 2, 3))):
        lower = [float(rng.randint(-2, 1)) for _ in range(n)]
        upper = [v + rng.choice((0.0, 0.5, 1.0, 2.0, 2.0)) for v in lower]
        conditions = [_condition(rng, network, lower, upper) for _ in range(rng.randint(1, 3))]
        cases.append(rt_case(lower, upper, conditions))
    return Property(n, m, tuple(cases))


def rt_case(lower: list[float], upper: list[float], conditions: list[Condition]) -> Case:
    import numpy as np

    return Case(np.array(lower), np.array(upper), tuple(conditions))


def _condition(
    rng: random.Random, network: rt.Network, lower: list[float], upper: list[float]
) -> Condition:
    n, m = network.input_dim, network.output_dim
    outputs = {i: Fraction(rng.randint(-2, 2)) for i in range(m) if rng.random() < 0.8}
    inputs = {i: Fraction(rng.randint(-2, 2)) for i in range(n) if rng.random() < 0.3}
    outputs = {i: v for i, v in outputs.items() if v}
    inputs = {i: v for i, v in inputs.items() if v}
    if rng.random() < 0.1:
        outputs = {i: v / 3 for i, v in outputs.items()}
    relation = rng.choice(("<=", "<=", "<=", "<", "<", "=="))
    condition = Condition(inputs, outputs, Fraction(0), relation)
    if rng.random() < 0.7:  # touches the value at a corner, a middle or a simple point
        corner = [rng.choice((a, b, (a + b) / 2, 0.0)) for a, b in zip(lower, upper, strict=True)]
        x = [Fraction(v) for v in corner]
        constant = -condition.value(x, _forward(network, x))
    else:
        constant = Fraction(rng.randint(-12, 12), 4)
    return Condition(inputs, outputs, constant, relation)


def _forward(network: rt.Network, x: list[Fraction]) -> list[Fraction]:
    values = list(x)
    for depth, (W, b) in enumerate(network.layers):
        values = [
            sum((Fraction(w) * v for w, v in zip(row, values, strict=True)), Fraction(c))
            for row, c in zip(W.tolist(), b.tolist(), strict=True)
        ]
        if depth < len(network.layers) - 1:
            values = [max(v, Fraction(0)) for v in values]
    return values


def compared(seed: int) -> str:
    """The verdict on a random property, after comparing it with the reference."""
    rng = random.Random(seed)
    network = random_network(rng)
    prop = random_property(rng, network)
    found = rt.check(network, prop)
    expected = "violated" if violated(network, prop) else "holds"
    assert found.verdict == expected, (seed, network.layers, found)
    if found.counterexample is not None:
        point = list(found.counterexample.point)
        assert prop.contains(point, _forward(network, point)), seed
    return found.verdict


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--properties", type=int, default=5000)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    begin, verdicts = time.monotonic(), Counter()
    for k in range(arguments.properties):
        verdicts[compared(arguments.seed + k)] += 1
        if (k + 1) % 500 == 0:
            print(f"{k + 1}: {dict(verdicts)}, {time.monotonic() - begin:.0f} s", flush=True)


if __name__ == "__main__":
    main()
