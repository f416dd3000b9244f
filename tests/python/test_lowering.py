"""From graphs of affine maps and ReLUs to layers: exactly the same function, with few units."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

import relutope as rt
from reference import exact_layers, outputs_at
from relutope.network.importing.exact_sums import (
    Entries,
    nearest_scale,
    products,
    sum_as_two,
    summed,
    two_products,
)
from relutope.network.importing.layers.activations import sloped
from relutope.network.importing.layers.arrangement import concatenated
from relutope.network.importing.layers.convolutions import channelwise, convolved
from relutope.network.importing.layers.maxima import maximum
from relutope.network.importing.layers.pooling import maximum_over
from relutope.network.importing.layers.products import matmul
from relutope.network.importing.lower import lowered
from relutope.network.importing.nodes import Affine, Input, Node, Relu, compressed
from relutope.network.importing.tensor import Tensor
from relutope.network.importing.windows import BEYOND, PADDING, Axis, adaptive_windows, windows


def network(tensor: Tensor) -> rt.Network:
    return rt.Network._from_graph(tensor.node)


def exact_value(node: Node, x: list[Fraction], known: dict | None = None) -> list[Fraction]:
    """The value of a node of the graph, by its definition."""
    known = {} if known is None else known
    if node not in known:
        if isinstance(node, Input):
            known[node] = x
        elif isinstance(node, Relu):
            known[node] = [max(v, Fraction(0)) for v in exact_value(node.source, x, known)]
        else:
            assert isinstance(node, Affine)
            total = [Fraction(v) for v in node.bias.tolist()]
            for source, matrix in node.built():
                values = exact_value(source, x, known)
                entries = matrix.tocoo()
                for i, j, w in zip(entries.row, entries.col, entries.data, strict=True):
                    total[i] += Fraction(float(w)) * values[j]
            known[node] = total
    return known[node]


def exact_outputs(net: rt.Network, x: list[Fraction]) -> list[Fraction]:
    layers = [
        (W.tolist(), [Fraction(high) + Fraction(rest) for high, rest in zip(b, low, strict=True)])
        for W, b, low in ((W, b.tolist(), low.tolist()) for W, b, low in net.exact_layers())
    ]
    return outputs_at(exact_layers(layers, net.linear_units), x)


def check(tensor: Tensor, rng: np.random.Generator, points: int = 3) -> rt.Network:
    net = network(tensor)
    for _ in range(points):
        x = [Fraction(int(v), 7) for v in rng.integers(-20, 21, net.input_dim)]
        assert exact_outputs(net, x) == exact_value(tensor.node, x)
    return net


# -- few units


def weights(rng, *shape):
    """As of a network in single precision."""
    return rng.standard_normal(shape).astype(np.float32).astype(np.float64)


def test_a_chain_has_just_its_layers():
    rng = np.random.default_rng(0)
    W, b, V, c = (rng.standard_normal(s) for s in ((4, 5), 5, (5, 3), 3))
    net = network(matmul(matmul(Tensor.input([1, 4]), W).add(b).relu(), V).add(c))
    assert net == rt.Network([(W.T, b), (V.T, c)])


def test_a_mean_that_is_subtracted_first_goes_into_the_bias():
    rng = np.random.default_rng(1)
    mean, W, b = weights(rng, 4), weights(rng, 4, 5), weights(rng, 5)
    shifted = matmul(Tensor.input([1, 4]).add(mean, -1.0), W).add(b).relu()
    net = check(shifted, rng)
    assert repr(net) == "Network(4-5-5)"
    assert net.bias_low[0].any()  # 24 + 24 bits and a sum


def test_a_bias_too_long_for_two_doubles_becomes_a_layer():
    rng = np.random.default_rng(2)
    mean = np.array([1.1, 1.1e-30, 1.1e30])
    shifted = matmul(Tensor.input([1, 3]).add(mean), rng.standard_normal((3, 2))).relu()
    assert repr(check(shifted, rng)) == "Network(3-0+3-2-2)"


def test_residual_block_carries_its_input():
    rng = np.random.default_rng(3)
    h = matmul(Tensor.input([1, 3]), weights(rng, 3, 4)).relu()
    block = matmul(matmul(h, weights(rng, 4, 6)).relu(), weights(rng, 6, 4)).add(h).relu()
    assert repr(check(block, rng)) == "Network(3-4-6+4-4-4)"


def test_what_is_carried_is_the_shorter_of_a_value_and_what_it_is_made_of():
    rng = np.random.default_rng(4)
    h = matmul(Tensor.input([1, 2]), weights(rng, 2, 8)).relu()
    short = matmul(h, weights(rng, 8, 3))
    block = matmul(matmul(h, weights(rng, 8, 5)).relu(), weights(rng, 5, 3)).add(short)
    assert repr(check(block, rng)) == "Network(2-8-5+3-3)"


def test_leaky_relu_in_single_and_double_precision():
    rng = np.random.default_rng(5)
    z = matmul(Tensor.input([1, 5]), weights(rng, 5, 3))
    assert repr(check(sloped(z, float(np.float32(0.01))), rng)) == "Network(5-3+3-3)"
    # 1 - 0.01 is no double, so relu(z) + 0.01 (z - relu(z)) takes z - relu(z) as a layer.
    assert repr(check(sloped(z, 0.01), rng)) == "Network(5-3+3-0+6-3)"


def test_two_matrices_are_multiplied_only_if_that_is_exact():
    rng = np.random.default_rng(6)
    x = Tensor.input([1, 3])
    whole = matmul(matmul(x, rng.integers(-3, 4, (3, 4)) * 1.0), rng.integers(-3, 4, (4, 2)) * 1.0)
    assert repr(check(whole.relu(), rng)) == "Network(3-2-2)"
    rounded = matmul(matmul(x, rng.standard_normal((3, 4))), rng.standard_normal((4, 2)))
    assert repr(check(rounded.relu(), rng)) == "Network(3-0+4-2-2)"


def test_maxima_share_comparisons_and_compare_pairwise():
    rng = np.random.default_rng(7)
    image = Tensor.input([1, 1, 4, 4])
    pooled = maximum_over(image, [Axis(2, 2).positions(4)] * 2)
    assert check(pooled, rng).hidden_widths == [8, 4]
    # Windows 0 1 2, 1 2 3, 2 3 4 in one dimension: 01, 12, 23 once each, then three more.
    line = maximum_over(Tensor.input([1, 1, 5]), [Axis(3).positions(5)])
    assert check(line, rng).hidden_widths == [3, 3]


@pytest.mark.parametrize("kind", ["input", "relu", "constant", "affine"])
def test_the_shortest_networks(kind):
    x = Tensor.input([1, 2])
    matrix = np.array([[1.0, 2.0], [3.0, 4.0]])
    tensor = {
        "input": x,
        "relu": x.relu(),
        "constant": x.scale(0.0).add(np.array([3.0, 4.0])),
        "affine": matmul(x, matrix).add(np.array([5.0, 6.0])),
    }[kind]
    net = check(tensor, np.random.default_rng(8))
    assert net.n_neurons == (2 if kind == "relu" else 0)
    assert len(net.layers) == 2


def test_neurons_that_nothing_reads_are_kept():
    rng = np.random.default_rng(9)
    W = weights(rng, 3, 2)
    W[1] = 0.0
    assert repr(check(matmul(matmul(Tensor.input([1, 2]), weights(rng, 2, 3)).relu(), W), rng)) == (
        "Network(2-3-2)"
    )


# -- exactness


def random_tensor(rng: np.random.Generator) -> Tensor:
    """A few random operations, each on one of the last tensors."""

    def numbers(*shape):
        kind = rng.integers(4)
        if kind == 0:
            return rng.integers(-2, 3, shape).astype(float)
        if kind == 1:
            return weights(rng, *shape)
        if kind == 2:
            return np.ldexp(rng.standard_normal(shape), rng.integers(-80, 80, shape))
        return rng.standard_normal(shape)

    pool = [Tensor.input([1, int(rng.integers(1, 4))])]
    for _ in range(int(rng.integers(1, 9))):
        x = pool[-1 - int(rng.integers(min(2, len(pool))))]
        width = x.shape[1]
        same = [t for t in pool if t.shape == x.shape]
        kind = int(rng.integers(9))
        if kind <= 1:
            y = matmul(x, numbers(width, int(rng.integers(1, 5))))
        elif kind == 2:
            y = x.relu()
        elif kind == 3:
            y = x.add(numbers(width))
        elif kind == 4:
            y = x.add(same[int(rng.integers(len(same)))], float(rng.choice([1.0, -1.0])))
        elif kind == 5:
            y = sloped(x, float(rng.choice([0.01, 0.25, float(np.float32(0.1))])))
        elif kind == 6:
            y = concatenated([x, pool[int(rng.integers(len(pool)))]], 1)
        elif kind == 7:
            y = x.scale(numbers(width))
        else:
            y = maximum(x, same[int(rng.integers(len(same)))])
        pool.append(y if y.node.size <= 8 else y.take(np.arange(4)[None, :]))
    return pool[-1]


@pytest.mark.parametrize("seed", range(60))
def test_random_graphs_are_lowered_exactly(seed):
    rng = np.random.default_rng(seed)
    tensor = random_tensor(rng)
    net = check(tensor, rng)
    assert net.n_neurons == sum(node.size for node in relus(tensor.node))


def relus(node: Node, seen: set | None = None) -> set[Relu]:
    seen = set() if seen is None else seen
    if node in seen:
        return set()
    seen.add(node)
    found = {node} if isinstance(node, Relu) else set()
    return found.union(*(relus(source, seen) for source in node.sources))


def test_products_with_their_errors():
    rng = np.random.default_rng(10)
    a = np.ldexp(rng.standard_normal(300), rng.integers(-600, 600, 300))
    b = np.ldexp(rng.standard_normal(300), rng.integers(-600, 600, 300))
    p, e = two_products(a, b)
    sure = np.isfinite(e)
    assert 50 < sure.sum() < 300
    for x, y, high, low in zip(a[sure], b[sure], p[sure], e[sure], strict=True):
        assert Fraction(x) * Fraction(y) == Fraction(high) + Fraction(low)
    p, e = two_products(np.array([1.0, -1.0, 0.0, 5e-324]), np.array([5e-324, 1e308, 3.0, 0.5]))
    assert e[:3].tolist() == [0.0, 0.0, 0.0]
    assert np.isnan(e[3])


def test_sums_are_exact_or_refused():
    place = np.zeros(3, dtype=np.int64)
    exact = Entries(place, place, np.array([2.0**60, 1.0, -(2.0**60)]))
    assert summed(exact, (1, 1)).toarray().tolist() == [[1.0]]
    rounded = Entries(place[:2], place[:2], np.array([2.0**60, 1.0]))
    assert summed(rounded, (1, 1)) is None
    assert [v.tolist() for v in sum_as_two(rounded, 2)] == [[2.0**60, 0.0], [1.0, 0.0]]
    assert sum_as_two(Entries(place, place, np.array([2.0**80, 1.0, 2.0**-80])), 1) is None
    overflow = Entries(place[:2], place[:2], np.array([1.7e308, 1.7e308]))
    assert summed(overflow, (1, 1)) is None


def test_products_of_matrices_beyond_the_range_are_refused():
    big = compressed(np.array([[1e300]]))
    assert products(big, big) is None
    assert products(big, compressed(np.array([[1.0]]))).values.tolist() == [1e300]


def test_the_scale_of_a_normalisation_is_the_nearest_double():
    assert nearest_scale(3.0, 4.0, 0.0) == 1.5
    value = Fraction(nearest_scale(1.0, 2.0, 1e-5))
    exact = 1 / (Fraction(2.0) + Fraction(1e-5))  # of the square
    step = Fraction(np.spacing(float(value))) / 2
    assert (value - step) ** 2 < exact < (value + step) ** 2


# -- windows


def test_windows_along_an_axis():
    assert Axis(3, 2, 1, 1).positions(5).tolist() == [[PADDING, 0, 1], [1, 2, 3], [3, 4, PADDING]]
    assert Axis(2, dilation=2).positions(4).tolist() == [[0, 2], [1, 3]]
    assert Axis(2, 2, ceil=True).positions(5).tolist() == [[0, 1], [2, 3], [4, BEYOND]]
    assert Axis(2, 3, ceil=True).positions(5).tolist() == [[0, 1], [3, 4]]
    assert adaptive_windows(5, 2).tolist() == [[0, 1, 2], [2, 3, 4]]
    assert adaptive_windows(3, 2).tolist() == [[0, 1], [1, 2]]
    assert adaptive_windows(4, 3).tolist() == [[0, 1], [1, 2], [2, 3]]


def test_windows_over_two_axes():
    along = [Axis(2, 1, 1, 0).positions(2), Axis(2).positions(3)]
    assert windows([2, 3], along).tolist() == [
        [PADDING, PADDING, 0, 1],
        [PADDING, PADDING, 1, 2],
        [0, 1, 3, 4],
        [1, 2, 4, 5],
    ]


@pytest.mark.parametrize("axis", [Axis(4), Axis(2, dilation=3), Axis(0), Axis(1, 0)])
def test_windows_that_do_not_fit(axis):
    with pytest.raises(rt.InvalidNetworkError, match="window of"):
        axis.positions(3)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (lambda x: matmul(x, np.ones((3, 2))), r"\(1, 2, 4\).*\(3, 2\)"),
        (lambda x: x.reshape([3, 3]), r"cannot become \(3, 3\)|cannot have shape"),
        (lambda x: x.reshape([-1, 3]), r"cannot become \(-1, 3\)"),
        (lambda x: x.add(np.ones(3)), "cannot be combined"),
        (lambda x: convolved(x, np.ones((1, 3, 2)), None, [Axis(2)], 1), "does not fit 2 channels"),
        (
            lambda x: convolved(x, np.ones((1, 2, 2, 2)), None, [Axis(2)] * 2, 1),
            "channels, size, size",
        ),
        (lambda x: concatenated([x, x.reshape([1, 4, 2])], 0), "cannot be joined"),
        (lambda x: channelwise(x, np.ones(3)), "per channel"),
        (lambda x: Tensor(x.node, [9]), "cannot have shape"),
    ],
)
def test_shapes_that_do_not_fit(wrong, message):
    with pytest.raises(rt.InvalidNetworkError, match=message):
        wrong(Tensor.input([1, 2, 4]))


def test_layers_are_what_lowered_returns():
    parts = lowered(matmul(Tensor.input([1, 2]), np.eye(2)).relu().node)
    assert [W.toarray().tolist() for W, _ in parts.layers] == [np.eye(2).tolist()] * 2
    assert parts.linear_units == [0]
    assert [low.tolist() for low in parts.bias_low] == [[0.0, 0.0]] * 2
