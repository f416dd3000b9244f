"""A complex in the formats of other programs: tables, graphs, meshes, simplex trees."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..common.arithmetic import ieee_arithmetic
from ..common.extras import require
from ..common.files import replacing, write_text
from ..complex.cell_complex import CellComplex
from ..complex.cells import Cells, ComplexLike, cells_of, complex_of
from ..complex.shapes import chebyshev, diameters
from ..decisions.regions import decision_regions
from ..graph.dual import dual_graph, to_networkx
from .data_cells import cells_of as data_in_cells

__all__ = ["cell_table", "export", "to_pandas", "to_pyg", "to_simplex_tree"]


def cell_table(
    complex: ComplexLike,
    *,
    shapes: bool = False,
    X: ArrayLike | None = None,
    y: ArrayLike | None = None,
) -> dict[str, NDArray[Any]]:
    """A row per cell, as columns.

    Parameters
    ----------
    complex : Complex
    shapes : bool
        Whether to add ``diameter``, and ``inradius`` and ``centre0``, ... of the largest ball in
        each cell (Chebyshev's), which takes a linear program for each.
    X, y : array_like, optional
        Data and their labels: adds ``points``, how many lie in each cell, and ``purity``, the share
        of the most frequent label (NaN without points); see `Complex.cells_of`.

    Returns
    -------
    dict of str to ndarray, each of shape (n_cells,)
        ``cell``; ``pattern`` (text of 0 and 1); ``degree``; ``bounded``; ``x0``, ``x1``, ... of a
        point inside; ``gradient_norm``; ``A0_0``, ... and ``c0``, ... of the affine map, output by
        output; ``volume`` where all cells are bounded and have at most six dimensions; ``class``
        where the cells are cut by the decision (``outputs=``).

    See Also
    --------
    to_pandas, export

    Examples
    --------
    >>> import relutope as rt
    >>> cx = rt.decompose([([[1.0]], [0.0]), ([[3.0]], [0.0])], rt.Box(-1, 2))
    >>> table = cell_table(cx)
    >>> table["pattern"].tolist(), table["A0_0"].tolist(), table["volume"].tolist()
    (['0', '1'], [0.0, 3.0], [1.0, 2.0])
    """
    complex = complex_of(complex)
    n = complex.n_cells
    A, c = complex.affine_maps()
    bits = complex.patterns.astype(np.uint8) + ord("0")
    table: dict[str, NDArray[Any]] = {
        "cell": np.arange(n),
        "pattern": np.array([row.tobytes().decode("ascii") for row in bits]),
        "degree": np.bincount(complex.adjacency.ravel(), minlength=n),
        "bounded": complex.bounded,
    }
    table |= {f"x{k}": column for k, column in enumerate(complex.interior_points.T)}
    table["gradient_norm"] = np.linalg.norm(A, ord=2, axis=(1, 2))
    for output in range(A.shape[1]):
        table |= {f"A{output}_{k}": A[:, output, k] for k in range(A.shape[2])}
        table[f"c{output}"] = c[:, output]
    if complex.bounded.all() and complex.dim <= 6:
        table["volume"] = complex.cell_volumes
    if complex.n_output_neurons:
        table["class"] = decision_regions(complex).labels
    if shapes:
        centres, radii = chebyshev(complex)
        table |= {"diameter": diameters(complex), "inradius": radii}
        table |= {f"centre{k}": column for k, column in enumerate(centres.T)}
    return table if X is None else table | _of_data(complex, X, y)


def _of_data(complex: CellComplex, X: ArrayLike, y: ArrayLike | None) -> dict[str, NDArray[Any]]:
    found = data_in_cells(complex, X, y)
    points = np.zeros(complex.n_cells, dtype=np.int64)
    points[found.cells] = found.counts
    if y is None:
        return {"points": points}
    purity = np.full(complex.n_cells, np.nan)
    purity[found.cells] = found.purity
    return {"points": points, "purity": purity}


@ieee_arithmetic
def to_pandas(
    complex: ComplexLike,
    *,
    shapes: bool = False,
    X: ArrayLike | None = None,
    y: ArrayLike | None = None,
) -> Any:
    """The table of the cells as a pandas DataFrame.

    Parameters
    ----------
    complex : Complex
    shapes : bool
        Whether to add diameters and largest balls.
    X, y : array_like, optional
        Data and their labels, counted in each cell.

    Returns
    -------
    pandas.DataFrame
        With the columns of `cell_table`, indexed by the cell.

    Raises
    ------
    MissingDependencyError
        If pandas is not installed.

    See Also
    --------
    export
    """
    complex = complex_of(complex)
    require("pandas", "`to_pandas`")
    import pandas

    return pandas.DataFrame(cell_table(complex, shapes=shapes, X=X, y=y)).set_index("cell")


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
