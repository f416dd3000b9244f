"""Networks with linear units: hidden units without a ReLU."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest

import relutope as rt
from reference import exact_layers, outputs_at
from tampering import Tampered

# relu(x), and x carried on: |x| = 2 relu(x) - x.
ABSOLUTE = rt.Network([([[1.0], [1.0]], [0.0, 0.0]), ([[2.0, -1.0]], [0.0])], linear_units=[1])


def random_network(widths, linear_units, seed, integer=False):
    rng = np.random.default_rng(seed)

    def draw(*shape):
        return rng.integers(-2, 3, shape).astype(float) if integer else rng.standard_normal(shape)

    layers = [(draw(b, a), draw(b)) for a, b in pairwise(widths)]
    return rt.Network(layers, linear_units)


def residual(seed, shift=None):
    """x -> relu(A x + a) -> x + B relu(A x + a) + b -> relu(C .) -> D ., on the plane.

    With a `shift`, x is carried as ``relu(x + shift) - shift`` instead: the same function where
    ``x + shift >= 0``.
    """
    rng = np.random.default_rng(seed)
    A, a, B, b = (rng.integers(-3, 4, s).astype(float) for s in ((3, 2), 3, (2, 3), 2))
    C, c, D = (rng.integers(-3, 4, s).astype(float) for s in ((4, 2), 4, (1, 4)))
    carry = 0.0 if shift is None else shift
    first = (np.vstack([A, np.eye(2)]), np.concatenate([a, [carry] * 2]))
    to_block = np.hstack([B, np.eye(2)])
    second = (C @ to_block, c + C @ (b - carry))
    return rt.Network([first, second, (D, [0.0])], None if shift is not None else [2, 0])


def test_absolute_value():
    cx = rt.decompose(ABSOLUTE, rt.Box(-1, 3))
    assert (cx.n_neurons, cx.n_cells, cx.f_vector.tolist()) == (1, 2, [3, 2])
    assert cx.patterns.tolist() == [[False], [True]]
    assert [A.item() for A in cx.affine_maps()[0]] == [-1.0, 1.0]
    values = dict(zip(cx.vertices[:, 0].tolist(), cx.vertex_values[0].tolist(), strict=True))
    assert values == {-1.0: 1.0, 0.0: 0.0, 3.0: 3.0}
    assert sorted(cx.vertex_signs[:, 0].tolist()) == [-1, 0, 1]
    assert ABSOLUTE.forward([[-2.0], [3.0]]).ravel().tolist() == [2.0, 3.0]
    assert ABSOLUTE.preactivations([[-2.0]]).tolist() == [[-2.0]]
    cx.validate()


def test_widths_and_repr():
    net = random_network([3, 5, 4, 2], [2, 4], 0)
    assert (net.hidden_widths, net.linear_units, net.n_neurons) == ([3, 0], [2, 4], 3)
    assert repr(net) == "Network(3-3+2-0+4-2)"
    assert net.patterns(np.zeros((7, 3))).shape == (7, 3)
    assert rt.Network(net.layers) != net
    assert rt.Network(net.layers, [2, 4]) == net
    assert rt.Network.from_arrays(net.layers, [2, 4]) == net


@pytest.mark.parametrize("seed", range(4))
def test_residual_network_equals_widened_relu_network(seed):
    net, widened = residual(seed), residual(seed, shift=4.0)
    cx, other = rt.decompose(net, rt.Box(-2, 2)), rt.decompose(widened, rt.Box(-2, 2))
    assert other.patterns[:, 3:5].all()
    assert cx.patterns.tolist() == np.delete(other.patterns, [3, 4], axis=1).tolist()
    assert cx.adjacency.tolist() == other.adjacency.tolist()
    assert cx.f_vector.tolist() == other.f_vector.tolist()
    assert sorted(cx.vertices.tolist()) == sorted(other.vertices.tolist())
    for mine, theirs in zip(cx.affine_maps(), other.affine_maps(), strict=True):
        np.testing.assert_array_equal(mine, theirs)  # small integers
    X = np.random.default_rng(seed).uniform(-2, 2, (50, 2))
    np.testing.assert_allclose(net.forward(X), widened.forward(X), atol=1e-12)


@pytest.mark.parametrize("domain", [rt.Box(-1, 1), None], ids=["box", "whole space"])
def test_linear_first_layer_is_composition(domain):
    """Integers, so that the composed weights are exact."""
    rng = np.random.default_rng(5)
    E, e = rng.integers(-2, 3, (4, 2)).astype(float), rng.integers(-2, 3, 4).astype(float)
    W, b = rng.integers(-2, 3, (5, 4)).astype(float), rng.integers(-2, 3, 5).astype(float)
    last = (np.ones((1, 5)), [0.0])
    cx = rt.decompose(rt.Network([(E, e), (W, b), last], [4, 0]), domain)
    composed = rt.decompose([(W @ E, W @ e + b), last], domain)
    for name in ("patterns", "adjacency", "f_vector", "vertices", "bounded"):
        assert getattr(cx, name).tolist() == getattr(composed, name).tolist()
    np.testing.assert_array_equal(cx.affine_maps()[0], composed.affine_maps()[0])
    np.testing.assert_array_equal(cx.cell(0).A, composed.cell(0).A)


def test_a_weight_that_a_product_would_round():
    """0.1 * 0.1 is no double: hyperplanes in the product of two layers, not in its rounding."""
    exact = Fraction(0.1) * Fraction(0.1)
    threshold = float(exact)
    assert Fraction(threshold) != exact
    net = rt.Network([([[0.1]], [0.0]), ([[0.1]], [-threshold]), ([[1.0]], [0.0])], [1, 0])
    cx = rt.decompose(net, rt.Box(0, 2))
    assert cx.n_cells == 2
    side = int(cx.locate([[1.0]])[0])
    assert bool(cx.patterns[side, 0]) == (exact > Fraction(threshold))
    rounded = rt.decompose([([[threshold]], [-threshold]), ([[1.0]], [0.0])], rt.Box(0, 2))
    assert rounded.vertex_signs[rounded.vertices[:, 0] == 1.0].tolist() == [[0]]


def test_directions_along_which_nothing_changes_are_found_through_linear_units():
    """x + y by way of x and y: the complex on the plane is that of a line."""
    first = ([[1.0, 0.0], [0.0, 1.0]], [0.0, 0.0])
    net = rt.Network([first, ([[1.0, 1.0]], [-1.0]), ([[1.0]], [0.0])], [2, 0])
    cx = rt.decompose(net)
    assert (cx.lineality_dim, cx.f_vector.tolist()) == (1, [0, 1, 2])
    assert not cx.bounded.any()
    cx.validate()
    # Of the two layers' neurons, the first sees x, the second x + y by way of a linear unit.
    net = rt.Network(
        [([[1.0, 0], [1.0, 1.0]], [0, 0]), ([[0, 1.0]], [0.0]), ([[1.0]], [0])], [1, 0]
    )
    assert rt.decompose(net).lineality_dim == 0
    net = rt.Network([([[1.0, 0], [1.0, 1.0]], [0, 0]), ([[1.0, 0]], [-1]), ([[1.0]], [0])], [1, 0])
    assert rt.decompose(net).lineality_dim == 1


@pytest.mark.parametrize("domain", [rt.Box(-1, 2), None], ids=["box", "whole space"])
def test_without_neurons_there_is_one_cell(domain):
    net = rt.Network([([[1.0, 2.0]], [0.0]), ([[3.0]], [1.0])], [1])
    cx = rt.decompose(net, domain)
    assert (cx.n_cells, cx.n_edges, cx.n_neurons) == (1, 0, 0)
    assert cx.patterns.shape == (1, 0)
    assert cx.f_vector.tolist() == ([4, 4, 1] if domain else [0, 0, 1])
    assert cx.locate([[0.0, 0.0]]).tolist() == [0]
    assert cx.affine_map(0)[0].tolist() == [[3.0, 6.0]]
    assert cx.interior_certified.all()
    cx.validate()


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("linear", [[0, 0, 2], [4, 2, 0], [2, 4, 1]], ids=str)
def test_values_and_points(seed, linear):
    """Outputs at vertices and interior points are those of the network, evaluated exactly."""
    net = random_network([2, 4, 4, 3, 1], linear, seed, integer=seed % 2 == 0)
    cx = rt.decompose(net, rt.Box(-1, 1))
    cx.validate()
    layers = exact_layers(net.layers, net.linear_units)
    for i in range(cx.n_cells):
        assert cx.locate([cx.interior_points[i]]).tolist() == [i] or not cx.interior_certified[i]
        x = [Fraction(v) for v in cx.interior_points[i].tolist()]
        A, c = cx.affine_map(i)
        assert A[0] @ cx.interior_points[i] + c[0] == pytest.approx(float(outputs_at(layers, x)[0]))
        assert len(cx.exact_interior_point(i)) == 2
    np.testing.assert_allclose(
        cx.vertex_values[0], net.forward(cx.vertices)[:, 0], rtol=1e-9, atol=1e-9
    )


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("linear", [[2, 0], [5, 0], [3, 2], [5, 4]], ids=str)
def test_verification_passes(seed, linear):
    pytest.importorskip("cdd.gmp", reason="pycddlib with GMP is missing", exc_type=ImportError)
    net = random_network([2, 5, 4, 1], linear, seed)
    for domain in (rt.Box(-1, 1), None):
        rt.verify(rt.decompose(net, domain)).raise_if_failed()


def test_verification_knows_linear_units():
    """A complex that forgets them is found out."""
    pytest.importorskip("cdd.gmp", reason="pycddlib with GMP is missing", exc_type=ImportError)
    net = residual(1)
    cx = rt.decompose(net, rt.Box(-2, 2))
    forgotten = rt.decompose(rt.Network([(W, b) for W, b in net.layers]), rt.Box(-2, 2))
    assert forgotten.n_neurons == cx.n_neurons + 2
    layers = [(net.layers[0][0], net.layers[0][1] + 1.0), *net.layers[1:]]
    other = Tampered(cx, network=rt.Network(layers, [2, 0]))
    assert not rt.verify(other).ok


def test_level_sets():
    cx = rt.decompose(ABSOLUTE.minus_level(1.0), rt.Box(-2, 2))
    assert cx.network.linear_units == [1, 0]
    assert sorted(cx.vertices[:, 0].tolist()) == [-2.0, -1.0, 0.0, 1.0, 2.0]


def test_files(tmp_path):
    cx = rt.decompose(residual(0), rt.Box(-1, 1))
    cx.save(tmp_path / "new.npz")
    again = rt.load(tmp_path / "new.npz")
    assert again.network == cx.network
    assert again.network.linear_units == [2, 0]
    assert again.f_vector.tolist() == cx.f_vector.tolist()


@pytest.mark.parametrize(
    ("linear_units", "message"),
    [
        ([1, 0], r"`linear_units` has 2 entries.*1 hidden"),
        ([], r"`linear_units` has 0 entries"),
        ([3], r"`linear_units\[0\]` is 3.*2 units"),
        ([-1], r"`linear_units\[0\]` is -1"),
        ([0.5], "sequence of integers"),
        (1, "sequence of integers"),
    ],
)
def test_bad_linear_units(linear_units, message):
    with pytest.raises(rt.InvalidNetworkError, match=message):
        rt.Network(ABSOLUTE.layers, linear_units)
