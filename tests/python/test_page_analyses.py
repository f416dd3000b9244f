"""The page's longer questions and its files: the same as the package's own functions."""

from __future__ import annotations

import base64
import io
import json

import numpy as np
import pytest

import relutope as rt
from relutope.page.commands import answer
from relutope.page.problems import RequestError, network_json
from relutope.plotting.viewer import decode_frame
from relutope.topology import random_betti_curves
from test_wasm import small

NETWORKS = [small([2, 6, 4, 1], seed) for seed in (1, 2, 3)]
IDS = ["first", "second", "third"]
BOX = {"lower": [-1, -1], "upper": [1, 1]}


def question(network, **more):
    return {"network": network_json(network), "domain": BOX, "outputs": "sign"} | more


@pytest.mark.parametrize("network", NETWORKS, ids=IDS)
def test_clusters_and_nodal_domains(network):
    cx = rt.decompose(network, rt.Box(-1, 1), outputs="sign")
    request = question(network, want=["clusters", "nodal"], parts=5, mode=4, weight="facet")
    header, arrays = decode_frame(answer("complex", request))
    found = rt.spectral_clustering(cx, 5, "facet")
    np.testing.assert_array_equal(arrays["clusters"], found.labels)
    assert header["clusters"]["sizes"] == found.sizes.tolist()
    assert header["clusters"]["normalized_cut"] == found.normalized_cut
    spectrum = rt.spectrum(cx, 4, "facet")
    domains = rt.nodal_domains(cx, spectrum.vectors[:, 3], "facet")
    np.testing.assert_array_equal(arrays["nodal"], domains.strong)
    assert header["nodal"]["n_strong"] == domains.n_strong
    assert header["nodal"]["value"] == spectrum.values[3]


def test_as_many_clusters_as_there_are_cells_at_most():
    network = small([2, 1, 1], 0)
    header, arrays = decode_frame(answer("complex", question(network, want=["clusters"], parts=9)))
    assert header["clusters"]["sizes"] == [1] * header["n_cells"]
    assert sorted(arrays["clusters"].tolist()) == list(range(header["n_cells"]))


@pytest.mark.parametrize("network", NETWORKS, ids=IDS)
def test_curves_of_cells_in_random_order(network):
    cx = rt.decompose(network, rt.Box(-1, 1))
    found = answer("curves", question(network, draws=5, seed=3))
    mine = random_betti_curves(cx, 5, seed=3)
    assert found["n_cells"] == cx.n_cells
    for name in ("grid", "mean", "low", "high"):
        np.testing.assert_array_equal(found[name], getattr(mine, name))


@pytest.mark.parametrize("network", NETWORKS, ids=IDS)
def test_null_models(network):
    found = answer("nulls", question(network, draws=3, weight="inverse-bend"))

    def accuracy(one):
        cx = rt.decompose(one, rt.Box(-1, 1), outputs="sign")
        labels = rt.cell_labels(cx)
        if labels.all() or not labels.any():
            return None
        cut = rt.fiedler(cx, "inverse-bend")
        return rt.agreement(cut.partition, labels, cx.adjacency).accuracy

    assert found["own"] == accuracy(network)
    assert found["shuffled weights"] == [
        accuracy(rt.shuffled_weights(network, k)) for k in range(3)
    ]
    assert found["untrained"] == [accuracy(rt.untrained(network, k)) for k in range(3)]


def test_a_network_of_one_class_agrees_with_nothing():
    network = rt.Network([([[1, 0], [0, 1]], [0, 0]), ([[1, 1]], [1])])
    assert answer("nulls", question(network, draws=1))["own"] is None


def test_real_tables():
    pytest.importorskip("sklearn")
    found = answer("data", {"name": "iris"})
    assert np.array(found["points"]).shape == (100, 2)
    assert sorted(set(found["labels"])) == [0, 1]


@pytest.mark.parametrize(
    ("command", "more", "words"),
    [
        ("curves", {"draws": 1}, "draws"),
        ("curves", {"draws": 10**6}, "draws"),
        ("nulls", {"draws": 0}, "draws"),
        ("nulls", {"network": network_json(small([2, 3, 2], 0)), "outputs": "argmax"}, "output"),
        ("data", {"name": "../../etc/passwd"}, "no table"),
        ("data", {"name": ["iris"]}, "no table|unhashable"),
        ("export", {"format": "exe"}, "unknown"),
        ("export", {"format": "film"}, "trained"),
        ("complex", {"want": ["clusters"], "parts": 0}, "parts"),
        ("complex", {"want": ["nodal"], "mode": 1000}, "mode"),
    ],
)  # fmt: skip
def test_what_cannot_be_answered_is_refused_in_words(command, more, words):
    with pytest.raises(RequestError, match=words):
        answer(command, question(small([2, 3, 1], 0)) | more)


def exported(network, format, **more):
    found = answer("export", question(network, format=format, **more))
    return found["name"], base64.b64decode(found["data"])


def test_the_complex_as_a_file_is_read_again(tmp_path):
    name, data = exported(NETWORKS[0], "npz")
    (tmp_path / name).write_bytes(data)
    assert rt.load(tmp_path / name) == rt.decompose(NETWORKS[0], rt.Box(-1, 1), outputs="sign")


def test_the_dual_graph_as_a_file_is_read_by_networkx():
    networkx = pytest.importorskip("networkx")
    _, data = exported(NETWORKS[1], "graphml", weight="bend")
    graph = networkx.read_graphml(io.BytesIO(data), node_type=int)
    own = rt.to_networkx(rt.decompose(NETWORKS[1], rt.Box(-1, 1), outputs="sign"), weight="bend")
    assert sorted(map(sorted, graph.edges)) == sorted(map(sorted, own.edges))
    weights = {frozenset(ends): w for *ends, w in graph.edges(data="weight")}
    assert weights == {frozenset(ends): w for *ends, w in own.edges(data="weight")}


def test_the_table_of_the_cells():
    _, data = exported(NETWORKS[2], "csv")
    lines = data.decode().splitlines()
    assert len(lines) == 1 + rt.decompose(NETWORKS[2], rt.Box(-1, 1), outputs="sign").n_cells


HISTORY = [
    {"step": 10 * k, "loss": 1.0 / (k + 1), "accuracy": 0.5, "network": network_json(network)}
    for k, network in enumerate(NETWORKS)
]


def test_a_report_of_the_training():
    pytest.importorskip("matplotlib")
    data = {"points": [[0, 0], [0.5, 0.5]], "labels": [0, 1]}
    _, page = exported(NETWORKS[0], "report", history=HISTORY, data=data)
    text = page.decode()
    assert "From the page" in text
    cells = rt.decompose(NETWORKS[0], rt.Box(-1, 1), outputs="sign").n_cells
    assert str(cells) in text
    assert "http" not in text.replace("http://www.w3.org", "").split("<body")[0]


def test_an_animation_of_the_training():
    image = pytest.importorskip("PIL.Image")
    pytest.importorskip("matplotlib")
    _, data = exported(NETWORKS[0], "film", history=HISTORY)
    with image.open(io.BytesIO(data)) as film:
        assert film.n_frames == len(HISTORY)


def test_answers_are_json():
    json.dumps(answer("curves", question(NETWORKS[0], draws=2)), allow_nan=False)
    json.dumps(answer("nulls", question(NETWORKS[0], draws=1)), allow_nan=False)
