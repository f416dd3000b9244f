"""Codes of layers with their neural ideals, and classes along the depth."""

from __future__ import annotations

from itertools import combinations, product
from math import comb

import numpy as np
import pytest

import relutope as rt
from small_networks import random_network, small_integer_network

MAKES = pytest.mark.parametrize("make", [random_network, small_integer_network])


def minimal_relations(words):
    """All minimal products that vanish on the words, by trying all products."""
    words = [tuple(map(bool, word)) for word in words]
    count = len(words[0])
    vanishing = []
    for states in product((None, True, False), repeat=count):
        fixed = {i: state for i, state in enumerate(states) if state is not None}
        if not any(all(word[i] == state for i, state in fixed.items()) for word in words):
            vanishing.append(frozenset(fixed.items()))
    least = [p for p in vanishing if not any(q < p for q in vanishing)]
    return {
        (tuple(sorted(i for i, s in p if s)), tuple(sorted(i for i, s in p if not s)))
        for p in least
    }


def as_pairs(relations):
    return {(relation.active, relation.inactive) for relation in relations}


def test_places_of_three_kinds():
    apart = rt.NeuralCode([[0, 0], [1, 0], [0, 1]])
    assert [(str(r), r.kind) for r in apart.canonical_form()] == [("x0 x1", 1)]
    inside = rt.NeuralCode([[0, 0], [1, 0], [1, 1]])
    assert [(str(r), r.kind) for r in inside.canonical_form()] == [("x1 (1 - x0)", 2)]
    cover = rt.NeuralCode([[1, 0], [0, 1], [1, 1]], neurons=[4, 7])
    assert [(str(r), r.kind) for r in cover.canonical_form()] == [("(1 - x4) (1 - x7)", 3)]
    assert rt.NeuralCode(list(product((0, 1), repeat=3))).canonical_form() == ()
    always = rt.NeuralCode([[1, 0], [1, 1]])
    assert [str(r) for r in always.canonical_form()] == ["(1 - x0)"]
    assert rt.NeuralCode([[1, 1, 0], [1, 0, 0], [0, 1, 1]]).facets == [(0, 1), (1, 2)]
    assert [str(r) for r in rt.NeuralCode(np.zeros((0, 2))).canonical_form()] == ["1"]


@pytest.mark.parametrize("seed", range(30))
def test_canonical_forms_against_all_products(seed):
    rng = np.random.default_rng(seed)
    words = rng.random((int(rng.integers(1, 20)), int(rng.integers(1, 6)))) < 0.5
    code = rt.NeuralCode(words)
    found = code.canonical_form()
    expected = minimal_relations(words)
    assert as_pairs(found) == expected
    assert len(found) == len(expected)
    short = code.canonical_form(max_degree=2)
    assert as_pairs(short) == {(a, b) for a, b in expected if len(a) + len(b) <= 2}


@pytest.mark.parametrize(("n", "m"), [(1, 6), (2, 7), (3, 6)])
def test_hyperplanes_in_general_position(n, m):
    """Any n of m half-spaces combine freely; of each n + 1 of them one combination is missing."""
    rng = np.random.default_rng(n)
    net = [(rng.normal(size=(m, n)), rng.normal(size=m)), (np.ones((1, m)), [0.0])]
    code = rt.neural_code(rt.decompose(net))
    assert len(code) == sum(comb(m, i) for i in range(n + 1))
    relations = code.canonical_form()
    assert len(relations) == comb(m, n + 1)
    assert {relation.degree for relation in relations} == {n + 1}
    held = {frozenset((*r.active, *r.inactive)) for r in relations}
    assert held == set(map(frozenset, combinations(range(m), n + 1)))


def test_words_of_cells_and_of_points():
    """x and -x: only at 0 is none of them active."""
    net = [([[1], [-1]], [0, 0]), ([[1, 1]], [0])]
    cx = rt.decompose(net, rt.Box(-1, 1))
    assert rt.neural_code(cx).words.tolist() == [[False, True], [True, False]]
    assert rt.neural_code(cx, of="points").words.tolist() == [
        [False, False],
        [False, True],
        [True, False],
    ]


@MAKES
@pytest.mark.parametrize("seed", range(6))
def test_words_of_points_are_those_of_all_faces(make, seed):
    cx = rt.decompose(make([2, 4, 3, 1], seed), rt.Box(-2, 2) if seed % 2 else None)
    for layer, columns in ((1, slice(0, 4)), (2, slice(4, 7))):
        code = rt.neural_code(cx, layer, of="points")
        signs = np.concatenate([cx.faces(k).signs() for k in range(3)])[:, columns]
        assert code.words.tolist() == np.unique(signs > 0, axis=0).tolist()
        assert code.neurons.tolist() == list(range(columns.start, columns.stop))
        cells = rt.neural_code(cx, layer)
        assert {tuple(word) for word in cells.words} <= {tuple(word) for word in code.words}


def test_more_neurons_than_a_word_of_the_machine_has_bits():
    """Nested places: each neuron is active only where all before it are; the first one always."""
    relations = rt.NeuralCode(np.tril(np.ones((70, 70), dtype=bool))).canonical_form()
    nested = {((j,), (i,)) for i in range(1, 70) for j in range(i + 1, 70)}
    assert as_pairs(relations) == {((), (0,)), *nested}


def test_codes_that_are_refused():
    with pytest.raises(ValueError, match="`words`"):
        rt.NeuralCode([[0, 2]])
    with pytest.raises(ValueError, match="`neurons`"):
        rt.NeuralCode([[0, 1]], neurons=[3])
    cx = rt.decompose(random_network([2, 3, 1], 0))
    with pytest.raises(ValueError, match="`layer`"):
        rt.neural_code(cx, 2)
    with pytest.raises(ValueError, match="`of`"):
        rt.neural_code(cx, of="faces")


# -- classes along the depth


def overlap_by_hand(rows, weights):
    """Of patterns as tuples, with a weight of each class."""
    cells: dict = {}
    for row, weight in zip(rows, weights, strict=True):
        cells.setdefault(tuple(row), np.zeros(len(weight)))
        cells[tuple(row)] += weight
    table = np.array(list(cells.values()))
    sets = [{key for key, w in cells.items() if w[c] > 0} for c in range(table.shape[1])]
    jaccard = [[len(a & b) / max(len(a | b), 1) for b in sets] for a in sets]
    return len(cells), jaccard, table.max(axis=1).sum() / table.sum()


@MAKES
@pytest.mark.parametrize("by", ["prefix", "layer"])
@pytest.mark.parametrize("seed", range(3))
def test_overlap_of_data_by_hand(make, by, seed):
    network = rt.Network(make([2, 5, 4, 2], seed))
    rng = np.random.default_rng(seed)
    X, y = rng.normal(size=(60, 2)), rng.integers(0, 3, 60)
    found = rt.class_overlap(network, X, y, by=by)
    patterns, ends = network.patterns(X), [0, 5, 9]
    for k, end in enumerate(ends):
        begin = 0 if by == "prefix" else ends[max(k - 1, 0)]
        count, jaccard, purity = overlap_by_hand(patterns[:, begin:end], np.eye(3)[y])
        assert found.n_patterns[k] == count
        assert found.jaccard[k] == pytest.approx(np.array(jaccard))
        assert found.purity[k] == pytest.approx(purity)
    if by == "prefix":
        assert (np.diff(found.purity) >= -1e-15).all()


@MAKES
@pytest.mark.parametrize("seed", range(3))
def test_overlap_of_regions(make, seed):
    cx = rt.decompose(make([2, 5, 4, 3], seed), rt.Box(-2, 2), outputs="argmax")
    labels = rt.decision_regions(cx).labels
    classes, number = np.unique(labels, return_inverse=True)
    for weight, sizes in (("volume", cx.cell_volumes), ("cells", np.ones(cx.n_cells))):
        found = rt.class_overlap(cx, weight=weight)
        assert found.classes.tolist() == classes.tolist()
        assert len(found.purity) == 3  # the layers that compare outputs are none
        weights = np.eye(len(classes))[number] * sizes[:, None]
        for k, end in enumerate((0, 5, 9)):
            count, jaccard, purity = overlap_by_hand(cx.patterns[:, :end], weights)
            assert found.n_patterns[k] == count
            assert found.jaccard[k] == pytest.approx(np.array(jaccard))
            assert found.purity[k] == pytest.approx(purity)
    shares = rt.integrate(cx).class_shares
    assert rt.class_overlap(cx).purity[0] == pytest.approx(float(max(shares)))


def test_overlaps_that_are_refused():
    net = random_network([2, 3, 1], 0)
    with pytest.raises(ValueError, match="`X` and labels `y`"):
        rt.class_overlap(net)
    cx = rt.decompose(net, rt.Box(-1, 1))
    with pytest.raises(ValueError, match="without `outputs`"):
        rt.class_overlap(cx)
    with pytest.raises(ValueError, match="`source` is a complex"):
        rt.class_overlap(cx, [[0, 0]], [1])
    with pytest.raises(ValueError, match="unbounded"):
        rt.class_overlap(rt.decompose(net, outputs="sign"))
    assert len(rt.class_overlap(rt.decompose(net, outputs="sign"), weight="cells").purity) == 2
