"""Functional dimension and symmetries: known answers, brute force in rationals, degenerate ones."""

from __future__ import annotations

import itertools
from fractions import Fraction

import numpy as np
import pytest

import relutope as rt
from relutope.common.modular import primes
from relutope.parameters import cell_dimensions, functional_dimension, parameter_jacobian
from small_networks import absolute, random_network, small_integer_network

# -- a reference: gradients at points, in fractions, and elimination


def exact(layers):
    return [
        ([[Fraction(float(v)) for v in row] for row in W], [Fraction(float(v)) for v in b])
        for W, b in layers
    ]


def dot(a, b):
    return sum((x * y for x, y in zip(a, b, strict=True)), Fraction(0))


def preactivations(layers, x):
    here, found = list(x), []
    for W, b in layers:
        z = [dot(row, here) + c for row, c in zip(W, b, strict=True)]
        found.append(z)
        here = [max(v, Fraction(0)) for v in z]
    return found


def gradient(layers, x):
    """Of each output by all parameters, in the order of torch, zero neurons inactive."""
    z = preactivations(layers, x)
    inputs = [list(x), *([max(v, Fraction(0)) for v in values] for values in z[:-1])]
    rows = []
    for k in range(len(z[-1])):
        back = [Fraction(int(i == k)) for i in range(len(z[-1]))]
        parts = []
        for layer in reversed(range(len(layers))):
            parts = [*(g * h for g in back for h in inputs[layer]), *back, *parts]
            if layer:
                W = layers[layer][0]
                back = [
                    dot(back, [row[j] for row in W]) if z[layer - 1][j] > 0 else Fraction(0)
                    for j in range(len(W[0]))
                ]
        rows.append(parts)
    return rows


def rank(rows):
    rows, found = [list(row) for row in rows], 0
    for column in range(len(rows[0]) if rows else 0):
        pivot = next((r for r in range(found, len(rows)) if rows[r][column]), None)
        if pivot is None:
            continue
        rows[found], rows[pivot] = rows[pivot], rows[found]
        for r in range(found + 1, len(rows)):
            if rows[r][column]:
                factor = rows[r][column] / rows[found][column]
                rows[r] = [a - factor * b for a, b in zip(rows[r], rows[found], strict=True)]
        found += 1
    return found


def signs(layers, x):
    return [(v > 0) - (v < 0) for z in preactivations(layers, x)[:-1] for v in z]


def points_in(cx, layers, cell):
    """Affinely independent points inside a cell: n + 1 of them."""
    x = cx.exact_interior_point(cell)
    step = Fraction(1)
    while True:
        points = [x] + [[v + step * (i == k) for i, v in enumerate(x)] for k in range(len(x))]
        if all(signs(layers, y) == signs(layers, x) for y in points):
            return points
        step /= 8


def is_rough(layers, x):
    """Whether a neuron is zero and each later layer has one that is not strictly inactive."""
    z = preactivations(layers, x)[:-1]
    return any(0 in own and all(max(later) >= 0 for later in z[k + 1 :]) for k, own in enumerate(z))


def reference(cx, layers):
    """Rank on each cell, of the smooth ones together, and how many are rough."""
    rows, each, rough = [], [], 0
    for cell in range(cx.n_cells):
        points = points_in(cx, layers, cell)
        own = [g for x in points for g in gradient(layers, x)]
        each.append(rank(own))
        if is_rough(layers, points[0]):
            rough += 1
        else:
            rows += own
    return each, rank(rows), rough


def compared(layers, domain):
    cx = rt.decompose(layers, domain)
    each, whole, rough = reference(cx, exact(layers))
    assert cell_dimensions(cx).tolist() == each
    found = functional_dimension(cx)
    assert (found.dimension, found.n_rough) == (whole, rough)
    assert found.hidden >= 0
    return found


@pytest.mark.parametrize("widths", [[1, 3, 2, 1], [2, 3, 1], [2, 2, 2, 2], [3, 2, 2, 1]], ids=str)
@pytest.mark.parametrize("make", [random_network, small_integer_network])
def test_against_rationals(widths, make):
    for seed in range(6):
        compared(make(widths, seed), rt.Box(-1, 1, dim=widths[0]))
        compared(make(widths, seed + 100), None)


def test_batches_of_points_against_rationals():
    rng = np.random.default_rng(0)
    for seed in range(8):
        layers = (random_network, small_integer_network)[seed % 2]([2, 3, 3, 2], seed)
        X = np.round(rng.normal(size=(1 + seed * 3, 2)), 2)
        found = functional_dimension(layers, X)
        rows = [gradient(exact(layers), [Fraction(v) for v in x]) for x in X.tolist()]
        np.testing.assert_allclose(
            parameter_jacobian(layers, X), np.array(rows, dtype=np.float64), atol=1e-12
        )
        kept = [not is_rough(exact(layers), [Fraction(v) for v in x]) for x in X.tolist()]
        smooth = [g for row, keep in zip(rows, kept, strict=True) if keep for g in row]
        assert found.n_smooth == sum(kept)
        assert found.dimension == rank(smooth)


# -- known answers


@pytest.mark.parametrize(("n", "width", "m"), [(1, 4, 1), (2, 5, 1), (3, 4, 2), (5, 6, 1)])
def test_generic_shallow_networks_lose_one_dimension_a_neuron(n, width, m):
    """f = V relu(W x + b) + c over all of R^n."""
    cx = rt.decompose(random_network([n, width, m], 3))
    found = functional_dimension(cx)
    assert found.n_parameters == width * (n + 1) + m * (width + 1)
    assert (found.n_scalings, found.hidden, found.n_primes) == (width, 0, 1)
    assert int(found) == found.n_parameters - width


def test_dead_and_linear_neurons_lose_their_parameters():
    """On [1, 2]: relu(-x) is dead; relu(x) and relu(x + 1) are affine, two dimensions at most."""
    net = [([[1.0], [1.0], [-1.0]], [0.0, 1.0, 0.0]), ([[1.0, 1.0, 1.0]], [0.0])]
    found = functional_dimension(rt.decompose(net, rt.Box(1, 2)))
    assert found.dead_neurons.tolist() == [2]
    assert found.linear_neurons.tolist() == [0, 1]
    assert (found.dimension, found.n_parameters, found.n_scalings) == (2, 10, 3)
    assert found.hidden == 5


def test_a_repeated_neuron_counts_once():
    net = [([[1.0, 2.0], [1.0, 2.0]], [0.5, 0.5]), ([[3.0, -1.0]], [1.0])]
    found = functional_dimension(rt.decompose(net, rt.Box(-2, 2)))
    assert found.dimension == 3 + 1  # the neuron's form, and the constant
    assert found.hidden == 9 - 4 - 2


def test_a_bottleneck_limits_the_ranks_on_cells():
    """Two outputs of one neuron of one neuron: ``v (w x + b) + c``, and the constant alone."""
    layers = [([[1.0, 2.0, 3.0]], [5.0]), ([[2.0]], [-1.0]), ([[1.0], [3.0]], [0.0, 0.0])]
    cx = rt.decompose(layers, rt.Box(-4, 4))
    # Matrices of rank one in 2 x 4, but for the constants: 2 + 3 - 1 slopes and 2 constants
    assert dict(zip(map(tuple, cx.patterns.tolist()), cell_dimensions(cx), strict=True)) == {
        (False, False): 2,
        (True, False): 2,
        (True, True): 6,
    }


def test_cells_that_are_not_smooth_do_not_count():
    """A neuron of bias 0 whose inputs are all inactive vanishes; the outputs would feel it."""
    net = [([[1.0]], [0.0]), ([[1.0]], [0.0]), ([[1.0]], [0.0])]
    cx = rt.decompose(net, rt.Box(-1, 1))
    found = functional_dimension(cx)
    assert (found.n_smooth, found.n_rough) == (1, 1)
    # A later layer that is strictly inactive hides it.
    hidden = [*net[:2], ([[1.0]], [-1.0]), ([[1.0]], [0.0])]
    found = functional_dimension(rt.decompose(hidden, rt.Box(-1, 0.5)))
    assert (found.n_smooth, found.n_rough) == (2, 0)
    assert found.dimension == 1


def test_scalings_of_neurons_without_weights():
    """A neuron with all weights zero has no scaling; one that reads only it has."""
    net = [([[0.0], [1.0]], [0.0, 1.0]), ([[0.0, 1.0]], [0.0])]
    assert functional_dimension(net, [[0.5]]).n_scalings == 1
    assert functional_dimension(absolute(2), [[0.5, 0.25]]).n_scalings == 4


def test_points_with_a_zero_neuron_do_not_count():
    found = functional_dimension(absolute(1), [[0.0], [1.0], [2.0], [-1.0]])
    assert (found.n_smooth, found.n_rough) == (3, 1)


def test_linear_units_and_sums_of_biases():
    """relu(x) + 2 x, where a bias is two doubles: its parameters are all entries."""
    net = rt.Network([([[1.0], [1.0]], [1.0, 0.0]), ([[1.0, 2.0]], [0.0])], [1], [[1e-20, 0], [0]])
    found = functional_dimension(rt.decompose(net, rt.Box(-3, 3)))
    assert found.n_scalings == 1
    assert found.dimension == 4  # relu's two, and an affine function
    assert found.hidden == 7 - 4 - 1


def test_extreme_scales():
    """Ranks are exact where doubles overflow and underflow."""
    layers = [
        ([[1e200, 1e-200], [1e-200, 1e200]], [1e-300, 0.25]),
        ([[1e200, -1e180], [1e-150, 1e-150]], [1.0, -1e-200]),
        ([[1e-100, 1e100]], [0.0]),
    ]
    compared(layers, rt.Box(-1, 1))


@pytest.mark.parametrize("count", [1, 2])
def test_weights_that_the_first_primes_divide(count):
    """Modulo these the network has no such neuron; its rank is that of any multiple."""
    factor = float(np.prod([*itertools.islice(primes(), count)]))
    for scale in (1.0, factor):
        W, b = np.array([[scale, 0.0], [1.0, scale], [scale, scale]]), [scale, 0.5, -1.0]
        second = (np.array([[scale, 1.0, 2.0], [-1.0, scale, 1.0]]), [scale, -0.25])
        layers = [(W, b), second, (np.array([[scale, 1.0]]), [0.0])]
        compared(layers, rt.Box(-1, 1))


def test_errors():
    net = random_network([2, 3, 1], 0)
    with pytest.raises(TypeError, match="must be a Complex or an Exploration"):
        functional_dimension(net)
    with pytest.raises(TypeError, match="got Slice"):
        cell_dimensions(rt.slice(net, [[0.0, 0.0], [1.0, 1.0]]))
    with pytest.raises(ValueError, match="cut by outputs"):
        cell_dimensions(rt.decompose(net, rt.Box(-1, 1), outputs="sign"))
    with pytest.raises(ValueError, match="`points` must have shape"):
        functional_dimension(net, [[1.0]])
    with pytest.raises(ValueError, match="take `cell_dimensions`"):
        functional_dimension(random_network([2, 100, 100, 1], 0), [[0.0, 0.0]])
    assert functional_dimension(net, np.zeros((0, 2))).dimension == 0


def test_an_exploration_has_dimensions_of_what_it_has_seen():
    net = random_network([2, 5, 1], 0)
    found = rt.explore(net, [0.1, 0.2], max_cells=4)
    part = functional_dimension(found)
    assert part.n_smooth == 4
    assert int(part) <= int(functional_dimension(rt.decompose(net)))
    assert cell_dimensions(found).tolist() == [3] * 4
