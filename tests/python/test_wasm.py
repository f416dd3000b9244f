"""The WebAssembly core under node says what the package says: bytes of cells, homology, places."""

from __future__ import annotations

import hashlib
import math
from itertools import islice, pairwise

import numpy as np
import pytest

import relutope as rt
from fuzz import samples
from relutope.errors import InvalidDomainError
from wasm_engine import Engine, domain_json, floats, network_json

MOST_CELLS = 4000


@pytest.fixture(scope="module")
def engine():
    running = Engine()
    yield running
    held = running("state")["held"]
    running.close()
    assert held == 0, "complexes were not given back"


def problem(cx):
    return {
        "network": network_json(cx.network),
        "domain": domain_json(cx.domain, cx.dim),
    }


def assert_same_cells(found, cx):
    assert found["n_cells"] == cx.n_cells
    assert bytes.fromhex(found["patterns"]) == cx.patterns.astype(np.uint8).tobytes()
    assert found["adjacency"] == cx.adjacency.ravel().tolist()
    assert found["zeros"] == [zeros.tolist() for zeros in cx.facet_neurons]
    assert found["bounded"] == cx.bounded.astype(int).tolist()
    assert found["lineality"] == cx.lineality_dim
    assert found["f_vector"] == cx.f_vector.tolist()


def can_be_held(entry):
    return entry["float64_exact"]


@pytest.mark.truth(where=can_be_held)
def test_truth(engine, truth_case):
    truth, cx = truth_case.truth, truth_case.complex
    one = cx.network.output_dim == 1
    names = ("ge0", "superlevel"), ("le0", "sublevel"), ("eq0", "level")
    known = [pair for pair in names if one and pair[0] in truth.get("betti", {})]
    want = ["f_vector", *(["betti"] if known else [])]
    want += ["persistence"] if one and "persistence" in truth else []
    found = engine(
        "complex",
        **problem(cx),
        want=want,
        betti=[{"of": of} for _, of in known],
        maxCells=1_000_000,
    )
    assert found["f_vector"] == truth["f_vector"]
    bits = np.frombuffer(bytes.fromhex(found["patterns"]), dtype=np.uint8)
    lines = ["".join(map(str, row)) for row in bits.reshape(found["n_cells"], -1).tolist()]
    assert hashlib.sha256("\n".join(lines).encode()).hexdigest() == truth["patterns_sha256"]
    pairs = np.array(found["adjacency"]).reshape(-1, 2).tolist()
    joined = "\n".join(f"{lines[i]} {lines[j]}" for i, j in pairs)
    assert hashlib.sha256(joined.encode()).hexdigest() == truth["adjacency_sha256"]
    if known:
        assert found["betti"] == [truth["betti"][name] for name, _ in known]
    if "persistence" in want:
        expected = [
            [d, birth, math.inf if death is None else death]
            for d, birth, death in truth["persistence"]
        ]
        assert [[d, *floats(pair)] for d, *pair in found["persistence"]] == expected


@pytest.mark.parametrize("seed", range(6))
def test_random_and_degenerate_networks(engine, seed):
    """Fifty each: repeated, opposite, zero and dead rows, polyhedra, linear units, all sizes."""
    held = 0
    for case in islice(samples(100 + seed), 50):
        network = rt.Network(case.arrays(), case.linear_units or None)
        question = {
            "network": network_json(network),
            "domain": domain_json(case.domain(), network.input_dim),
        }
        try:
            cx = case.complex()
        except InvalidDomainError:
            assert engine.ask("complex", **question)["error"] == "empty", case.literal()
            continue
        points = random_points(cx, seed)
        found = engine(
            "complex",
            **question,
            want=["f_vector", "signs", "values", "betti", "persistence", "locate", "vertices"],
            betti=[{"of": of, "compactify": c} for of in ("superlevel", "level") for c in (0, 1)],
            points=points.tolist(),
        )
        assert_same_cells(found, cx)
        assert found["signs"] == cx.vertex_signs.ravel().tolist()
        assert found["locate"] == cx.locate(points).tolist()
        np.testing.assert_array_equal(floats(found["values"]["values"]), cx.vertex_values[0])
        assert found["values"]["ranks"] == cx.vertex_values[1].tolist()
        expected = [
            rt.betti(cx, of, compactify=c).tolist()
            for of in ("superlevel", "level")
            for c in (False, True)
        ]
        assert found["betti"] == expected
        pairs = [(d, tuple(floats(pair))) for d, *pair in found["persistence"]]
        assert pairs == rt.persistence(cx)
        held += 1
    assert held > 25


def random_points(cx, seed):
    """Also vertices, on which many cells meet."""
    rng = np.random.default_rng(seed)
    points = rng.uniform(-3, 3, (20, cx.dim))
    vertices = cx.vertices[np.isfinite(cx.vertices).all(axis=1)][:20]
    return np.concatenate([points, np.round(points), vertices, np.zeros((1, cx.dim))])


def small(widths, seed):
    rng = np.random.default_rng(seed)
    return rt.Network.from_arrays(
        [(rng.standard_normal((m, n)), rng.standard_normal(m)) for n, m in pairwise(widths)]
    )


def test_outputs_that_change_where_no_cell_does(engine):
    """f(x, y) = x through linear units: no cell is cut, and f >= 0 is a half-plane."""
    network = rt.Network([([[1.0, 0.0]], [0.0]), ([[1.0]], [0.0])], [1])
    question = {"network": network_json(network), "domain": None}
    betti = [{"of": "superlevel"}, {"of": "level"}, {"of": "level", "compactify": True}]
    found = engine("complex", **question, want=["betti", "persistence"], betti=betti)
    assert found["betti"] == [[1, 0, 0], [1, 0, 0], [1, 1, 0]]
    assert found["persistence"] == [[0, "-Infinity", "Infinity"]]
    cx = rt.decompose(network)
    assert rt.betti(cx, "superlevel").tolist() == [1, 0, 0]
    assert rt.betti(cx, "level").tolist() == [1, 0, 0]
    assert list(map(tuple, rt.persistence(cx))) == [(0, (-math.inf, math.inf))]


@pytest.mark.parametrize("outputs", ["sign", "argmax"])
@pytest.mark.parametrize("domain", [rt.Box(-2, 2), None], ids=["box", "everywhere"])
def test_decisions(engine, outputs, domain):
    network = small([2, 7, 5, 1 if outputs == "sign" else 4], 3)
    cx = rt.decompose(network, domain, outputs=outputs)
    regions = rt.decision_regions(cx)
    question = {"network": network_json(network), "domain": domain_json(domain, 2)}
    several = outputs == "argmax"
    betti = [{"of": "class", "label": k} for k in range(4)] if several else []
    betti += [{"of": "class boundary", "label": None}] if several else []
    found = engine(
        "complex", **question, outputs=outputs, want=["f_vector", "decisions", "betti"], betti=betti
    )
    assert_same_cells(found, cx)
    assert found["decisions"]["labels"] == regions.labels.tolist()
    assert found["decisions"]["regions"] == regions.region.tolist()
    expected = [rt.betti(cx, "class", label=k).tolist() for k in range(4)] if several else []
    expected += [rt.betti(cx, "class boundary").tolist()] if several else []
    assert found["betti"] == expected


@pytest.mark.parametrize("dim", [1, 2, 3])
def test_outlines_go_round(engine, dim):
    """Corners of cells, or of facets in space, each once; the polygons fill the box once."""
    cx = rt.decompose(small([dim, 9, 6, 1], dim), rt.Box(-1, 2))
    found = engine("complex", **problem(cx), want=["outlines", "f_vector", "vertices"])["outlines"]
    begin, corners = found["begin"], found["corners"]
    rows = [corners[a:b] for a, b in pairwise(begin)]
    assert all(row[0] == min(row) or dim == 1 for row in rows)
    if dim == 3:
        cells = np.repeat(np.arange(cx.n_cells), np.diff(found["begin_of_cell"]))
        assert len(rows) == cx.f_vector[2]
        shared = {tuple(sorted(vertices.tolist())) for vertices in cx.faces(2).vertices}
        assert {tuple(sorted(row)) for row in rows} == shared
        edges = {tuple(sorted(pair.tolist())) for pair in cx.faces(1).vertices}
        sides = {
            tuple(sorted(p)) for row in rows for p in zip(row, [*row[1:], row[0]], strict=True)
        }
        assert sides == edges
        assert len(cells[found["facet"]]) == len(rows)
        return
    assert [sorted(row) for row in rows] == [vertices.tolist() for vertices in cx.cell_vertices]
    at = cx.vertices
    if dim == 1:
        assert all(at[a, 0] < at[b, 0] for a, b in rows)
        return
    areas = [
        sum(at[p, 0] * at[q, 1] - at[q, 0] * at[p, 1] for p, q in pairwise([*row, row[0]]))
        for row in rows
    ]
    np.testing.assert_allclose(np.array(areas) / 2, cx.cell_volumes, rtol=1e-9, atol=1e-12)


def test_outlines_of_cells_smaller_than_the_distance_of_doubles(engine):
    """Lines through (1/3, 1/3) but for 2^-70: corners coincide once rounded."""
    shift = 2.0**-70
    W = [[3.0, 0.0], [0.0, 3.0], [3.0, 3.0]]
    network = rt.Network.from_arrays(
        [
            (W, [-1.0, -1.0, -2.0]),
            ([[1.0, 0, 0], [0, 1.0, 0], [0, 0, 1.0], [1, 1, -1]], [0.0, 0.0, 0.0, shift]),
            ([[1.0] * 4], [0.0]),
        ]
    )
    cx = rt.decompose(network, rt.Box(0, 1))
    found = engine("complex", **problem(cx), want=["outlines", "f_vector"])
    assert_same_cells(found, cx)
    begin, corners = found["outlines"]["begin"], found["outlines"]["corners"]
    directed = {
        pair
        for a, b in pairwise(begin)
        for pair in zip(corners[a:b], [*corners[a + 1 : b], corners[a]], strict=True)
    }
    assert len(directed) == len(corners), "two cells run along a facet in the same direction"
    shared = [pair for pair in directed if pair[::-1] in directed]
    assert len(shared) == 2 * cx.n_edges


def test_affine_maps_and_weights(engine):
    cx = rt.decompose(small([2, 8, 6, 2], 5), rt.Box(-2, 2))
    names = ["unit", "facet", "distance", "bend", "hamming", "output", "inverse-bend"]
    found = engine("complex", **problem(cx), want=["f_vector", "maps", "weights"], weights=names)
    A, c = cx.affine_maps()
    maps = np.array(found["maps"]).reshape(cx.n_cells, 2, 3)
    np.testing.assert_allclose(maps[:, :, :2], A, rtol=1e-11, atol=1e-12)
    np.testing.assert_allclose(maps[:, :, 2], c, rtol=1e-11, atol=1e-12)
    first, second = cx.adjacency.T
    for name, values in zip(names, found["weights"], strict=True):
        plain = name.removeprefix("inverse-")
        expected = np.asarray(rt.dual_graph(cx, weight=plain)[first, second]).ravel()
        if name != plain:
            middle = np.median(expected[expected > 0])
            expected = middle / (middle + expected)
        np.testing.assert_allclose(values, expected, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("normalized", [False, True])
@pytest.mark.parametrize("widths", [[2, 4, 1], [2, 12, 1], [2, 16, 16, 1], [3, 12, 8, 1]], ids=str)
def test_fiedler(engine, widths, normalized):
    cx = rt.decompose(small(widths, 7), rt.Box(-1, 1))
    graph = rt.dual_graph(cx, weight="unit")
    expected = rt.fiedler(cx, normalized=normalized)
    question = {
        "nodes": cx.n_cells,
        "ends": cx.adjacency.ravel().tolist(),
        "weights": [1.0] * cx.n_edges,
        "normalized": normalized,
    }
    found = engine("fiedler", **question)
    assert found["value"] == pytest.approx(expected.value, rel=1e-10)
    assert found["multiplicity"] == expected.multiplicity
    if expected.multiplicity == 1:
        np.testing.assert_allclose(found["vector"], expected.vector, atol=1e-6)
        certain = np.abs(expected.vector) > 1e-5
        np.testing.assert_array_equal(
            np.array(found["partition"])[certain], expected.partition[certain]
        )
    k = min(8, cx.n_cells)
    values = engine("spectrum", **question, count=k)
    np.testing.assert_allclose(
        values, rt.spectrum(graph, k, normalized=normalized).values, rtol=1e-9, atol=1e-11
    )


def test_spectra_of_known_graphs(engine):
    """A path, a cycle (every value twice), two components, and a thread of weight 1e-30."""
    n = 60
    path = {"nodes": n, "ends": [v for k in range(n - 1) for v in (k, k + 1)]}
    values = engine("spectrum", **path, weights=[1.0] * (n - 1), count=12)
    np.testing.assert_allclose(
        values, 2 - 2 * np.cos(np.pi * np.arange(12) / n), rtol=1e-10, atol=1e-14
    )
    cycle = {"nodes": n, "ends": [*path["ends"], n - 1, 0], "weights": [1.0] * n}
    assert engine("fiedler", **cycle)["multiplicity"] == 2
    pair = {"nodes": 5, "ends": [0, 1, 1, 2, 3, 4], "weights": [1.0, 1.0, 5.0]}
    assert engine("fiedler", **pair)["partition"] == [1, 1, 1, 0, 0]
    np.testing.assert_allclose(engine("spectrum", **pair, count=5), [0, 0, 1, 3, 10], atol=1e-12)
    thread = {"nodes": 4, "ends": [0, 1, 1, 2, 2, 3], "weights": [1.0, 1e-30, 1.0]}
    assert engine("fiedler", **thread)["value"] == pytest.approx(1e-30, rel=1e-6)


def test_slices(engine):
    network = small([6, 10, 8, 1], 11)
    rng = np.random.default_rng(0)
    points = rng.standard_normal((3, 6))
    cut = rt.slice(network, points)
    request = {"network": network_json(network), "want": ["patterns", "f_vector"]}
    found = engine("picture", request={**request, "slice": {"points": points.tolist()}})
    assert found["header"]["n_cells"] == cut.complex.n_cells
    assert found["header"]["f_vector"] == cut.complex.f_vector.tolist()
    assert found["arrays"]["patterns"] == cut.complex.patterns.astype(int).ravel().tolist()
    origin, basis = points[0], points[1:]
    plane = rt.slice(network, embedding=(origin, basis), domain=rt.Box(-1, 1))
    through = {"origin": origin.tolist(), "basis": basis.tolist()}
    box = {"lower": [-1, -1], "upper": [1, 1]}
    found = engine("picture", request={**request, "slice": through, "domain": box})
    assert found["arrays"]["patterns"] == plane.complex.patterns.astype(int).ravel().tolist()
    everywhere = rt.slice(network, embedding=(origin, basis))
    found = engine("picture", request={**request, "slice": through})
    assert found["arrays"]["patterns"] == everywhere.complex.patterns.astype(int).ravel().tolist()


def test_the_json_of_neural_network_elements(engine):
    layers = small([2, 5, 3, 1], 2).layers
    saved = {
        "architecture": [2, 5, 3, 1],
        "weights": [W.tolist() for W, _ in layers],
        "biases": [b[:, None].tolist() for _, b in layers],
        "data": [],
    }
    cx = rt.decompose(rt.Network(layers), rt.Box(-1, 1))
    found = engine(
        "complex", network=saved, domain={"lower": [-1, -1], "upper": [1, 1]}, want=["f_vector"]
    )
    assert_same_cells(found, cx)


GOOD = {"layers": [[[[1, 0], [0, 1]], [0, 0]], [[[1, 1]], [0]]]}


@pytest.mark.parametrize(
    ("change", "kind", "words"),
    [
        ({"network": {}}, "InputError", "layers"),
        ({"network": {"layers": [GOOD["layers"][0]]}}, "InputError", "output layer"),
        ({"network": {"layers": [[[["x"]], [0]], [[[1]], [0]]]}}, "InputError", "finite"),
        ({"network": {"layers": [[[[1], [1, 2]], [0, 0]], [[[1, 1]], [0]]]}}, "InputError", "rows"),
        ({"network": {"layers": [*GOOD["layers"], [[[1, 2]], [0]]]}}, "InputError", "outputs"),
        ({"domain": {"lower": [0], "upper": [1]}}, "InputError", "inputs"),
        ({"domain": {"lower": [1, 1], "upper": [0, 0]}}, "input", "empty"),
        ({"outputs": "argmax"}, "InputError", "sign"),
        ({"maxCells": 3}, "cells", "more cells"),
        ({"maxCells": 0}, "input", "maxCells"),
        ({"want": ["betti"], "betti": [{"of": "all", "field": 4}]}, "input", "prime"),
        ({"want": ["betti"], "betti": [{"of": "level", "level": None}]}, "InputError", "level"),
        ({"want": ["betti"], "betti": [{"of": "beyond"}]}, "InputError", "beyond"),
        ({"want": ["locate"], "points": [[1.0]]}, "input", "coordinates"),
    ],
)
def test_bad_input_is_refused_in_words(engine, change, kind, words):
    box = {"lower": [-1, -1], "upper": [1, 1]}
    found = engine.ask("complex", **{"network": GOOD, "domain": box, **change})
    assert found["error"] == kind
    assert words in found["message"]
    assert engine("complex", network=GOOD, domain=box)["n_cells"] == 4, "the engine goes on"


def test_a_call_can_be_stopped_from_within(engine):
    network = small([2, 12, 12, 1], 0)
    question = {"network": network_json(network), "domain": {"lower": [-3, -3], "upper": [3, 3]}}
    found = engine.ask("stopped", **question, want=["f_vector"], polls=0)
    assert found["error"] == "stopped"
    assert "f_vector" in engine("complex", **question, want=["f_vector"])


def test_many_neurons_in_a_row_do_not_exhaust_the_stack(engine):
    """As many breaks on a line are as deep as the search goes; one neuron more is refused."""
    most = 512
    for count in (most, most + 1):
        W = [[1.0]] * count
        layers = [[W, [-float(k) for k in range(count)]], [[[1.0] * count], [0.0]]]
        domain = {"lower": [-1], "upper": [float(count)]}
        question = {"network": {"layers": layers}, "domain": domain, "want": ["f_vector"]}
        found = engine.ask("complex", **question)
        if count == most:
            assert found["answer"]["f_vector"] == [most + 2, most + 1]
        else:
            assert found["error"] == "input"


def test_memory_is_used_again(engine):
    network = network_json(small([2, 24, 24, 1], 0))
    box = {"lower": [-2, -2], "upper": [2, 2]}
    question = {"network": network, "domain": box, "want": ["f_vector", "outlines", "betti"]}
    sizes = []
    for _ in range(12):
        engine("complex", **question, betti=[{"of": "level"}])
        sizes.append(engine("state")["memory"])
    assert sizes[-1] == sizes[3]


def test_beyond_the_ceiling_of_memory_is_refused_and_the_engine_goes_on(engine):
    """A request of 1.6 GB, which the ceiling of 1 GiB cannot hold."""
    found = engine.ask("reserve", doubles=200_000_000)
    assert found["error"] == "memory"
    assert "memory" in found["message"]
    box = {"lower": [-1, -1], "upper": [1, 1]}
    assert engine("complex", network=GOOD, domain=box)["n_cells"] == 4
    assert engine("state")["memory"] <= 2**30


@pytest.mark.parametrize(
    ("loss", "outputs"), [("binary", 1), ("squares", 1), ("classes", 3)], ids=str
)
def test_gradients_and_steps_are_those_of_torch(engine, loss, outputs):
    torch = pytest.importorskip("torch")
    network = small([2, 6, 5, outputs], 4)
    rng = np.random.default_rng(1)
    X = rng.standard_normal((30, 2))
    y = rng.integers(0, max(outputs, 2), 30)
    parameters = [
        torch.tensor(np.array(part), dtype=torch.float64, requires_grad=True)
        for layer in network.layers
        for part in layer
    ]

    def lossy():
        h = torch.tensor(X)
        for k in range(0, len(parameters), 2):
            h = h @ parameters[k].T + parameters[k + 1]
            h = torch.relu(h) if k + 2 < len(parameters) else h
        target = torch.tensor(y)
        if loss == "classes":
            return torch.nn.functional.cross_entropy(h, target)
        if loss == "squares":
            return torch.nn.functional.mse_loss(h[:, 0], target.double())
        return torch.nn.functional.binary_cross_entropy_with_logits(h[:, 0], target.double())

    base = {"network": network_json(network), "X": X.tolist(), "y": y.tolist(), "loss": loss}
    value = lossy()
    value.backward()
    found = engine("gradient", **base)
    assert found["loss"] == pytest.approx(value.item(), rel=1e-12)
    for k, row in enumerate(found["gradient"]):
        expected = torch.cat([parameters[2 * k].grad.ravel(), parameters[2 * k + 1].grad])
        np.testing.assert_allclose(row, expected.numpy(), rtol=1e-9, atol=1e-12)
    start = [p.detach().clone() for p in parameters]
    for kind, options, make in (
        (
            "sgd",
            {"rate": 0.1, "momentum": 0.9, "decay": 0.01},
            lambda ps: torch.optim.SGD(ps, lr=0.1, momentum=0.9, weight_decay=0.01),
        ),
        (
            "adamw",
            {"rate": 0.02, "decay": 0.1},
            lambda ps: torch.optim.AdamW(ps, lr=0.02, weight_decay=0.1),
        ),
    ):
        with torch.no_grad():
            for p, s in zip(parameters, start, strict=True):
                p.copy_(s)
        optimizer = make(parameters)
        for _ in range(5):
            optimizer.zero_grad()
            lossy().backward()
            optimizer.step()
        request = {**base, "optimizer": {"kind": kind, **options}}
        halves = engine("train", request={**request, "steps": 2})
        rest = {"network": halves["network"], "state": halves["state"], "steps": 3}
        trained = engine("train", request={**request, **rest})["network"]["layers"]
        for k, layer in enumerate(trained):
            np.testing.assert_allclose(
                layer["W"], parameters[2 * k].detach(), rtol=1e-9, atol=1e-12
            )
            np.testing.assert_allclose(layer["b"], parameters[2 * k + 1].detach(), rtol=1e-9)
