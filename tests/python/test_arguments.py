"""Numbers that many functions take mean the same everywhere: seeds, counts, numbers of cells."""

from __future__ import annotations

import numpy as np
import pytest

import relutope as rt
from relutope.verification.verify_exploration import verify_exploration

NET = [([[1.0, 0.0], [0.0, 1.0], [1.0, 1.0]], [0.0, 0.0, -0.5]), ([[1.0, -1.0, 0.3]], [0.1])]
BOX = rt.Box(-2, 2)
CX = rt.decompose(NET, BOX)
FOUND = rt.explore(NET, [0.3, 0.2], max_cells=4)


def _torch(make):
    def call(value):
        pytest.importorskip("torch", reason="torch is not installed")
        return make(value)

    return call


def _drawn(value):
    from relutope.lab import datasets, null_models

    data = datasets.load("moons", n=6, seed=value)
    null_models.random_labels(data.y, seed=value)
    null_models.shuffled_weights(rt.Network(NET), seed=value)
    return null_models.untrained(rt.Network(NET), seed=value)


SEEDED = {
    "estimate_count": lambda seed: rt.estimate_count(NET, BOX, samples=16, seed=seed),
    "verify": lambda seed: rt.verify(CX, [0], method="certificates", seed=seed),
    "verify_exploration": lambda seed: verify_exploration(FOUND, [0], seed=seed),
    "spectral_clustering": lambda seed: rt.spectral_clustering(CX, 2, seed=seed),
    "fiedler": lambda seed: rt.fiedler(CX, seed=seed),
    "cheeger": lambda seed: rt.cheeger(CX, seed=seed),
    "spectrum": lambda seed: rt.spectrum(CX, 2, seed=seed),
    "persistence": lambda seed: rt.persistence(CX, "random", seed=seed),
    "persistence of values": lambda seed: rt.persistence(CX, "sublevel", seed=seed),
    "sample": lambda seed: rt.sample(CX, 3, seed=seed),
    "cut_distance": lambda seed: rt.cut_distance(
        CX, np.arange(CX.n_cells) < 2, samples=10, seed=seed
    ),
    "mlp": _torch(lambda seed: rt.mlp([2, 3, 1], seed=seed)),
    "lab": _drawn,
}


@pytest.mark.parametrize("name", SEEDED)
def test_seeds_are_integers_that_every_generator_takes(name):
    call = SEEDED[name]
    for seed in (0, 7, np.int64(7), np.uint8(7), 2**64 - 1):
        call(seed)
    for seed in (True, np.True_, 1.0, np.float64(2), "2", None, [1, 2]):
        with pytest.raises(TypeError, match=r"^`seed` must be an integer, got "):
            call(seed)
    for seed, message in [(-1, "at least 0"), (2**64, "at most")]:
        with pytest.raises(ValueError, match=f"^`seed` must be {message}"):
            call(seed)


CELLS = {
    "cell": (CX.cell, CX.n_cells),
    "neighbours": (CX.neighbours, CX.n_cells),
    "affine_map": (CX.affine_map, CX.n_cells),
    "exact_interior_point": (CX.exact_interior_point, CX.n_cells),
    "explored cell": (FOUND.cell, FOUND.n_cells),
    "explored neighbours": (FOUND.neighbours, FOUND.n_cells),
    "facets": (FOUND.facets, FOUND.n_cells),
    "facet_neighbours": (FOUND.facet_neighbours, FOUND.n_cells),
    "neighbour_patterns": (FOUND.neighbour_patterns, FOUND.n_cells),
    "facet_distances": (FOUND.facet_distances, FOUND.n_cells),
}


@pytest.mark.parametrize("name", CELLS)
def test_cells_are_numbers_from_either_end(name):
    ask, count = CELLS[name]
    for i in (0, count - 1, -1, np.int32(1), np.array(2)):
        ask(i)
    for i in (True, np.False_, 1.0, "1", None):
        with pytest.raises(TypeError, match=r"^`i` must be an integer, got "):
            ask(i)
    for i in (count, -count - 1, 2**70):
        with pytest.raises(IndexError, match=f"^`i` is {i}, but there are {count} cells$"):
            ask(i)


@pytest.mark.parametrize("cells", [CX, FOUND], ids=["complex", "exploration"])
def test_sequences_take_numbers_and_patterns(cells):
    assert cells[np.int64(1)].index == cells[1].index == cells[cells.patterns[1]].index == 1
    for which in (True, 1.5, "1", None):
        with pytest.raises(TypeError, match=r"^`i` must be an integer"):
            cells[which]
    with pytest.raises(KeyError, match="a pattern has shape"):
        cells[[True]]


def test_neighbours_of_a_local_search_are_those_of_the_complex():
    """Sorted, only cells that are known; `facet_neighbours` goes by facets, -1 where none is."""
    found = rt.explore(NET, [0.3, 0.2], domain=BOX, max_cells=100)
    assert found.complete
    number = {row.tobytes(): i for i, row in enumerate(CX.patterns)}
    names = np.array([number[row.tobytes()] for row in found.patterns])
    for i in range(found.n_cells):
        beside = found.neighbours(i)
        assert (np.diff(beside) > 0).all()
        assert sorted(names[beside]) == CX.neighbours(names[i]).tolist()
        beyond = found.facet_neighbours(i)
        assert len(beyond) == len(found.facets(i))
        assert sorted(beyond[beyond >= 0]) == beside.tolist()
    few = rt.explore(NET, [0.3, 0.2], domain=BOX, max_cells=2)
    assert few.neighbours(0).tolist() == [1]
    assert -1 in few.facet_neighbours(0)


@pytest.mark.parametrize("value", [True, np.False_, 1.5, "1", None])
def test_dimensions_are_integers(value):
    with pytest.raises((TypeError, ValueError), match=r"`(k|field)`"):
        CX.faces(value)


@pytest.mark.parametrize("value", [True, np.True_, "2"])
def test_seconds_are_numbers(value):
    for call in (rt.decompose, rt.count):
        with pytest.raises(TypeError, match=r"^`max_seconds` must be a number"):
            call(NET, BOX, max_seconds=value)
    with pytest.raises(TypeError, match=r"^`max_seconds` must be a number"):
        rt.verify(CX, max_seconds=value)
