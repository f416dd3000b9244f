"""What users write, for mypy: `test_types.py` demands exactly the errors announced here."""

from __future__ import annotations

import numpy as np

import relutope as rt

LAYERS = [([[1.0, 0.0], [0.0, 1.0]], [0.0, 0.0]), ([[1.0, -1.0]], [0.0])]

cx = rt.decompose(LAYERS, rt.Box(-1, 1), engine="lp", outputs="sign", max_cells=100)
cells: int = cx.n_cells
neighbours: list[int] = cx.neighbours(0).tolist()
of_arrays = rt.decompose([(np.eye(2), np.zeros(2)), (np.ones((1, 2)), np.zeros(1))])
of_a_file = rt.decompose("network.onnx", rt.Box([0, 0], [1, 1]))
found = rt.fiedler(cx, "inverse-bend")
value: float = found.value
pairs = rt.persistence(cx, filtration="superlevel")
dim, (birth, death) = pairs[0]
regions: int = rt.decision_regions(cx).n_regions
exploration = rt.explore(LAYERS, [0.0, 1.0], order="nearest", outputs="sign")
rt.fiedler(exploration, weight="hamming")
line = rt.slice(LAYERS, [[0.0, 0.0], [1.0, 1.0]])
rt.spectrum(line, 3, normalized=True)
again = rt.load("cells.npz")
again.save("cells.npz")

rt.decompose(3)  # error: call-overload
rt.decompose(LAYERS, 3)  # error: call-overload
rt.decompose(LAYERS, engine="bogus")  # error: call-overload
rt.decompose(LAYERS, outputs="max")  # error: call-overload
rt.count(3)  # error: arg-type
rt.count(LAYERS, engine="bogus")  # error: arg-type
rt.explore(LAYERS, [0.0, 1.0], order="far")  # error: arg-type
rt.fiedler(cx, "benz")  # error: arg-type
rt.fiedler(cx, "bend", True)  # error: call-arg
rt.dual_graph(cx, "benz")  # error: arg-type
cx.dual_graph("benz")  # error: arg-type
rt.betti(cx, "inside")  # error: arg-type
rt.persistence(cx, on="edges")  # error: arg-type
text: str = cx.n_cells  # error: assignment
print(cx.n_cell)  # error: attr-defined
