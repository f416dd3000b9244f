"""Critical plateaus: known functions, plain linear algebra on simplices, and Morse's relations."""

from __future__ import annotations

import pickle
from itertools import combinations

import numpy as np
import pytest

import relutope as rt
from functions import (
    annulus,
    constant,
    crowded,
    diamond_plateau,
    monkey_saddle,
    saddle,
    torus,
    two_wells,
)
from relutope.topology import critical_cells
from small_networks import absolute, random_network, small_integer_network

inf = np.inf
BOX = rt.Box(-2, 2)

# name: network, domain, and of each plateau its value, homology, dimension, whether on the boundary
KNOWN = {
    "valley": (absolute(2), None, [(0, [1, 0, 0], 0, False)]),
    "valley in a box": (absolute(2), BOX, [(0, [1, 0, 0], 0, False)]),
    "hill": (absolute(2, -np.ones((1, 4))), None, [(0, [0, 0, 1], 0, False)]),
    "hill in a box": (
        absolute(2, -np.ones((1, 4))),
        BOX,
        [
            *[(-4, [1, 0, 0], 0, True)] * 4,  # corners
            *[(-2, [0, 1, 0], 0, True)] * 4,  # sides between them
            (0, [0, 0, 1], 0, False),
        ],
    ),
    "saddle": (saddle(), None, [(0, [0, 1, 0], 0, False)]),
    "monkey saddle": (monkey_saddle(), None, [(0, [0, 2, 0], 1, False)]),  # with level edges
    "plateau": (diamond_plateau(), None, [(0, [1, 0, 0], 2, False)]),
    "half-line": ([([[1.0]], [0.0]), ([[1.0]], [3.0])], None, [(3, [1, 0], 1, False)]),
    "annulus": (annulus(), None, [(0, [1, 1, 0], 1, False), (1, [0, 0, 1], 0, False)]),
    "torus": (torus(), None, [(0, [1, 1, 0, 0], 1, False), (2, [0, 0, 1, 0], 0, False)]),
    "constant": (constant(), BOX, [(4, [1, 0, 0], 2, True)]),
    "constant in the plane": (constant(), None, [(4, [1, 0, 0], 2, False)]),
    "two wells": (
        two_wells(),
        BOX,
        [(-2, [1, 0], 0, True), (-2, [1, 0], 0, True), (2, [0, 1], 0, False)],
    ),
    "slope": ([([[1.0]], [0.0]), ([[1.0]], [0.0])], rt.Box(1, 2), [(1, [1, 0], 0, True)]),
}


@pytest.mark.parametrize("name", KNOWN)
def test_known_functions(name):
    layers, domain, expected = KNOWN[name]
    found = critical_cells(rt.decompose(layers, domain))
    rows = zip(
        found.values.tolist(),
        found.homology.tolist(),
        found.dim.tolist(),
        found.on_boundary.tolist(),
        strict=True,
    )
    assert list(rows) == expected


def test_the_level_set_between_the_critical_values_is_a_torus():
    assert rt.betti(rt.decompose(torus(), rt.Box(-4, 4)), "level", 1.0)[:3].tolist() == [1, 2, 1]


def test_indices_counts_and_faces():
    found = critical_cells(rt.decompose(annulus()))
    assert found.index.tolist() == [-1, 2]
    assert found.counts.tolist() == [1, 1, 1]
    assert found.bounded.tolist() == [True, True]
    assert found.faces(1).lengths.tolist() == [4, 0]
    assert found.faces(0).lengths.tolist() == found.vertices.lengths.tolist() == [4, 1]
    at_top = found.complex.vertices[found.vertices[1]]
    assert at_top.tolist() == [[0, 0]]
    ring = found.complex.subcomplex(faces={1: found.faces(1)[0]})
    assert ring.betti().tolist() == [1, 1, 0]


def test_unbounded_plateaus():
    found = critical_cells(rt.decompose([([[1.0, 0.0]], [0.0]), ([[1.0]], [0.0])]))
    assert found.homology.tolist() == [[1, 0, 0]]  # relu(x), 0 on a half-plane
    assert (found.dim.tolist(), found.bounded.tolist()) == ([2], [False])
    assert found.faces(2).lengths.tolist() == [1]
    assert found.faces(0).lengths.tolist() == [0]


def test_what_linear_units_change_along_lines_has_no_critical_point():
    net = rt.Network([(np.eye(2), [0.0, 0.0]), ([[1.0, 1.0]], [0.0])], [1])  # relu(x) + y
    found = critical_cells(rt.decompose(net))
    assert (len(found), found.counts.tolist(), found.betti.tolist()) == (0, [0, 0, 0], [0, 0, 0])


def test_without_the_boundary():
    cx = rt.decompose(saddle(), BOX)
    assert critical_cells(cx, boundary=False).index.tolist() == [1]
    assert critical_cells(cx).index.tolist() == [0, 0, 1]


def test_coefficients():
    cx = rt.decompose(torus(), BOX)
    assert (critical_cells(cx).homology == critical_cells(cx, field=3).homology).all()
    with pytest.raises(ValueError, match="`field` is 4"):
        critical_cells(cx, field=4)


# -- against plain linear algebra


def rank_modulo_two(columns):
    """Rank of a matrix over GF(2) whose columns are sets of rows."""
    pivots = {}
    for column in columns:
        column = set(column)
        while column and max(column) in pivots:
            column ^= pivots[max(column)]
        if column:
            pivots[max(column)] = column
    return len(pivots)


def relative_betti(star, facets_of):
    """Betti numbers of a star, cells by dimension, relative to all that is not in it."""
    numbers = [len(cells) for cells in star]
    for k in range(1, len(star)):
        inside = set(star[k - 1])
        bounding = rank_modulo_two([f for f in facets_of(k, c) if f in inside] for c in star[k])
        numbers[k] -= bounding
        numbers[k - 1] -= bounding
    return numbers


def plateaus_by_hand(cx):
    """The vertices and relative Betti numbers of each plateau, by faces as sets of vertices."""
    rank = cx.vertex_values[1].tolist()
    rows = [[tuple(v.tolist()) for v in cx.lattice.vertices(k)] for k in range(cx.dim + 1)]
    group = list(range(len(rank)))

    def root(v):
        while group[v] != v:
            v = group[v]
        return v

    for face in (face for level in rows for face in level):
        if len({rank[v] for v in face}) == 1:
            for v in face:
                group[root(v)] = root(face[0])
    stars = {root(v): [[] for _ in rows] for v in range(len(rank))}
    for k, level in enumerate(rows):
        for i, face in enumerate(level):
            stars[root(max(face, key=rank.__getitem__))][k].append(i)
    found = []
    for key, star in stars.items():
        numbers = relative_betti(star, lambda k, i: cx.lattice.facets(k)[i].tolist())
        members = [v for v in range(len(rank)) if root(v) == key]
        found.append((rank[key], members, numbers))
    return [(members, numbers) for _, members, numbers in sorted(found) if any(numbers)]


def totals_by_hand(cx):
    """Relative Betti numbers at each value, by the simplices of a triangulation."""
    rank = cx.vertex_values[1].tolist()
    top, _ = cx.triangulation()
    simplices = {f for s in top.tolist() for k in range(len(s)) for f in combinations(s, k + 1)}
    stars = {r: [[] for _ in range(cx.dim + 1)] for r in rank}
    for s in simplices:
        stars[max(rank[v] for v in s)][len(s) - 1].append(s)
    numbers = {
        r: relative_betti(star, lambda k, simplex: combinations(simplex, k))
        for r, star in stars.items()
    }
    return {r: row for r, row in numbers.items() if any(row)}


DEGENERATE = [
    (make, widths, seed)
    for make in (small_integer_network, crowded, random_network)
    for widths in ([1, 6, 5, 1], [2, 5, 4, 1], [3, 4, 3, 1])
    for seed in range(4)
]
NAMES = [f"{make.__name__}-{widths[0]}-{seed}" for make, widths, seed in DEGENERATE]


@pytest.mark.parametrize("domain", [rt.Box(-1, 1), None], ids=["box", "space"])
@pytest.mark.parametrize(("make", "widths", "seed"), DEGENERATE, ids=NAMES)
def test_homology_of_plateaus_by_plain_elimination(make, widths, seed, domain):
    cx = rt.decompose(make(widths, seed), domain)
    if cx.lineality_dim:  # in fewer dimensions
        return
    found = critical_cells(cx)
    mine = list(zip([v.tolist() for v in found.vertices], found.homology.tolist(), strict=True))
    expected = plateaus_by_hand(cx)
    assert [row for row in expected if row in mine] == mine
    # What is missing lies at infinity, with f = -inf.
    values, rank = cx.vertex_values
    missing = [v for row in expected if row not in mine for v in row[0]]
    assert all(v >= cx.n_finite_vertices and values[v] == -inf for v in missing)
    totals = {}
    for members, numbers in expected:
        total = totals.setdefault(int(rank[members[0]]), np.zeros(cx.dim + 1, dtype=int))
        total += numbers
    assert {r: total.tolist() for r, total in totals.items()} == totals_by_hand(cx)


@pytest.mark.parametrize(
    "domain",
    [rt.Box(-1, 1), rt.Box([0, -inf, -1], [inf, 2, 1]), None],
    ids=["box", "half", "space"],
)
@pytest.mark.parametrize("seed", range(20))
def test_morse_inequalities_and_euler_characteristic(seed, domain):
    make = (small_integer_network, crowded, random_network)[seed % 3]
    cx = rt.decompose(make([3, 5, 4, 1], seed), domain)
    found = critical_cells(cx)
    if domain is not None and domain.bounded:
        assert found.betti.tolist() == rt.betti(cx).tolist() == [1, 0, 0, 0]
    excess = found.counts - found.betti
    partial = [sum((-1) ** (k - j) * excess[j] for j in range(k + 1)) for k in range(cx.dim + 1)]
    assert min(partial) >= 0
    assert partial[-1] == 0


@pytest.mark.parametrize("seed", range(12))
def test_sublevel_sets_change_at_critical_values_only(seed):
    """Relative Betti numbers of two levels, one below and one above each value, by subcomplexes."""
    make = (small_integer_network, crowded)[seed % 2]
    cx = rt.decompose(make([2, 5, 4, 1], seed), rt.Box(-1, 1))
    found = critical_cells(cx)
    values = np.unique(cx.vertex_values[0])
    middles = np.concatenate([[values[0] - 1], (values[1:] + values[:-1]) / 2, [values[-1] + 1]])
    for value, low, high in zip(values, middles[:-1], middles[1:], strict=True):
        here = found.values == value
        below, above = (rt.betti(cx, "sublevel", t) for t in (low, high))
        chi = (-1) ** np.arange(3)
        assert (found.homology[here] @ chi).sum() == (above - below) @ chi
        if not here.any():
            assert below.tolist() == above.tolist()


# -- other functions than the one output


@pytest.mark.parametrize("domain", [rt.Box(-1, 1), None], ids=["box", "plane"])
@pytest.mark.parametrize("seed", range(4))
def test_outputs_differences_neurons_and_margins(seed, domain):
    net = rt.as_network(crowded([2, 4, 4, 3], seed, high=1))
    cx = rt.decompose(net, domain)
    W, b = net.layers[-1]
    alone = {
        (("output", k),): [*net.layers[:-1], (W[k : k + 1], b[k : k + 1])] for k in range(3)
    } | {
        (("output", (0, 2)),): [*net.layers[:-1], (W[:1] - W[2:], b[:1] - b[2:])],
        **{(("neuron", q),): net.preactivation(q) for q in range(net.n_neurons)},
    }
    for named, network in alone.items():
        assert_same_totals(critical_cells(cx, **dict(named)), rt.decompose(network, domain))


def assert_same_totals(found, cx):
    """The same homology at each value; a finer complex may join plateaus by level edges."""
    expected = critical_cells(cx)
    assert np.unique(found.values).tolist() == np.unique(expected.values).tolist()
    for value in expected.values:
        a, b = (c.homology[c.values == value].sum(axis=0).tolist() for c in (found, expected))
        assert a == b


def test_the_margin_of_a_class():
    """Of x, y and 0: the margin of the first is x - max(y, 0), without critical points."""
    three = [
        ([[1, 0], [-1, 0], [0, 1], [0, -1]], [0] * 4),
        ([[1, -1, 0, 0], [0, 0, 1, -1], [0] * 4], [0] * 3),
    ]
    cx = rt.decompose(three)
    assert len(critical_cells(cx, label=0)) == 0
    found = critical_cells(cx, label=2)  # -max(x, y): a ridge that falls
    assert len(found) == 0
    found = critical_cells(rt.decompose(three, BOX), label=2)
    assert found.values.tolist() == [-2.0]
    two = [three[0], ([[1, 1, 0, 0], [0, 0, 1, 1]], [0, 0])]  # |x| and |y|
    found = critical_cells(rt.decompose(two), label=0)
    assert found.index.tolist() == [1]


def test_names_of_functions():
    cx = rt.decompose(random_network([2, 3, 2], 0), BOX)
    with pytest.raises(ValueError, match=r"2 outputs; choose one by `output=k`"):
        critical_cells(cx)
    with pytest.raises(ValueError, match="give one of them"):
        critical_cells(cx, output=0, neuron=0)
    with pytest.raises(ValueError, match="or a pair"):
        critical_cells(cx, output=(0, 1, 1))
    with pytest.raises(IndexError, match="output"):
        critical_cells(cx, output=2)
    with pytest.raises(IndexError, match="neuron"):
        critical_cells(cx, neuron=3)
    with pytest.raises(ValueError, match="`label` chooses"):
        critical_cells(rt.decompose(saddle(), BOX), label=0)


def test_a_slice_is_a_complex_too():
    part = rt.slice(torus(), [[-4, 0, 0], [4, 0, 0]])
    assert critical_cells(part).index.tolist() == [0, 0, 1]


# -- exactness, engines, lines


@pytest.mark.parametrize("step", [0.0, 2.0**-52, 2.0**-60, 2.0**-1000])
def test_values_are_compared_exactly(step):
    """f goes 1, 1, 1 + step, 1: a wall, also where all of these round to 1."""
    hidden = (np.array([[1.0], [1.0]]), np.array([0.0, -1.0]))
    cx = rt.decompose([hidden, (step * np.array([[1.0, -2.0]]), np.ones(1))], rt.Box(-1, 2))
    found = critical_cells(cx)
    assert found.index.tolist() == ([0, 0, 1] if step else [0])
    assert found.dim.tolist() == ([1, 0, 0] if step else [1])


def test_values_beyond_all_doubles_are_no_infinity():
    net = [([[1.0], [-1.0]], [0, 0]), ([[-1e308, -1e308]], [-1e308])]  # -1e308 (|x| + 1)
    found = critical_cells(rt.decompose(net, rt.Box(-1e3, 1e3)))
    assert found.values.tolist() == [-inf, -inf, -1e308]
    assert found.index.tolist() == [0, 0, 1]
    assert found.betti.tolist() == [1, 0]
    assert critical_cells(rt.decompose(net)).index.tolist() == [1]


@pytest.mark.parametrize("seed", range(6))
def test_functions_of_fewer_inputs(seed):
    """On lines along which nothing changes dimensions go up, homology does not."""
    layers = crowded([2, 5, 4, 1], seed)
    mixing = np.array([[1.0, 0.0, 2.0], [0.0, 1.0, -1.0]])
    flat = critical_cells(rt.decompose(layers))
    tall = critical_cells(rt.decompose([(layers[0][0] @ mixing, layers[0][1]), *layers[1:]]))
    assert tall.values.tolist() == flat.values.tolist()
    assert tall.homology[:, :3].tolist() == flat.homology.tolist()
    assert not tall.homology[:, 3].any()
    assert tall.dim.tolist() == (flat.dim + 1).tolist()
    assert not tall.bounded.any()
    for k in range(3):
        assert tall.faces(k + 1).lengths.tolist() == flat.faces(k).lengths.tolist()
    assert tall.faces(0).lengths.tolist() == [0] * len(tall)


@pytest.mark.parametrize("domain", [rt.Box(-1, 1), None], ids=["box", "space"])
def test_engines_and_files_agree(domain, tmp_path):
    net = crowded([3, 5, 4, 2], 3, high=1)
    by_lp = rt.decompose(net, domain, engine="lp")
    by_lp.save(tmp_path / "complex.npz")
    complexes = [rt.decompose(net, domain), by_lp, rt.load(tmp_path / "complex.npz")]
    for named in ({"output": (0, 1)}, {"neuron": 7}, {"label": 1}):
        first, *others = (critical_cells(cx, **named) for cx in complexes)
        for other in others:
            assert other.values.tolist() == first.values.tolist()
            assert other.homology.tolist() == first.homology.tolist()
            assert other.vertices.indices.tolist() == first.vertices.indices.tolist()


def test_cells_that_are_cut_by_the_class_too():
    net = random_network([2, 6, 3], 2)
    plain, cut = (rt.decompose(net, BOX, outputs=outputs) for outputs in (None, "argmax"))
    for named in ({"output": 1}, {"output": (2, 0)}, {"label": 0}, {"neuron": 3}):
        a, b = (critical_cells(cx, **named) for cx in (plain, cut))
        assert a.values.tolist() == b.values.tolist()
        assert a.homology.tolist() == b.homology.tolist()


def test_results_are_values():
    found = critical_cells(rt.decompose(annulus()))
    again = pickle.loads(pickle.dumps(found))
    assert again.homology.tolist() == found.homology.tolist()
    assert again.faces(1).indices.tolist() == found.faces(1).indices.tolist()
    with pytest.raises(ValueError, match="read-only"):
        found.values[0] = 7.0
    assert repr(found) == "CriticalCells(2 of a function, Morse numbers [1, 1, 1])"


def test_biases_of_two_doubles_stay_exact():
    tiny = 2.0**-80
    hidden, last = ([[1.0]], [1.0]), ([[-1.0], [-1.0]], [2.0, 2.0])
    net = rt.Network([hidden, last], bias_low=[[tiny], [3 * tiny, 0.0]])
    # The neuron is x + 1 + tiny; outputs are 2 + 3 tiny and 2 less its value, for x >= -1 - tiny.
    cx = rt.decompose(net, rt.Box(-1, 1))
    assert critical_cells(cx, neuron=0).values.tolist() == [tiny]
    assert critical_cells(cx, output=0).values.tolist() == [2 * tiny]
    assert critical_cells(cx, output=1).values.tolist() == [-tiny]
    assert critical_cells(cx, output=(0, 1)).values.tolist() == [3 * tiny]
    assert critical_cells(cx, label=1).values.tolist() == [-3 * tiny]
