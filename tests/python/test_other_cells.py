"""A network's function on other cells: the cells are what they say, the function stays."""

import numpy as np
import pytest

import relutope as rt
from relutope.lab.null_models import other_cells, shuffled_weights, untrained
from relutope.lab.tessellations import hyperplanes, lattice, voronoi

KINDS = ("own", "untrained", "shuffled", "lattice", "voronoi", "hyperplanes")
WEIGHTS = ("unit", "facet", "distance", "bend", "output", "inverse-bend", "inverse-output")


@pytest.fixture(scope="module", params=[2, 3], ids=["plane", "space"])
def network(request):
    return rt.as_network(rt.mlp([request.param, 7, 5, 1], seed=6))


@pytest.mark.parametrize("weight", WEIGHTS)
def test_own_cells_have_the_dual_graph_of_the_complex(network, weight):
    cx = rt.decompose(network, rt.Box(-1, 1))
    own = other_cells(network, rt.Box(-1, 1), "own")
    expected = rt.dual_graph(cx, weight)
    assert np.array_equal(own.graph(weight).indices, expected.indices)
    assert own.graph(weight).data == pytest.approx(expected.data, rel=1e-9)
    assert np.array_equal(own.labels, rt.cell_labels(cx))


@pytest.mark.parametrize("kind", KINDS)
def test_the_function_is_kept_whatever_the_cells(network, kind):
    cells = other_cells(network, rt.Box(-1, 1), kind, seed=2)
    values = network.forward(cells.points)[:, 0]
    i, j = cells.adjacency.T
    assert np.array_equal(cells.labels, values > 0)
    assert cells.edge_weights("output") == pytest.approx(np.abs(values[i] - values[j]))
    assert (i < j).all()
    assert (np.abs(cells.points) <= 1).all()
    assert rt.fiedler(cells.graph()).n_components == 1


def test_cells_of_networks_are_those_of_the_null_models(network):
    box = rt.Box(-1, 1)
    for kind, rival in (("untrained", untrained), ("shuffled", shuffled_weights)):
        cx = rt.decompose(rival(network, 5), box)
        assert np.array_equal(other_cells(network, box, kind, 5).adjacency, cx.adjacency)
    rival = rt.mlp([network.input_dim, 4, 1], seed=9)
    given = other_cells(network, box, "given", other=rival)
    assert np.array_equal(given.facet_measure, rt.decompose(rival, box).facet_measure)


@pytest.mark.parametrize("kind", ["lattice", "voronoi", "hyperplanes"])
def test_as_many_cells_as_the_network_has_as_nearly_as_can_be(network, kind):
    box = rt.Box(-1, 1)
    own = int(rt.count(network, box))
    cells = other_cells(network, box, kind, seed=1)
    n = network.input_dim
    slack = {"voronoi": 0, "lattice": (own ** (1 / n) + 1) ** n - own, "hyperplanes": own / 3}
    assert abs(cells.n_cells - own) <= slack[kind]
    assert abs(other_cells(network, box, kind, 1, n_cells=40).n_cells - 40) <= 24


def test_a_lattice_of_a_box_in_space():
    """2 x 3 x 4 unit cubes: facets of area 1 between 1*3*4 + 2*2*4 + 2*3*3 pairs."""
    cells = lattice(rt.Box([0, 0, 0], [2, 3, 4]), 24)
    assert len(cells.points) == 24
    assert len(cells.adjacency) == 12 + 16 + 18
    assert (cells.facet_measure == 1).all()
    gaps = np.abs(cells.points[cells.adjacency[:, 0]] - cells.points[cells.adjacency[:, 1]])
    assert (gaps.sum(axis=1) == 1).all()


def test_two_voronoi_cells_share_the_bisector():
    cells = voronoi(rt.Box(0, 1, dim=2), 2, seed=4)
    (a, b), middle = cells.points, cells.points.mean(axis=0)
    along = np.array([-(b - a)[1], (b - a)[0]])
    along /= np.linalg.norm(along)
    # How far from the middle one can go along the bisector before the square ends.
    with np.errstate(divide="ignore"):
        ends = [
            min(
                x
                for x in np.concatenate([-middle / (s * along), (1 - middle) / (s * along)])
                if x > 0
            )
            for s in (1, -1)
        ]
    assert cells.adjacency.tolist() == [[0, 1]]
    assert cells.facet_measure[0] == pytest.approx(sum(ends))


def test_voronoi_cells_are_adjacent_where_a_fine_grid_sees_both():
    """Neighbouring points of a grid lie in one cell or in two that touch, or nearly touch."""
    cells = voronoi(rt.Box(-1, 1, dim=2), 12, seed=0)
    axis = np.linspace(-1, 1, 801)
    grid = np.stack(np.meshgrid(axis, axis, indexing="ij"), axis=-1)
    owner = ((grid[..., None, :] - cells.points) ** 2).sum(axis=-1).argmin(axis=-1)
    seen = {}
    for a, b in ((owner[1:], owner[:-1]), (owner[:, 1:], owner[:, :-1])):
        for pair in map(tuple, np.sort(np.stack([a[a != b], b[a != b]], axis=1), axis=1).tolist()):
            seen[pair] = seen.get(pair, 0) + 1
    listed = dict(zip(map(tuple, cells.adjacency.tolist()), cells.facet_measure, strict=True))
    assert {pair for pair, times in seen.items() if times > 2} <= set(listed)
    assert {pair for pair, length in listed.items() if length > 0.01} <= set(seen)


def test_areas_of_voronoi_facets_in_space_bound_the_volumes():
    """Volume of a cell = sum over its facets of area times distance / 3; the sides are the rest."""
    box = rt.Box(0, 1, dim=3)
    cells = voronoi(box, 30, seed=2)
    i, j = cells.adjacency.T
    heights = np.linalg.norm(cells.points[i] - cells.points[j], axis=1) / 2
    inner = 2 * (cells.facet_measure * heights).sum() / 3
    # What is left are pyramids over the sides of the cube: between nothing and all of it.
    assert 0 < inner < 1
    owner = np.random.default_rng(0).random((200_000, 3))
    nearest = ((owner[:, None, :] - cells.points) ** 2).sum(axis=-1).argmin(axis=1)
    # On a side x_k = s the pyramid over a small area dA has volume dA * distance / 3.
    sides = 0.0
    for axis in range(3):
        for side in (0.0, 1.0):
            on = np.delete(owner, axis, axis=1)
            on = np.insert(on, axis, side, axis=1)
            at = ((on[:20_000, None, :] - cells.points) ** 2).sum(axis=-1).argmin(axis=1)
            sides += np.abs(cells.points[at, axis] - side).mean() / 3
    assert inner + sides == pytest.approx(1.0, abs=0.01)
    assert len(np.unique(nearest)) == 30


def test_random_hyperplanes_have_no_direction():
    found = [hyperplanes(rt.Box(-1, 1, dim=2), 60, seed) for seed in range(6)]
    sizes = [len(cells.points) for cells in found]
    assert all(50 <= size <= 70 for size in sizes)
    degrees = [2 * len(cells.adjacency) / len(cells.points) for cells in found]
    assert all(3 < degree < 4 for degree in degrees)


@pytest.mark.parametrize("kind", ["untrained", "shuffled", "voronoi", "hyperplanes"])
def test_a_seed_fixes_the_cells(network, kind):
    box = rt.Box(-1, 1)
    first, again, other = (other_cells(network, box, kind, seed) for seed in (3, 3, 4))
    assert np.array_equal(first.points, again.points)
    assert not np.array_equal(first.points, other.points)


def test_what_has_no_meaning_is_refused(network):
    box = rt.Box(-1, 1)
    cells = other_cells(network, box, "lattice")
    for weight in ("hamming", "inverse-hamming"):
        with pytest.raises(ValueError, match="`weight`: got Hamming distances"):
            cells.graph(weight)
    with pytest.raises(ValueError, match="weight"):
        cells.graph("length")
    with pytest.raises(ValueError, match="`other`: the kind 'given' needs"):
        other_cells(network, box, "given")
    with pytest.raises(ValueError, match="`other`: the kind 'lattice' takes no"):
        other_cells(network, box, "lattice", other=network)
    with pytest.raises(ValueError, match="kind"):
        other_cells(network, box, "hexagons")
    with pytest.raises(ValueError, match=r"`domain`: got .*finite bounds"):
        other_cells(network, rt.Box(-1, np.inf), "lattice")
    with pytest.raises(ValueError, match="`n_cells`"):
        other_cells(network, box, "voronoi", n_cells=0)
    two = rt.mlp([network.input_dim, 4, 2], seed=0)
    with pytest.raises(ValueError, match="2 outputs, labels need one"):
        _ = other_cells(two, box, "own").labels
