"""The package against the exact truth files: cells, graph, faces, vertices, volumes, values."""

from __future__ import annotations

import hashlib
import math
from collections import Counter

import numpy as np
import pytest


def strings(patterns):
    return ["".join("1" if bit else "0" for bit in row) for row in patterns.tolist()]


def sha256(lines):
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def test_cells(truth_case):
    truth, cx = truth_case.truth, truth_case.complex
    assert cx.n_cells == truth["num_cells"]
    assert cx.patterns.shape == (cx.n_cells, sum(truth_case.data["network"]["hidden"]))
    found = strings(cx.patterns)
    assert truth["patterns"] in (None, found)
    assert sha256(found) == truth["patterns_sha256"]


def test_adjacency(truth_case):
    truth, cx = truth_case.truth, truth_case.complex
    assert cx.n_edges == len(cx.adjacency) == truth["num_adjacencies"]
    pairs = cx.adjacency.tolist()
    assert truth["adjacency"] in (None, pairs)
    names = strings(cx.patterns)
    assert sha256([f"{names[i]} {names[j]}" for i, j in pairs]) == truth["adjacency_sha256"]


def test_hamming_distances(truth_case):
    truth, cx = truth_case.truth, truth_case.complex
    distances = (cx.patterns[cx.adjacency[:, 0]] != cx.patterns[cx.adjacency[:, 1]]).sum(axis=1)
    histogram = {str(k): count for k, count in Counter(distances.tolist()).items()}
    assert histogram == truth["adjacency_hamming_histogram"]
    bits = cx.patterns.astype(np.int64)
    apart = (bits[:, None, :] != bits[None, :, :]).sum(axis=2)
    close = int((np.triu(apart) == 1).sum())
    assert close - histogram.get("1", 0) == truth["num_hamming1_nonadjacent_pairs"]


def test_facet_neurons_flip_or_vanish(truth_case):
    """Every neuron in which two neighbours differ vanishes on their facet."""
    cx = truth_case.complex
    assert len(cx.facet_neurons) == cx.n_edges
    for (i, j), neurons in zip(cx.adjacency.tolist(), cx.facet_neurons, strict=True):
        flipped = np.flatnonzero(cx.patterns[i] != cx.patterns[j])
        assert set(flipped.tolist()) <= set(neurons.tolist())


def test_faces(truth_case):
    truth, cx = truth_case.truth, truth_case.complex
    f = cx.f_vector.tolist()
    assert f == truth["f_vector"]
    assert sum((-1) ** k * count for k, count in enumerate(f)) == truth["euler_characteristic"]


def test_vertices(truth_case):
    truth, cx = truth_case.truth, truth_case.complex
    assert len(cx.vertices) == truth["num_vertices"]
    if "vertices" in truth:
        assert sorted(cx.vertices.tolist()) == sorted(truth["vertices"])


def test_bounded_cells(truth_case):
    truth, cx = truth_case.truth, truth_case.complex
    assert int(cx.bounded.sum()) == truth.get("num_bounded_cells", truth["num_cells"])
    assert int((~cx.bounded).sum()) == truth.get("num_unbounded_cells", 0)


def has_box(entry):
    return entry["domain"] != "Rn"


@pytest.mark.truth(where=has_box)
def test_cell_volumes(truth_case):
    truth, cx = truth_case.truth, truth_case.complex
    if "cell_volumes" not in truth:
        pytest.skip("no volumes in this file (more than 500 cells, or dimension over 4)")
    simplices, cell = cx.triangulation()
    corners = cx.vertices[simplices]
    sizes = np.abs(np.linalg.det(corners[:, 1:] - corners[:, :1])) / math.factorial(cx.dim)
    volumes = np.bincount(cell, weights=sizes, minlength=cx.n_cells)
    # float determinants of rounded vertices: relative to the box, not to a cell of size 2^-150
    scale = float(np.prod(cx.domain.upper - cx.domain.lower))
    np.testing.assert_allclose(volumes, truth["cell_volumes"], rtol=1e-9, atol=1e-13 * scale)


def one_output(entry):
    return entry["output_dim"] == 1 and entry["float64_exact"]


@pytest.mark.truth(where=one_output)
def test_cells_crossed_by_the_decision_boundary(truth_case):
    """The cells that have two children where the output is one more neuron, and the sides of f."""
    truth, cx = truth_case.truth, truth_case.complex
    refined = cx.refine_by_output(0.0)
    names = strings(refined.patterns)
    signs = {name[:-1]: {other[-1] for other in names if other[:-1] == name[:-1]} for name in names}
    zero_vertices = [(refined.vertex_signs[v, -1] == 0).all() for v in refined.cell_vertices]
    zero = {name[:-1] for name, all_zero in zip(names, zero_vertices, strict=True) if all_zero}
    crossed = [i for i, name in enumerate(strings(cx.patterns)) if signs[name] == {"0", "1"}]
    flat = [i for i, name in enumerate(strings(cx.patterns)) if name in zero]
    f = truth["f"]
    assert crossed == f["cells_crossed"]
    assert flat == f["cells_identically_zero"]
    assert sum(s == {"1"} for s in signs.values()) == f["num_cells_nonneg"]
    assert sum(s == {"0"} for s in signs.values()) == f["num_cells_nonpos"] + len(flat)
    assert refined.n_cells == cx.n_cells + f["num_cells_crossed"]
    if "f_vector_refined_by_f" in truth:
        assert refined.f_vector.tolist() == truth["f_vector_refined_by_f"]


def one_output_on_a_box(entry):
    return one_output(entry) and has_box(entry)


@pytest.mark.truth(where=one_output_on_a_box)
def test_extreme_values(truth_case):
    truth, cx = truth_case.truth, truth_case.complex
    values, rank = cx.vertex_values
    assert values.min() == truth["f_min"]
    assert values.max() == truth["f_max"]
    order = np.argsort(rank, kind="stable")
    assert (np.diff(values[order]) >= 0).all()
    assert rank.shape == values.shape
