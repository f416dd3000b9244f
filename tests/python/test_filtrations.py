"""Filtrations by other functions and rules, extended persistence, theories of homology, vectors."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest

import relutope as rt
from functions import annulus, crowded, saddle, torus
from relutope.topology import (
    PersistencePairs,
    cell_values,
    extended_persistence,
    persistence_kernel,
    persistence_vectors,
)
from small_networks import absolute, random_network, small_integer_network

gudhi = pytest.importorskip("gudhi")
inf = np.inf
BOX = rt.Box(-2, 2)
DOMAINS = pytest.mark.parametrize("domain", [rt.Box(-1, 1), None], ids=["box", "space"])


# -- functions


@DOMAINS
@pytest.mark.parametrize("way", ["sublevel", "superlevel"])
@pytest.mark.parametrize("seed", range(5))
def test_a_function_of_a_network_is_that_of_its_own_network(seed, way, domain):
    net = rt.as_network(crowded([2, 4, 4, 3], seed, high=1))
    cx = rt.decompose(net, domain)
    W, b = net.layers[-1]
    for named, last in {
        ("output", 1): (W[1:2], b[1:2]),
        ("output", -1): (W[2:], b[2:]),
        ("output", (2, 0)): (W[2:] - W[:1], b[2:] - b[:1]),
    }.items():
        alone = rt.decompose([*net.layers[:-1], last], domain)
        assert rt.persistence(cx, way, **dict([named])) == rt.persistence(alone, way)
    for neuron in range(net.n_neurons):
        alone = rt.decompose(net.preactivation(neuron), domain)
        assert rt.persistence(cx, way, neuron=neuron) == rt.persistence(alone, way)


@DOMAINS
@pytest.mark.parametrize("seed", range(5))
def test_the_superlevel_set_of_a_margin_is_the_class(seed, domain):
    cx = rt.decompose(crowded([2, 5, 4, 3], seed, high=1), domain)
    for label in range(3):
        pairs = rt.persistence(cx, "superlevel", label=label)
        expected = rt.betti(cx, "class", label=label)
        assert [rt.betti_curve(pairs, [0.0], k)[0] for k in range(3)] == expected.tolist()


def test_cycles_of_a_neuron():
    deep = [*annulus()[:2], (np.eye(2), np.zeros(2))]
    cx = rt.decompose(deep, BOX)
    [ring] = rt.persistent_cycles(cx, "superlevel", 1, output=0)
    assert (ring.birth, ring.death, len(ring.faces)) == (1.0, 0.0, 8)
    assert rt.persistent_cycles(cx, "superlevel", 1, neuron=4)[0].death == -1.0


def test_functions_are_for_level_sets():
    cx = rt.decompose(random_network([2, 3, 2], 0), BOX)
    for filtration in ("random", "depth", np.zeros(cx.n_cells)):
        with pytest.raises(ValueError, match="`output`, `neuron` and `label` choose"):
            rt.persistence(cx, filtration, output=0)
    with pytest.raises(IndexError):
        rt.persistence(cx, "sublevel", output=5)


# -- rules


def upper_star_pairs(cx, values):
    """Persistence by chains of faces, which enter with the last cell around the smallest face."""
    tree = gudhi.SimplexTree()
    lattice = cx.lattice
    start = np.concatenate([[0], np.cumsum([lattice.n_faces(j) for j in range(cx.dim + 1)])])
    above = {int(start[-2] + c): [int(start[-2] + c)] for c in range(cx.n_cells)}
    number = {
        frozenset(row.tolist()): int(start[j] + i)
        for j in range(cx.dim + 1)
        for i, row in enumerate(lattice.vertices(j))
    }
    last = {
        int(start[j] + i): max(values[cells])
        for j in range(cx.dim + 1)
        for i, cells in enumerate(lattice.cells_of_faces(j))
    }
    faces = list(number.items())
    above = {f: [g for other, g in faces if own < other] for own, f in faces}

    def insert(chain):
        tree.insert(chain, last[chain[0]])
        for g in above[chain[-1]]:
            insert([*chain, g])

    for _, f in faces:
        insert([f])
    tree.make_filtration_non_decreasing()
    tree.compute_persistence(homology_coeff_field=2, persistence_dim_max=True)
    return sorted(
        (k, (float(b), float(d)))
        for k in range(cx.dim + 1)
        for b, d in tree.persistence_intervals_in_dimension(k)
    )


@DOMAINS
@pytest.mark.parametrize("widths", [[1, 5, 3, 1], [2, 4, 2, 1], [3, 3, 1, 1]])
@pytest.mark.parametrize("make", [small_integer_network, crowded, random_network])
def test_the_last_cell_around_a_face(make, widths, domain):
    for seed in range(3):
        cx = rt.decompose(make(widths, seed), domain)
        if cx.lineality_dim or len(cx.vertex_signs) > 60:
            continue
        values = np.random.default_rng(seed).integers(0, 5, cx.n_cells).astype(float)
        expected = upper_star_pairs(cx, values)
        for method in ("faces", "simplices"):
            found = rt.persistence(cx, values, on="cells", rule="max", method=method)
            assert found == expected


def test_cells_that_touch_in_a_corner():
    cx = rt.decompose(absolute(2), rt.Box(-1, 1))  # four quadrants
    x, y = cx.interior_points.T
    values = np.where(x * y > 0, 0.0, 1.0)  # two opposite ones first
    assert rt.persistence(cx, values, on="cells") == [(0, (0.0, inf))]
    assert rt.persistence(cx, values, on="cells", rule="max") == [(0, (0.0, 1.0)), (0, (0.0, inf))]


def test_rules_of_a_random_order():
    cx = rt.decompose(random_network([2, 8, 6, 1], 0), BOX)
    closed, inner = (rt.persistence(cx, "random", seed=1, rule=rule) for rule in ("min", "max"))
    assert closed != inner
    grid = np.linspace(0, 1, 40)
    components = [rt.betti_curve(pairs, grid, 0) for pairs in (closed, inner)]
    assert (components[0] <= components[1]).all()
    order = cell_values(cx, "distance", X=[[0.0, 0.0]])
    assert rt.persistence(cx, order, rule="max", on="cells")[-1][0] <= 1


def test_rules_are_for_numbers_of_cells():
    cx = rt.decompose(saddle(), BOX)
    with pytest.raises(ValueError, match="`rule` is 'mean'; use one of min, max"):
        rt.persistence(cx, "random", rule="mean")
    for filtration in ("sublevel", "depth"):
        with pytest.raises(ValueError, match="`rule` is 'max', which is for numbers of cells"):
            rt.persistence(cx, filtration, rule="max")
    with pytest.raises(ValueError, match="one value per vertex"):
        rt.persistence(cx, np.zeros(9), on="vertices", rule="max")


# -- extended persistence


def extended_by_gudhi(cx):
    """On the triangulation, with ranks for values, which gudhi rounds a little."""
    values, rank = cx.vertex_values
    _, place = np.unique(rank, return_inverse=True)
    tree = gudhi.SimplexTree()
    for s in cx.triangulation()[0].tolist():
        for k in range(len(s)):
            for face in combinations(s, k + 1):
                tree.insert(list(face), -1.0)
    for vertex, r in enumerate(place.tolist()):
        tree.assign_filtration([vertex], float(r))
    tree.extend_filtration()
    at = dict(zip(place.tolist(), values.tolist(), strict=True))
    kinds = tree.extended_persistence(min_persistence=-1.0)
    return [
        sorted(
            (k, (at[round(b)], at[round(d)]))
            for k, (b, d) in pairs
            if round(b) != round(d) or kind > 1
        )
        for kind, pairs in enumerate(kinds)
    ]


@pytest.mark.parametrize("widths", [[1, 5, 3, 1], [2, 5, 4, 1], [3, 3, 2, 1]])
@pytest.mark.parametrize("make", [small_integer_network, crowded, random_network])
@pytest.mark.parametrize("seed", range(3))
def test_extended_persistence_matches_gudhi(make, widths, seed):
    cx = rt.decompose(make(widths, seed), rt.Box(-1, 1))
    if len(np.unique(cx.vertex_values[1])) < 2:
        return
    found = extended_persistence(cx)
    ordinary, relative, up, down = extended_by_gudhi(cx)
    assert (found.ordinary, found.relative, found.extended) == (ordinary, relative, up)
    assert down == []


def test_extended_persistence_of_known_functions():
    found = extended_persistence(rt.decompose(torus()))
    assert found.extended == [(0, (0.0, inf))]
    assert found.ordinary == [(1, (0.0, 2.0))]
    assert found.relative == [(2, (2.0, 0.0)), (3, (inf, 0.0))]
    net = rt.Network([(np.eye(2), [0.0, 0.0]), ([[1.0, 1.0]], [0.0])], [1])
    assert extended_persistence(rt.decompose(net)).extended == [(0, (-inf, inf))]


# -- theories


def test_homology_by_name():
    cx = rt.decompose(saddle())
    wedge = rt.region(cx, "superlevel")  # |x| >= |y|, two wedges that meet at 0
    assert wedge.betti().tolist() == [1, 0, 0]
    assert wedge.betti(theory="reduced").tolist() == [0, 0, 0]
    assert wedge.betti(theory="borel-moore").tolist() == [0, 1, 0]  # through infinity
    assert rt.betti(cx, "superlevel", theory="borel-moore").tolist() == [0, 1, 0]
    assert rt.betti(cx, "level", theory="borel-moore").tolist() == [0, 3, 0]
    assert rt.betti(cx, "all", theory="borel-moore").tolist() == [0, 0, 1]
    assert rt.betti(cx, "superlevel", 1.0, theory="reduced").tolist() == [1, 0, 0]
    nothing = rt.region(rt.decompose(absolute(2)), "sublevel", -1.0)
    assert nothing.betti(theory="reduced").tolist() == [0, 0, 0]
    assert nothing.betti(theory="borel-moore").tolist() == [0, 0, 0]


@DOMAINS
@pytest.mark.parametrize("seed", range(6))
def test_theories_and_the_compactification(seed, domain):
    cx = rt.decompose(crowded([2, 5, 4, 1], seed), domain)
    for of in ("all", "superlevel", "sublevel", "level"):
        own = rt.region(cx, of)
        compact = own.betti(compactify=True)
        point = np.array([1, 0, 0])
        assert (own.betti(theory="borel-moore") == compact - point).all()
        assert (own.betti(theory="reduced", compactify=True) == compact - point).all()
        assert (rt.betti(cx, of, theory="borel-moore") == compact - point).all()
        singular = own.betti()
        assert (rt.betti(cx, of, theory="reduced") == singular - (singular[0] > 0) * point).all()
        if domain is not None:
            assert (own.betti(theory="borel-moore") == singular).all()
        # The Euler characteristic of locally finite chains is that of the faces.
        assert own.betti(theory="borel-moore") @ [1, -1, 1] == own.euler_characteristic


def test_unknown_theories():
    cx = rt.decompose(saddle())
    with pytest.raises(ValueError, match="`theory` is 'cubical'; use one of singular"):
        rt.betti(cx, "level", theory="cubical")
    with pytest.raises(ValueError, match="drop it"):
        rt.betti(cx, "level", theory="borel-moore", compactify=True)


# -- vectors and kernels


def test_finite_pairs():
    pairs = PersistencePairs([(0, (-inf, 2.0)), (0, (0.0, 1.0)), (0, (0.0, inf)), (1, (3.0, 4.0))])
    assert pairs.finite(0).tolist() == [[0.0, 1.0]]
    assert pairs.finite(0, cap=5.0).tolist() == [[2.0, 5.0], [0.0, 1.0], [0.0, 5.0]]
    falling = PersistencePairs([(0, (3.0, 1.0)), (0, (3.0, -inf))])
    assert falling.finite(0).tolist() == [[-3.0, -1.0]]
    assert falling.finite(0, cap=0.0).tolist() == [[-3.0, 0.0], [-3.0, -1.0]]
    assert pairs.finite(2).shape == (0, 2)


KINDS = ["image", "landscape", "silhouette", "betti", "entropy", "lengths"]
KERNELS = ["sliced-wasserstein", "scale-space", "weighted-gaussian", "fisher"]


@pytest.fixture(scope="module")
def diagrams():
    pytest.importorskip("sklearn")
    nets = [random_network([2, 9, 7, 1], seed) for seed in range(4)]
    found = [rt.persistence(rt.decompose(net, BOX)) for net in nets]
    return [*found, PersistencePairs([(0, (0.0, inf))])]


@pytest.mark.parametrize("kind", KINDS)
def test_vectors(diagrams, kind):
    vectors = persistence_vectors(diagrams, 0, kind)
    assert len(vectors) == 5
    assert np.isfinite(vectors).all()
    assert vectors.any()
    assert not np.array_equal(vectors, persistence_vectors(diagrams, 0, kind, cap=9.0))


def test_vectors_are_those_of_gudhi(diagrams):
    from gudhi.representations import Landscape

    points = [pairs.finite(0) for pairs in diagrams]
    expected = Landscape(num_landscapes=2, resolution=30).fit_transform(points)
    assert (
        persistence_vectors(diagrams, 0, "landscape", num_landscapes=2, resolution=30) == expected
    ).all()
    longest = persistence_vectors(diagrams, 0, "lengths", num_lengths=1)[:, 0]
    for pairs, length in zip(diagrams, longest, strict=True):
        lifetimes = np.diff(pairs.finite(0))
        assert length == lifetimes.max(initial=0.0)


@pytest.mark.parametrize("kind", KERNELS)
def test_kernels(diagrams, kind):
    matrix = persistence_kernel(diagrams, diagrams, 0, kind)
    assert np.allclose(matrix, matrix.T)
    if kind != "fisher":  # as evaluated by gudhi it is not positive
        assert np.linalg.eigvalsh(matrix).min() > -1e-9
    assert np.allclose(persistence_kernel(diagrams[:2], diagrams, 0, kind), matrix[:2])


def test_bad_vectors(diagrams):
    with pytest.raises(ValueError, match="`kind` is 'picture'; use one of image"):
        persistence_vectors(diagrams, 0, "picture")
    with pytest.raises(ValueError, match="no finite pair of dimension 1"):
        persistence_vectors(diagrams[-1:], 1)
    with pytest.raises(ValueError, match="`kind` is 'linear'"):
        persistence_kernel(diagrams, diagrams, 0, "linear")


def test_extended_persistence_beyond_all_doubles():
    net = [([[1.0], [-1.0]], [0, 0]), ([[1e308, 1e308]], [1e308])]  # 1e308 (|x| + 1)
    found = extended_persistence(rt.decompose(net, rt.Box(-1e3, 1e3)))
    assert found.extended == [(0, (1e308, inf))]
    assert found.relative == [(1, (inf, 1e308))]
    found = extended_persistence(rt.decompose(saddle()))
    assert found.ordinary == [(0, (-inf, 0.0))]
    assert found.relative == [(1, (inf, 0.0))]
