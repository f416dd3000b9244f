"""The face lattice: counts, incidences, sign vectors, orientations, subcomplexes."""

from __future__ import annotations

from itertools import combinations
from math import comb

import numpy as np
import pytest

import relutope as rt
import zoo
from relutope.topology.chains import triangulations
from small_networks import absolute, random_network, small_integer_network

TRIANGLE = rt.Polytope([[-1, 0], [0, -1], [1, 1]], [0, 0, 1])
WEDGE = rt.Polytope([[-1.0, 0.0], [0.0, -1.0]], [0.0, 0.0])  # the positive quadrant

COMPLEXES = {
    "line": lambda: rt.decompose(random_network([1, 6, 5, 1], 0)),
    "segment": lambda: rt.decompose(random_network([1, 6, 5, 1], 1), rt.Box(-1, 1)),
    "square": lambda: rt.decompose(random_network([2, 8, 6, 1], 0), rt.Box(-1, 1)),
    "plane": lambda: rt.decompose(random_network([2, 8, 6, 1], 1)),
    "half-plane": lambda: rt.decompose(
        random_network([2, 6, 5, 1], 1), rt.Box([0.0, -np.inf], np.inf)
    ),
    "triangle": lambda: rt.decompose(random_network([2, 7, 5, 1], 2), TRIANGLE),
    "quadrant": lambda: rt.decompose(random_network([2, 7, 5, 1], 3), WEDGE),
    "integer square": lambda: rt.decompose(small_integer_network([2, 6, 5, 1], 1), rt.Box(-2, 2)),
    "integer plane": lambda: rt.decompose(small_integer_network([2, 6, 5, 1], 2)),
    "cube": lambda: rt.decompose(random_network([3, 6, 4, 1], 0), rt.Box(-1, 1)),
    "space": lambda: rt.decompose(random_network([3, 6, 4, 1], 1)),
    "integer cube": lambda: rt.decompose(small_integer_network([3, 5, 4, 1], 3), rt.Box(-2, 2)),
    "integer space": lambda: rt.decompose(small_integer_network([3, 5, 4, 1], 4)),
    "4-cube": lambda: rt.decompose(random_network([4, 5, 3, 1], 0), rt.Box(-1, 1)),
    "4-space": lambda: rt.decompose(random_network([4, 5, 3, 1], 1)),
    "strips": lambda: rt.decompose([([[1, 1, 0], [2, 2, 0]], [0, 1]), ([[1, 1]], [0])]),
    "planes": lambda: rt.decompose([([[1, 1, 0], [0, 1, 0]], [0, 1]), ([[1, 1]], [0])]),
    "one cell": lambda: rt.decompose([([[0, 0]], [1]), ([[1]], [0])]),
    "5-cube": lambda: rt.decompose(random_network([5, 4, 1], 0), rt.Box(-1, 1)),
}


@pytest.fixture(scope="module", params=COMPLEXES)
def cx(request):
    return COMPLEXES[request.param]()


def test_numbers_of_faces_are_the_f_vector(cx):
    """The f-vector is counted by other means, without a table of faces."""
    assert [len(cx.faces(k)) for k in range(cx.dim + 1)] == cx.f_vector.tolist()
    assert len(cx.faces(cx.dim)) == cx.n_cells


KNOWN = [case for case in zoo.cases() if case.f_vector and case.n_cells <= 2000]


@pytest.mark.parametrize("case", KNOWN, ids=lambda case: case.name)
def test_numbers_of_faces_in_the_zoo(case):
    box = None if case.domain is None else rt.Box(*case.domain)
    complex = rt.decompose(case.layers, box)
    assert tuple(len(complex.faces(k)) for k in range(case.dim + 1)) == case.f_vector


@pytest.mark.truth(where=lambda entry: entry["num_cells"] <= 3000)
def test_numbers_of_faces_match_the_truth(truth_case):
    complex = truth_case.complex
    faces = [complex.faces(k) for k in range(complex.dim + 1)]
    assert [len(f) for f in faces] == truth_case.truth["f_vector"]
    if "f_vector_box_boundary" in truth_case.truth:
        sides = [int(f.on_boundary.sum()) for f in faces]
        assert sides == [*truth_case.truth["f_vector_box_boundary"], 0]


def test_boundary_of_a_boundary_is_zero(cx):
    for k in range(2, cx.dim + 1):
        product = cx.boundary_matrix(k - 1).astype(int) @ cx.boundary_matrix(k).astype(int)
        assert abs(product).sum() == 0


def test_boundary_matrices_say_what_the_facets_are(cx):
    for k in range(1, cx.dim + 1):
        matrix, faces = cx.boundary_matrix(k), cx.faces(k)
        assert matrix.dtype == np.int8
        assert matrix.shape == (cx.f_vector[k - 1], cx.f_vector[k])
        assert np.array_equal(matrix.indptr, faces.facets.indptr)
        assert np.array_equal(matrix.indices, faces.facets.indices)
        assert set(np.unique(matrix.data)) <= {-1, 1}


def test_cells_are_oriented_alike(cx):
    """Their boundaries cancel on shared facets, and do not on the domain's boundary."""
    total = cx.boundary_matrix(cx.dim).astype(int).sum(axis=1)
    assert np.array_equal(total != 0, cx.faces(cx.dim - 1).on_boundary)


def test_sign_vectors_name_faces(cx):
    """All different with the sides of the domain; a cell's agrees with its pattern."""
    cells = cx.faces(cx.dim)
    assert np.array_equal(cells.signs() > 0, cx.patterns)
    if cx.domain is None:
        signs = np.concatenate([cx.faces(k).signs() for k in range(cx.dim + 1)])
        assert len(np.unique(signs, axis=0)) == len(signs)


@pytest.mark.parametrize(
    "name", ["line", "plane", "integer plane", "space", "integer space", "4-space", "strips"]
)
def test_vertices_of_a_face_are_those_of_its_cells_that_agree_with_its_sign_vector(name):
    """On all of R^n, where the sides of the domain play no part in sign vectors."""
    cx = COMPLEXES[name]()
    for k in range(cx.dim + 1):
        faces = cx.faces(k)
        signs = faces.signs()
        for i in range(0, len(faces), max(1, len(faces) // 50)):
            for cell in faces.cells[i].tolist():
                own = cx.cell_vertices[cell]
                at = cx.vertex_signs[own]
                agree = ((at == 0) | (at == signs[i])).all(axis=1)
                assert own[agree].tolist() == faces.vertices[i].tolist()


def test_signs_of_some_faces_are_rows_of_all(cx):
    faces = cx.faces(cx.dim - 1)
    some = np.arange(0, len(faces), 3)
    assert np.array_equal(faces.signs(some), faces.signs()[some])
    assert faces.signs([]).shape == (0, cx.n_neurons)


def test_incidence_is_containment_of_vertices(cx):
    """A face of a cell lies in another iff its vertices do; here for the first faces."""
    for low, high in combinations(range(cx.dim + 1), 2):
        matrix = cx.incidence(low, high).toarray()
        a, b = cx.faces(low), cx.faces(high)
        assert matrix.shape == (len(a), len(b))
        for i in range(min(len(a), 20)):
            own = set(a.vertices[i].tolist())
            expected = [own <= set(row.tolist()) for row in b.vertices]
            assert matrix[i].tolist() == expected


def test_facets_of_cells_are_the_adjacency(cx):
    pairs = [row.tolist() for row in cx.faces(cx.dim - 1).cells if len(row) == 2]
    assert sorted(pairs) == cx.adjacency.tolist()


def test_bounded_faces(cx):
    for k in range(cx.dim + 1):
        faces = cx.faces(k)
        if cx.lineality_dim:
            assert not faces.bounded.any()
            continue
        expected = [(row < cx.n_finite_vertices).all() for row in faces.vertices]
        assert faces.bounded.tolist() == expected
    assert np.array_equal(cx.faces(cx.dim).bounded, cx.bounded)


def test_euler_characteristic_of_the_lattice(cx):
    whole = rt.region(cx, "all")
    assert whole.f_vector.tolist() == cx.f_vector.tolist()
    assert whole.euler_characteristic == cx.euler_characteristic


def test_the_lattice_triangulates_the_cells_as_the_core_does(cx):
    simplices, owner = triangulations(cx.lattice)[-1]
    expected, cell = cx.triangulation()
    rows = sorted(zip(owner.tolist(), simplices.tolist(), strict=True))
    assert rows == sorted(zip(cell.tolist(), expected.tolist(), strict=True))


def test_faces_of_a_cut_cube_are_known():
    """The n axes cut a cube into 2^n cubes: faces are products of 3 points and 2 segments."""
    for n in (1, 2, 3, 4):
        layers = [(np.eye(n), np.zeros(n)), (np.ones((1, n)), np.zeros(1))]
        complex = rt.decompose(layers, rt.Box(-1, 1))
        expected = [comb(n, k) * 2**k * 3 ** (n - k) for k in range(n + 1)]
        assert [len(complex.faces(k)) for k in range(n + 1)] == expected
        assert all((complex.faces(k).vertices.lengths == 2**k).all() for k in range(n + 1))


def test_a_face_in_the_plane_by_hand():
    """|x| + |y| on the plane: four rays from the origin."""
    complex = rt.decompose(absolute(2))
    rays = complex.faces(1)
    assert (len(rays), rays.bounded.any(), rays.on_boundary.any()) == (4, False, False)
    assert all(row[0] == 0 and row[1] >= 1 for row in rays.vertices)
    assert all(row.tolist() == [0] for row in rays.facets)
    expected = {(-1, 0, 1, 0), (1, 0, -1, 0), (0, -1, 0, 1), (0, 1, 0, -1)}
    assert {tuple(row) for row in rays.signs().tolist()} == expected


def test_faces_of_a_loaded_complex_are_the_same(tmp_path):
    complex = rt.decompose(random_network([2, 6, 5, 1], 0))
    complex.save(tmp_path / "c.npz")
    again = rt.load(tmp_path / "c.npz")
    for k in range(3):
        assert np.array_equal(complex.faces(k).vertices.indices, again.faces(k).vertices.indices)


def test_faces_do_not_depend_on_the_number_of_threads():
    layers = random_network([3, 9, 7, 1], 0)
    one, two = (rt.decompose(layers, rt.Box(-1, 1), threads=t) for t in (1, 2))
    for k in range(1, 4):
        assert (one.boundary_matrix(k) != two.boundary_matrix(k)).sum() == 0


# -- subcomplexes


def test_a_subcomplex_of_cells_has_all_their_faces(cx):
    chosen = np.arange(0, cx.n_cells, 2)
    part = cx.subcomplex(cells=chosen)
    assert part.cells.tolist() == chosen.tolist()
    for k in range(cx.dim + 1):
        of_chosen = cx.incidence(k, cx.dim)[:, chosen].sum(axis=1) > 0
        assert part.faces(k).tolist() == np.flatnonzero(of_chosen).tolist()
    mask = np.zeros(cx.n_cells, dtype=bool)
    mask[chosen] = True
    assert cx.subcomplex(cells=mask).f_vector.tolist() == part.f_vector.tolist()


def test_a_subcomplex_of_faces_is_closed(cx):
    walls = np.flatnonzero(cx.faces(cx.dim - 1).on_boundary)
    part = cx.subcomplex(faces={cx.dim - 1: walls})
    expected = [np.flatnonzero(cx.faces(k).on_boundary).tolist() for k in range(cx.dim)]
    assert [part.faces(k).tolist() for k in range(cx.dim)] == expected
    assert len(part.cells) == 0


def test_union_and_intersection(cx):
    half = cx.n_cells // 2
    a, b = cx.subcomplex(cells=range(half + 1)), cx.subcomplex(cells=range(half, cx.n_cells))
    both, either = a & b, a | b
    assert either.f_vector.tolist() == cx.f_vector.tolist()
    assert both.cells.tolist() == [half]
    for k in range(cx.dim + 1):
        assert both.faces(k).tolist() == sorted({*a.faces(k)} & {*b.faces(k)})


def test_boundary_of_a_union_of_cells_is_where_it_meets_the_rest(cx):
    chosen = np.zeros(cx.n_cells, dtype=bool)
    chosen[::2] = True
    part, rest = cx.subcomplex(cells=chosen), cx.subcomplex(cells=~chosen)
    frontier = part.boundary()
    assert frontier.f_vector.tolist() == (part & rest).f_vector.tolist()
    walls = frontier.faces(cx.dim - 1).tolist()
    separating = [k for k, (i, j) in enumerate(cx.adjacency) if chosen[i] != chosen[j]]
    assert len(walls) == len(separating)
    assert part.boundary(with_domain=True).f_vector[-2] == len(walls) + sum(
        len(cells) == 1 and chosen[cells[0]] for cells in cx.faces(cx.dim - 1).cells
    )


def test_the_boundary_of_the_whole_domain():
    square = rt.region(COMPLEXES["square"](), "all")
    assert square.boundary().f_vector.tolist() == [0, 0, 0]
    assert square.boundary(with_domain=True).betti().tolist() == [1, 1, 0]
    plane = rt.region(COMPLEXES["plane"](), "all")
    assert plane.boundary(with_domain=True).f_vector.tolist() == [0, 0, 0]


def test_choices_that_do_not_fit_are_refused():
    complex = rt.decompose(absolute(2), rt.Box(-1, 1))
    with pytest.raises(ValueError, match=r"`cells` has shape \(3,\); expected \(4,\)"):
        complex.subcomplex(cells=[True, False, True])
    with pytest.raises(ValueError, match=r"`faces\[1\]` has indices outside 0..11"):
        complex.subcomplex(faces={1: [12]})
    with pytest.raises(ValueError, match="`faces` is 3; give a dimension from 0 to 2"):
        complex.subcomplex(faces={3: [0]})
    with pytest.raises(ValueError, match=r"`cells` and `faces\[2\]` both choose cells"):
        complex.subcomplex(cells=[0], faces={2: [0]})
    with pytest.raises(ValueError, match="`cells` must be a mask"):
        complex.subcomplex(cells=[0.5])
    for call in (complex.faces, complex.boundary_matrix):
        with pytest.raises(ValueError, match="`k` is 3"):
            call(3)
    with pytest.raises(ValueError, match="`k` is 0; give a dimension from 1 to 2"):
        complex.boundary_matrix(0)
    with pytest.raises(ValueError, match="`high` is 0; give a dimension from 1 to 2"):
        complex.incidence(1, 0)
    other = rt.decompose(absolute(2), rt.Box(-2, 2))
    with pytest.raises(ValueError, match="`other` is a set of faces of another complex"):
        complex.subcomplex([0]) & other.subcomplex([0])


def test_the_core_refuses_filtrations_that_are_none():
    """Python makes none of these: the steps of a face and of what it contains must fit."""
    complex = rt.decompose(absolute(2), rt.Box(-1, 1))
    core = complex.solution.face_lattice()
    steps = [np.zeros(count, dtype=np.int32) for count in complex.f_vector]
    assert core.persistence_pairs(steps, 2, False).dimension.tolist() == [0]
    late, torn = ([step.copy() for step in steps] for _ in range(2))
    late[1][0] = 1
    torn[1][:] = -1
    for bad, prime, message in (
        (steps, 4, "`prime` is not a prime number"),
        (steps[:2], 2, "one array of steps per dimension"),
        ([steps[0], steps[1], steps[2][:1]], 2, "one step per face"),
        (late, 2, "a face enters before one in its boundary"),
        (torn, 2, "no difference of closed sets"),
    ):
        with pytest.raises(ValueError, match=message):
            core.persistence_pairs(bad, prime, False)
    with pytest.raises(ValueError, match="`infinite_side` needs an entry"):
        complex.solution.vertex_complex.face_lattice(complex.solution.cells(), [0])
    with pytest.raises(IndexError):
        core.level(3)
