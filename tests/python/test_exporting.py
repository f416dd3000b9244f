"""A complex in other programs' formats is the same complex."""

from __future__ import annotations

import csv
import json

import numpy as np
import pytest

import relutope as rt
from relutope import export, to_pandas, to_simplex_tree
from relutope.decomposition.cell_table import cell_table

NETWORK = [([[1, 0], [0, 1], [1, 1]], [0, 0, -1]), ([[1, -1, 1]], [0])]


@pytest.fixture(scope="module")
def cx():
    return rt.decompose(NETWORK, rt.Box(-2, 2))


@pytest.mark.parametrize(
    ("ending", "reader"), [("graphml", "read_graphml"), ("gexf", "read_gexf"), ("gml", "read_gml")]
)
def test_graphs_come_back(cx, tmp_path, ending, reader):
    nx = pytest.importorskip("networkx")
    path = tmp_path / f"dual.{ending}"
    export(cx, path, weight="bend")
    graph = getattr(nx, reader)(path)
    assert graph.number_of_nodes() == cx.n_cells
    assert sorted(tuple(sorted(map(int, edge))) for edge in graph.edges) == [
        tuple(pair) for pair in cx.adjacency.tolist()
    ]
    weights = {tuple(sorted(map(int, e[:2]))): e[2]["weight"] for e in graph.edges(data=True)}
    graph_here = rt.dual_graph(cx, "bend").toarray()
    assert all(weight == pytest.approx(graph_here[edge]) for edge, weight in weights.items())


def test_tables_come_back(cx, tmp_path):
    export(cx, tmp_path / "cells.csv")
    with open(tmp_path / "cells.csv", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert [row["pattern"] for row in rows] == [
        "".join("01"[bit] for bit in row) for row in cx.patterns.astype(int)
    ]
    A, c = cx.affine_maps()
    assert [float(row["A0_1"]) for row in rows] == A[:, 0, 1].tolist()
    assert [float(row["c0"]) for row in rows] == c[:, 0].tolist()
    assert sum(float(row["volume"]) for row in rows) == pytest.approx(16)
    export(cx, tmp_path / "cells.json")
    found = json.loads((tmp_path / "cells.json").read_text())
    assert found["adjacency"] == cx.adjacency.tolist()
    assert found["cells"]["degree"] == cell_table(cx)["degree"].tolist()


def test_cells_that_the_decision_cuts_have_their_class():
    table = cell_table(rt.decompose(NETWORK, rt.Box(-2, 2), outputs="sign"))
    at = np.column_stack([table["x0"], table["x1"]])
    assert table["class"].tolist() == (rt.Network(NETWORK).forward(at)[:, 0] > 0).tolist()
    assert set(table["class"].tolist()) == {0, 1}
    assert "class" not in cell_table(rt.decompose(NETWORK, rt.Box(-2, 2)))


def test_parquet_and_pandas_hold_the_same_table(cx, tmp_path):
    pq = pytest.importorskip("pyarrow.parquet")
    pytest.importorskip("pandas")
    export(cx, tmp_path / "cells.parquet")
    read = pq.read_table(tmp_path / "cells.parquet").to_pydict()
    assert read["pattern"] == to_pandas(cx)["pattern"].tolist()
    assert np.array_equal(read["x0"], to_pandas(cx)["x0"])


def test_meshes_have_every_side(cx, tmp_path):
    export(cx, tmp_path / "cells.ply")
    lines = (tmp_path / "cells.ply").read_text().splitlines()
    assert f"element face {cx.n_cells}" in lines
    export(cx, tmp_path / "cells.vtu")
    import xml.etree.ElementTree as ET

    piece = ET.parse(tmp_path / "cells.vtu").getroot().find(".//Piece")
    assert piece is not None
    assert piece.get("NumberOfCells") == str(cx.n_cells)
    solid = rt.decompose([(np.eye(3), np.zeros(3)), (np.ones((1, 3)), [0.0])], rt.Box(-1, 1))
    export(solid, tmp_path / "solid.ply")
    assert "element face 48" in (tmp_path / "solid.ply").read_text().splitlines()  # 8 cubes


def test_simplex_tree_has_the_homology_of_the_box(cx):
    pytest.importorskip("gudhi")
    tree = to_simplex_tree(cx, cx.vertices[:, 0])
    tree.compute_persistence(persistence_dim_max=True)
    assert tree.betti_numbers() == [1, 0, 0]
    assert tree.num_vertices() == len(cx.vertices)
    assert tree.filtration([0]) == cx.vertices[0, 0]


def test_an_unknown_ending_is_refused(cx, tmp_path):
    with pytest.raises(ValueError, match=r"`path` ends in '\.xyz'"):
        export(cx, tmp_path / "cells.xyz")
    assert list(tmp_path.iterdir()) == []
