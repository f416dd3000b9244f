"""A complex in the formats of other programs: tables, graphs, meshes, simplex trees."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..common.arithmetic import ieee_arithmetic
from ..common.extras import require
from ..common.files import replacing, write_text
from ..complex.cell_complex import CellComplex
from ..complex.cells import Cells, ComplexLike, cells_of, complex_of
from ..graph.dual import dual_graph, to_networkx
from .cell_table import cell_table

__all__ = ["export", "to_pyg", "to_simplex_tree"]


@ieee_arithmetic
def to_pyg(complex: Cells | Any, weight: Any = "unit") -> Any:
    """The dual graph for PyTorch Geometric.

    Parameters
    ----------
    complex : Complex, Exploration or Slice
    weight : str
        As for `relutope.dual_graph`.

    Returns
    -------
    torch_geometric.data.Data
        ``x``, the activation patterns (float32); ``edge_index``, every edge in both directions;
        ``edge_attr``, weights of shape (2 n_edges, 1); ``pos``, a point inside each cell.

    Raises
    ------
    MissingDependencyError
        If torch_geometric is not installed.

    See Also
    --------
    relutope.to_networkx, relutope.dual_graph
    """
    cells = cells_of(complex)
    require("torch_geometric", "`to_pyg`", extra=None)
    import torch
    from torch_geometric.data import Data

    graph = dual_graph(cells, weight).tocoo()
    return Data(
        x=torch.from_numpy(cells.patterns.astype(np.float32)),
        edge_index=torch.from_numpy(np.stack([graph.row, graph.col]).astype(np.int64)),
        edge_attr=torch.from_numpy(graph.data.astype(np.float32)[:, None]),
        pos=torch.from_numpy(cells.interior_points.astype(np.float32)),
    )


@ieee_arithmetic
def to_simplex_tree(complex: ComplexLike, values: Any = None) -> Any:
    """The triangulated complex as a gudhi SimplexTree.

    Parameters
    ----------
    complex : Complex
        Bounded, with vertices.
    values : array_like, shape (n_vertices,), optional
        A number per vertex; a simplex gets the largest of its vertices (lower star). 0 by default.

    Returns
    -------
    gudhi.SimplexTree
        With the complex's vertices.

    Raises
    ------
    ValueError
        If a cell is unbounded, or `values` does not fit.
    MissingDependencyError
        If gudhi is not installed.

    See Also
    --------
    relutope.persistence : Needs no triangulation.

    Examples
    --------
    >>> import relutope as rt
    >>> cx = rt.decompose([([[1.0]], [0.0]), ([[3.0]], [0.0])], rt.Box(-1, 2))
    >>> tree = to_simplex_tree(cx)
    >>> tree.num_vertices(), tree.num_simplices()
    (3, 5)
    """
    complex = complex_of(complex)
    require("gudhi", "`to_simplex_tree`")
    from gudhi import SimplexTree

    if not complex.bounded.all():
        raise ValueError("`complex` has unbounded cells; a triangulation needs a bounded domain")
    heights = np.zeros(len(complex.vertices)) if values is None else np.asarray(values, dtype=float)
    if heights.shape != (len(complex.vertices),):
        raise ValueError(f"`values` has shape {heights.shape}; expected ({len(complex.vertices)},)")
    simplices, _ = complex.triangulation()
    tree = SimplexTree()
    tree.insert_batch(
        np.ascontiguousarray(simplices.T.astype(np.int32)), np.full(len(simplices), -np.inf)
    )
    tree.insert_batch(np.arange(len(heights), dtype=np.int32)[None], np.full(len(heights), -np.inf))
    for k, height in enumerate(heights.tolist()):
        tree.assign_filtration([k], height)
    tree.make_filtration_non_decreasing()
    return tree


@ieee_arithmetic
def export(complex: Cells | Any, path: str | Path, *, weight: Any = None) -> None:
    """Write a complex for other programs; the name's ending says what.

    Parameters
    ----------
    complex : Complex, Exploration or Slice
        An exploration can be written as a graph only.
    path : str or Path
        ``.csv``, ``.json``, ``.parquet``: the table of the cells, see `cell_table`. ``.graphml``,
        ``.gexf``, ``.gml``: the dual graph. ``.vtu``, ``.ply``: the polygons of a bounded complex
        of two or three dimensions, with the numbers of their cells. The file is complete or not
        there at all.
    weight : str, optional
        Of the edges of a graph, as for `relutope.dual_graph`; "unit" by default.

    Raises
    ------
    ValueError
        If the ending is unknown, the complex cannot be written so, or a weight is given for what
        is no graph.
    MissingDependencyError
        If a package that is needed is not installed.

    See Also
    --------
    Complex.save : The complex itself, to be read again.
    """
    cells = cells_of(complex)
    ending = Path(path).suffix.lower()
    if ending not in _WRITERS:
        raise ValueError(f"`path` ends in {ending!r}; use one of {', '.join(_WRITERS)}")
    if weight is not None and _WRITERS[ending] is not _graph:
        raise ValueError(
            f"`weight` is of a graph's edges, which {ending} does not hold; leave it out, or use "
            ".graphml, .gexf or .gml"
        )
    _WRITERS[ending](cells, Path(path), "unit" if weight is None else weight)


def _csv(cells: Cells, path: Path, weight: Any) -> None:
    import csv
    import io

    table = cell_table(complex_of(cells))
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(table)
    writer.writerows(zip(*(column.tolist() for column in table.values()), strict=True))
    write_text(path, text.getvalue())


def _json(cells: Cells, path: Path, weight: Any) -> None:
    complex = complex_of(cells)
    found = {
        "format": "relutope-cells/1",
        "n_cells": complex.n_cells,
        "dim": complex.dim,
        "adjacency": complex.adjacency.tolist(),
        "facet_neurons": [row.tolist() for row in complex.facet_neurons],
        "cells": {name: column.tolist() for name, column in cell_table(complex).items()},
    }
    write_text(path, json.dumps(found) + "\n")


def _parquet(cells: Cells, path: Path, weight: Any) -> None:
    require("pyarrow", "a .parquet table")
    from pyarrow import table
    from pyarrow.parquet import write_table

    with replacing(path) as fresh:
        write_table(table(cell_table(complex_of(cells))), fresh)


def _graph(cells: Cells, path: Path, weight: Any) -> None:
    """The dual graph with text and numbers as attributes, which is all that these formats know."""
    require("networkx", f"a {path.suffix} graph")
    import networkx as nx

    graph = to_networkx(cells, weight)
    for _, data in graph.nodes(data=True):
        point = data.pop("interior_point")
        data |= {f"x{k}": float(value) for k, value in enumerate(point)}
    for *_, data in graph.edges(data=True):
        data["facet_neurons"] = " ".join(map(str, data["facet_neurons"]))
    write = {".graphml": nx.write_graphml, ".gexf": nx.write_gexf, ".gml": nx.write_gml}
    with replacing(path) as fresh:
        write[path.suffix.lower()](graph, fresh)


def _polygons(complex: CellComplex) -> tuple[NDArray[np.int64], list[NDArray[np.float64]]]:
    from ..plotting.polygons import cell_polygons
    from ..plotting.solid import cell_facets

    if complex.dim == 3:
        return cell_facets(complex)
    if complex.dim == 2:
        flat = cell_polygons(complex)
        return np.arange(len(flat)), [np.pad(polygon, ((0, 0), (0, 1))) for polygon in flat]
    raise ValueError(f"`complex` has {complex.dim} dimensions; meshes have two or three")


def _ply(source: Cells, path: Path, weight: Any) -> None:
    complex = complex_of(source)
    cells, polygons = _polygons(complex)
    lines = [
        "ply",
        "format ascii 1.0",
        f"element vertex {sum(map(len, polygons))}",
        *(f"property double {axis}" for axis in "xyz"),
        f"element face {len(polygons)}",
        "property list int int vertex_indices",
        "property int cell",
        "end_header",
    ]
    lines += [" ".join(map(repr, row)) for polygon in polygons for row in polygon.tolist()]
    start = 0
    for cell, polygon in zip(cells.tolist(), polygons, strict=True):
        corners = range(start, start + len(polygon))
        lines.append(" ".join(map(str, (len(polygon), *corners, cell))))
        start += len(polygon)
    write_text(path, "\n".join(lines) + "\n")


def _vtu(source: Cells, path: Path, weight: Any) -> None:
    """An unstructured grid of polygons (VTK's cell type 7), as XML."""
    complex = complex_of(source)
    cells, polygons = _polygons(complex)
    table = cell_table(complex)
    ends = np.cumsum([len(polygon) for polygon in polygons])

    def array(name: str, kind: str, values: Any, parts: int = 1) -> str:
        text = " ".join(map(repr, np.asarray(values).ravel().tolist()))
        return (
            f'<DataArray type="{kind}" Name="{name}" NumberOfComponents="{parts}" '
            f'format="ascii">{text}</DataArray>'
        )

    numbers = [
        array(name, "Float64", np.asarray(table[name], dtype=float)[cells])
        for name in ("degree", "gradient_norm", "volume")
        if name in table
    ]
    text = (
        '<?xml version="1.0"?>\n'
        '<VTKFile type="UnstructuredGrid" version="1.0" byte_order="LittleEndian">'
        f'<UnstructuredGrid><Piece NumberOfPoints="{ends[-1]}" NumberOfCells="{len(polygons)}">'
        f"<Points>{array('points', 'Float64', np.concatenate(polygons), 3)}</Points>"
        f"<Cells>{array('connectivity', 'Int64', np.arange(ends[-1]))}"
        f"{array('offsets', 'Int64', ends)}"
        f"{array('types', 'UInt8', np.full(len(polygons), 7))}</Cells>"
        f"<CellData>{array('cell', 'Int64', cells)}{''.join(numbers)}</CellData>"
        "</Piece></UnstructuredGrid></VTKFile>\n"
    )
    write_text(path, text)


_WRITERS: dict[str, Callable[[Cells, Path, Any], None]] = {
    ".csv": _csv,
    ".json": _json,
    ".parquet": _parquet,
    ".graphml": _graph,
    ".gexf": _graph,
    ".gml": _graph,
    ".vtu": _vtu,
    ".ply": _ply,
}
