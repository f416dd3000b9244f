"""Layers by their definitions, in rational numbers: nothing is rounded, on kinks neither."""

from __future__ import annotations

from fractions import Fraction
from itertools import product

import numpy as np
import pytest

import relutope as rt
from relutope.network.importing.layers import activations, maxima, pooling, products, reductions
from relutope.network.importing.layers.arrangement import concatenated
from relutope.network.importing.layers.convolutions import convolved, transposed
from relutope.network.importing.layers.cuts import where
from relutope.network.importing.layers.padding import padded
from relutope.network.importing.lower import lowered
from relutope.network.importing.tensor import Tensor, gathered
from relutope.network.importing.windows import Axis
from test_lowering import exact_outputs, network

A, B = Fraction(0.3), Fraction(-0.7)  # doubles that are no short fractions


def clip(v, low, high):
    return min(max(v, low), high)


ENTRYWISE = {
    "relu": (activations.relu, lambda v: max(v, Fraction(0))),
    "leaky": (lambda x: activations.leaky(x, 0.3), lambda v: v if v > 0 else A * v),
    "leaky, negative": (lambda x: activations.leaky(x, -0.7), lambda v: v if v > 0 else B * v),
    "abs": (activations.absolute, abs),
    "clip": (
        lambda x: activations.clip(x, np.array(-0.7), np.array(0.3)),
        lambda v: clip(v, B, A),
    ),
    "clip below": (lambda x: activations.clip(x, np.array(0.3), None), lambda v: max(v, A)),
    "clip above": (lambda x: activations.clip(x, None, np.array(0.3)), lambda v: min(v, A)),
    "infinite bounds": (
        lambda x: activations.clip(x, np.array(-np.inf), np.array(np.inf)),
        lambda v: v,
    ),
    "bounds the wrong way round": (
        lambda x: activations.clip(x, np.array(0.3), np.array(-0.7)),
        lambda v: B,
    ),
    "relu6": (activations.relu6, lambda v: clip(v, 0, 6)),
    "hardsigmoid": (
        lambda x: activations.hard_sigmoid(x, 0.3, 0.5),
        lambda v: clip(A * v + Fraction(1, 2), 0, 1),
    ),
    "hardsigmoid of torch": (
        activations.sixth,
        lambda v: clip(v + 3, 0, 6) * Fraction(1.0 / 6.0),
    ),
    "threshold": (lambda x: activations.threshold(x, 0.3, 0.3), lambda v: v if v > A else A),
    "softshrink": (
        lambda x: activations.softshrink(x, 0.3),
        lambda v: v - A if v > A else v + A if v < -A else Fraction(0),
    ),
    "maximum": (lambda x: maxima.maximum(x, np.array(0.3)), lambda v: max(v, A)),
    "minimum": (lambda x: maxima.minimum(np.array(-0.7), x), lambda v: min(v, B)),
    "padded": (
        lambda x: padded(x, [(0, 0), (0, 0)], "constant", 0.0),
        lambda v: v,
    ),
}

# On, beside and between the kinks: neighbours of the bounds among the doubles, and thirds.
STEP = Fraction(np.spacing(0.3))
VALUES = [A, A - STEP, A + STEP, B, B - STEP, B + STEP, *(Fraction(k, 3) for k in range(-22, 23))]


@pytest.mark.parametrize("name", ENTRYWISE)
def test_functions_of_one_number(name):
    build, value = ENTRYWISE[name]
    net = network(build(Tensor.input([1, 1])))
    for v in VALUES:
        assert exact_outputs(net, [v]) == [value(v)]


def matrices(rng, *shape):
    return np.ldexp(rng.integers(-9, 10, shape).astype(float), rng.integers(-3, 3, shape))


def entries(rng, count):
    return [Fraction(int(v), 3) for v in rng.integers(-9, 10, count)]


def exactly(array):
    return np.vectorize(Fraction, otypes=[object])(array)


def image_of(x, *shape):
    return np.array(x, dtype=object).reshape(shape)


def correlated(image, weight, stride, pad):
    """A correlation of one group, by its definition."""
    channels, h, w = image.shape
    out, _, kh, kw = weight.shape
    whole = np.full((channels, h + 2 * pad, w + 2 * pad), Fraction(0), dtype=object)
    whole[:, pad : pad + h, pad : pad + w] = image
    rows = range(0, h + 2 * pad - kh + 1, stride)
    columns = range(0, w + 2 * pad - kw + 1, stride)
    return [
        (exactly(weight[o]) * whole[:, i : i + kh, j : j + kw]).sum()
        for o, i, j in product(range(out), rows, columns)
    ]


def scattered(image, weight, stride):
    """A transposed correlation of one group without padding, by its definition."""
    channels, h, w = image.shape
    _, out, kh, kw = weight.shape
    whole = np.full((out, (h - 1) * stride + kh, (w - 1) * stride + kw), Fraction(0), dtype=object)
    for c, i, j in product(range(channels), range(h), range(w)):
        part = whole[:, i * stride : i * stride + kh, j * stride : j * stride + kw]
        part += exactly(weight[c]) * image[c, i, j]
    return whole.ravel().tolist()


def pooled(image, reduce):
    return [
        reduce(image[c, i : i + 2, j : j + 2].ravel().tolist())
        for c, i, j in product(range(image.shape[0]), range(2), range(3))
    ]


@pytest.mark.parametrize("seed", range(5))
def test_functions_of_images(seed):
    rng = np.random.default_rng(seed)
    shape = (2, 3, 4)
    x = entries(rng, 24)
    image = image_of(x, *shape)
    whole = Tensor.input([1, *shape])
    W, V = matrices(rng, 3, 2, 2, 2), matrices(rng, 2, 3, 2, 2)
    axes = [Axis(2, 2, 1, 1)] * 2
    along = [Axis(2).positions(n) for n in (3, 4)]
    quarter = Fraction(1, 4)
    cases = [
        (convolved(whole, W, None, axes, 1), correlated(image, W, 2, 1)),
        (transposed(whole, V, None, [Axis(2, 2)] * 2, [0, 0], 1), scattered(image, V, 2)),
        (pooling.maximum_over(whole, along), pooled(image, max)),
        (pooling.average_over(whole, along), pooled(image, lambda v: sum(v) * quarter)),
        (maxima.over_axes(whole, [1, 3], False), image.max(axis=(0, 2)).tolist()),
        (reductions.summed_over(whole, [2], True), image.sum(axis=1).ravel().tolist()),
        (reductions.cumulated(whole, 2, True, True), reversed_sums(image)),
    ]
    for tensor, expected in cases:
        assert exact_outputs(network(tensor), x) == expected


def reversed_sums(image):
    sums = image[:, ::-1].cumsum(axis=1)[:, ::-1] - image
    return sums.ravel().tolist()


@pytest.mark.parametrize("seed", range(5))
def test_functions_of_matrices(seed):
    rng = np.random.default_rng(seed)
    x = entries(rng, 6)
    m = image_of(x, 2, 3)
    whole = Tensor.input([1, 2, 3])
    W, V, U = matrices(rng, 3, 2), matrices(rng, 4, 2), matrices(rng, 2, 3, 2)
    mask = np.array([[True], [False]])
    other = matrices(rng, 2, 3)
    stacked = np.concatenate([m @ exactly(U[0]), m @ exactly(U[1])])
    cases = [
        (products.matmul(whole, W), m @ exactly(W)),
        (products.matmul(V, whole), exactly(V) @ m),
        (products.matmul(whole, U), stacked),
        (products.einsum(whole, W, V, equation="nij,jk,lk->nil"), m @ exactly(W) @ exactly(V).T),
        (maxima.maximum(whole, other), np.maximum(m, exactly(other))),
        (where(mask, whole, other), np.where(mask, m, exactly(other))),
        (concatenated([whole, other[None], whole], 1), np.concatenate([m, exactly(other), m])),
        (whole.add(whole.relu(), -1.0), np.minimum(m, Fraction(0))),
        (whole.spread([2, 2, 3]).relu(), np.concatenate([np.maximum(m, Fraction(0))] * 2)),
    ]
    for tensor, expected in cases:
        assert exact_outputs(network(tensor), x) == expected.ravel().tolist()


def test_an_output_that_does_not_depend_on_the_input():
    with pytest.raises(rt.InvalidNetworkError, match="does not depend on the input"):
        network(where(np.array([False]), Tensor.input([2]), np.ones(2)))


def test_equal_entries_are_one_neuron():
    whole = Tensor.input([1, 3]).spread([4, 3]).relu()
    assert network(whole).hidden_widths == [3]


def test_what_is_not_chosen_is_not_carried():
    """Writing over a part of a tensor leaves no trace of the old numbers."""
    x = Tensor.input([4])
    y = x.relu()
    replaced = gathered([y, x.scale(2.0)], np.array([4, 5, 6, 7]))
    assert network(replaced).n_neurons == 0


def test_large_sparse_layers_stay_sparse():
    """A convolution of an image of 64 x 64 has 9 weights a row; in rows of 4,096 it is 8 GB."""
    rng = np.random.default_rng(0)
    image = Tensor.input([1, 1, 64, 64])
    layer = convolved(image, rng.standard_normal((64, 1, 3, 3)), None, [Axis(3, 1, 1, 1)] * 2, 1)
    parts = lowered(pooling.maximum_over(layer.relu(), [Axis(4, 4).positions(64)] * 2).node)
    assert all(W.nnz <= 9 * W.shape[0] for W, _ in parts.layers)
    net = network(layer.relu())
    assert [type(W).__name__ for W, _ in net.sparse_layers] == ["csr_array"] * 2
    x = rng.standard_normal((2, 4096))
    assert net.forward(x).shape == (2, 64 * 4096)
    assert net == net
