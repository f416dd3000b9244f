"""Frames of arrays for the viewer, made with NumPy; README.md describes the layout."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...complex.cell_complex import CellComplex
from ...domain.box import Box

__all__ = ["complex_frame", "decode_frame", "drawn_vertices", "encode_frame", "outlines", "timed"]

Array = NDArray[Any]
IntArray = NDArray[np.int64]

_MAGIC, _VERSION = b"RLTF", 1
_NAMES = {"|u1": "u8", "|i1": "i8", "<i4": "i32", "<f4": "f32", "<f8": "f64"}
_TYPES = {name: np.dtype(code) for code, name in _NAMES.items()}


def encode_frame(header: Mapping[str, Any], arrays: Mapping[str, Array]) -> bytes:
    """A frame of the header and the arrays.

    Parameters
    ----------
    header : mapping
        What JSON can hold.
    arrays : mapping of str to ndarray
        Of type uint8, int8, int32, float32 or float64.

    Returns
    -------
    bytes
    """
    entries, blocks, offset = [], [], 0
    for name, array in arrays.items():
        block = np.ascontiguousarray(array)
        kind = _NAMES[block.dtype.newbyteorder("<").str if block.itemsize > 1 else block.dtype.str]
        shape = list(block.shape)
        entries.append({"name": name, "type": kind, "shape": shape, "offset": offset})
        blocks.append(block.astype(_TYPES[kind], copy=False).tobytes())
        blocks.append(b"\0" * (-len(blocks[-1]) % 8))
        offset += len(blocks[-2]) + len(blocks[-1])
    text = json.dumps({**header, "arrays": entries}, allow_nan=False).encode()
    begin = 16 + len(text) + (-len(text) % 8)
    sizes = np.array([_VERSION, len(text), begin], dtype="<u4").tobytes()
    return b"".join([_MAGIC, sizes, text.ljust(begin - 16, b"\0"), *blocks])


def decode_frame(frame: bytes) -> tuple[dict[str, Any], dict[str, Array]]:
    """Header and arrays of a frame.

    Raises
    ------
    ValueError
        If it is none.
    """
    sizes = np.frombuffer(frame[4:16], dtype="<u4") if len(frame) >= 16 else np.zeros(3)
    version, length, begin = (int(size) for size in sizes)
    if frame[:4] != _MAGIC or version != _VERSION or not 16 + length <= begin <= len(frame):
        raise ValueError("`frame` is no frame of a complex")
    header = json.loads(frame[16 : 16 + length])
    arrays = {}
    for entry in header.pop("arrays"):
        count = int(np.prod(entry["shape"], dtype=np.int64))
        kind, at = _TYPES[entry["type"]], begin + entry["offset"]
        if at + count * kind.itemsize > len(frame):
            raise ValueError(f"`frame`: array {entry['name']} is outside")
        arrays[entry["name"]] = np.frombuffer(frame, kind, count, at).reshape(entry["shape"])
    return header, arrays


def outlines(complex: CellComplex) -> tuple[IntArray, IntArray]:
    """Corners in order: of the cells in one and two dimensions, of the facets in three.

    Cells in the plane run counter-clockwise from their lowest vertex, cells on a line from left to
    right. The order is that of the oriented edges, so it is right also where corners coincide once
    they are rounded.

    Parameters
    ----------
    complex : Complex
        In three dimensions, over a bounded domain; it contains no lines.

    Returns
    -------
    begin, corners : ndarray of int64
        Outline i is ``corners[begin[i]:begin[i + 1]]``, of vertices, those of the symbolically
        infinite box included.

    Raises
    ------
    ValueError
        If the complex contains lines, has unbounded cells in three dimensions, or more than three.
    """
    unbounded = int((~complex.bounded).sum())
    if complex.dim > 3 or complex.lineality_dim or (complex.dim == 3 and unbounded):
        raise ValueError(
            f"`complex` has {complex.dim} dimensions, {unbounded} unbounded cells, and "
            f"{complex.lineality_dim} directions along which nothing changes; take a box of at "
            "most 3 dimensions"
        )
    if complex.dim < 3:
        begin, corners, _ = _cell_outlines(complex, complex.solution.vertex_complex)
        return begin, corners
    boundary = complex.lattice.boundary(2)
    rows, signs, begin = boundary.indices, boundary.data, boundary.indptr.astype(np.int64)
    owner = np.repeat(np.arange(len(begin) - 1), np.diff(begin))
    ends = complex.lattice.vertices(1).indices.reshape(-1, 2)[rows]
    tail = np.where(signs > 0, ends[:, 0], ends[:, 1])
    head = np.where(signs > 0, ends[:, 1], ends[:, 0])
    by_tail = np.lexsort([tail, owner])
    width = int(ends.max()) + 1
    keys = owner[by_tail] * width + tail[by_tail]
    after = by_tail[np.searchsorted(keys, owner * width + head)]  # the side that follows each
    corners = np.empty(len(tail), dtype=np.int64)
    side, place = by_tail[begin[:-1]], begin[:-1].copy()
    while len(side):  # one corner of all outlines that have one left
        corners[place] = tail[side]
        side, place = after[side], place + 1
        left = place < begin[1:][owner[side]]
        side, place = side[left], place[left]
    return begin, corners


def drawn_vertices(complex: CellComplex) -> Array:
    """The vertices, and points far out for those of the infinite box: a thousand times as far.

    Parameters
    ----------
    complex : Complex

    Returns
    -------
    ndarray of float64, shape (n_vertices, n)
    """
    return _drawn(complex, complex.solution.vertex_complex)


def _drawn(complex: CellComplex, core: Any) -> Array:
    at = core.coordinates.copy()
    beyond = slice(core.num_finite, None)
    if len(core.infinite_coordinates):
        at[beyond] += 1000.0 * np.abs(at).max(initial=1.0) * core.infinite_coordinates[beyond]
    drawn: Array = complex.solution.problem.embed(at)
    return drawn


def _vertices(complex: CellComplex, header: Mapping[str, Any]) -> Any:
    solution = complex.solution
    return solution.drawn_vertices if header.get("draft") else solution.vertex_complex


def _cell_outlines(complex: CellComplex, core: Any) -> tuple[IntArray, IntArray, IntArray]:
    """Outlines of the cells, and for each corner the facet from there to the next one."""
    begin, corners, facet = complex.solution.outlines(core)
    return begin, corners.astype(np.int64), facet


def complex_frame(
    complex: CellComplex,
    want: Sequence[str] | None = None,
    *,
    further: Mapping[str, Array] | None = None,
    stages: Mapping[str, float] | None = None,
    draft: bool = False,
    **header: Any,
) -> bytes:
    """The frame of a complex that the viewer draws.

    Parameters
    ----------
    complex : Complex
    want : sequence of str
        Among "outlines", "patterns", "edges", "maps", "points", "bounded", "decisions", "f_vector",
        "values"; the first five by default.
    further : mapping of str to ndarray, optional
        Further arrays.
    stages : mapping of str to float, optional
        Seconds that were spent before, by what for; those of `want` are added in the header.
    draft : bool
        Whether vertices may be within 2^-30 of their size instead of rounded once: for a picture
        that is dragged, in a third of the time.
    **header
        Further entries of the header.

    Returns
    -------
    bytes

    Raises
    ------
    ValueError
        If `want` has an unknown name, or as `outlines`.

    Examples
    --------
    >>> import relutope as rt
    >>> from relutope.plotting.viewer import complex_frame, decode_frame
    >>> net = [([[1, 0], [0, 1]], [0, 0]), ([[1, -1]], [0])]
    >>> header, arrays = decode_frame(complex_frame(rt.decompose(net, rt.Box(-1, 1))))
    >>> header["n_cells"], arrays["outline_corners"].shape
    (4, (16,))
    """
    stated: dict[str, Any] = {
        "kind": "complex",
        "provider": "python",
        "dim": complex.dim,
        "n_cells": complex.n_cells,
        "n_edges": complex.n_edges,
        "n_neurons": complex.n_neurons,
        "n_output_neurons": complex.n_output_neurons,
        "n_outputs": complex.network.output_dim,
        "hidden": complex.network.hidden_widths,
        "lineality": complex.lineality_dim,
        "domain": _domain(complex),
    }
    if draft and complex.dim < 3 and not complex.lineality_dim:
        stated["draft"] = True
    arrays: dict[str, Array] = {}
    spent = dict(stages or {})
    for name in ("outlines", "patterns", "edges", "maps", "points") if want is None else want:
        if name not in _PARTS:
            raise ValueError(f"`want` has {name!r}; use some of {', '.join(_PARTS)}")
        with timed(spent, name):
            _PARTS[name](complex, stated, arrays)
    stated["stages"] = spent
    return encode_frame({**stated, **header}, {**arrays, **(further or {})})


@contextmanager
def timed(stages: dict[str, float], name: str) -> Iterator[None]:
    """Notes the seconds of what is done inside.

    Parameters
    ----------
    stages : dict
    name : str
    """
    begin = time.perf_counter()
    yield
    stages[name] = time.perf_counter() - begin


def _domain(complex: CellComplex) -> dict[str, Any] | None:
    if not isinstance(complex.domain, Box):
        return None
    bounds = (complex.domain.lower, complex.domain.upper)
    lower, upper = ([x if np.isfinite(x) else None for x in bound.tolist()] for bound in bounds)
    return {"lower": lower, "upper": upper}


def _add_outlines(complex: CellComplex, header: dict[str, Any], arrays: dict[str, Array]) -> None:
    core = _vertices(complex, header)
    if complex.dim < 3 and not complex.lineality_dim:
        begin, corners, _ = _cell_outlines(complex, core)
    else:
        begin, corners = outlines(complex)
    header["n_finite_vertices"] = core.num_finite
    arrays["vertices"] = _drawn(complex, core)
    arrays["outline_begin"] = begin.astype(np.int32)
    arrays["outline_corners"] = corners.astype(np.int32)
    if complex.dim == 3:
        cells = complex.faces(2).cells
        pair = np.full((len(cells), 2), -1, dtype=np.int32)
        pair[:, 0] = cells.indices[cells.indptr[:-1]]
        two = np.diff(cells.indptr) == 2
        pair[two, 1] = cells.indices[cells.indptr[1:][two] - 1]
        arrays["outline_cells"] = pair


def _add_edges(complex: CellComplex, header: dict[str, Any], arrays: dict[str, Array]) -> None:
    neurons = complex.facet_neurons
    arrays["adjacency"] = complex.adjacency.astype(np.int32)
    arrays["zero_begin"] = neurons.indptr.astype(np.int32)
    arrays["zero_neurons"] = neurons.indices.astype(np.int32)
    if complex.dim > 2:
        return
    known = not complex.lineality_dim
    ends = _outline_ends(complex, _vertices(complex, header)) if known else _facet_ends(complex)
    arrays["edge_ends"] = ends.astype(np.int32)


def _outline_ends(complex: CellComplex, core: Any) -> IntArray:
    """The two vertices of each shared facet (on a line, one vertex twice), by the outlines."""
    begin, corners, facet = _cell_outlines(complex, core)
    pairs, of_edge = complex.solution.arrays.edges()
    place = np.empty(len(facet), dtype=np.int64)
    place[facet] = np.arange(len(facet))
    at = place[of_edge]
    if complex.dim == 1:
        return np.column_stack([corners[at], corners[at]])
    cell = pairs[:, 0]
    after = np.where(at + 1 < begin[cell + 1], at + 1, begin[cell])
    return np.sort(np.column_stack([corners[at], corners[after]]), axis=1)


def _facet_ends(complex: CellComplex) -> IntArray:
    """The same where cells contain lines, by the faces."""
    facets = complex.faces(complex.dim - 1)
    shared = np.flatnonzero(np.diff(facets.cells.indptr) == 2)
    pairs = facets.cells.indices[facets.cells.indptr[shared][:, None] + [0, 1]]
    order = shared[np.lexsort([pairs[:, 1], pairs[:, 0]])]
    begin, end = facets.vertices.indptr[order], facets.vertices.indptr[order + 1]
    return np.column_stack([facets.vertices.indices[begin], facets.vertices.indices[end - 1]])


def _add_patterns(complex: CellComplex, header: dict[str, Any], arrays: dict[str, Array]) -> None:
    arrays["patterns"] = complex.patterns.view(np.uint8)


def _add_maps(complex: CellComplex, header: dict[str, Any], arrays: dict[str, Array]) -> None:
    A, c = complex.affine_maps()
    arrays["maps"] = np.concatenate([A, c[:, :, None]], axis=2)


def _add_points(complex: CellComplex, header: dict[str, Any], arrays: dict[str, Array]) -> None:
    arrays["points"] = complex.interior_points


def _add_bounded(complex: CellComplex, header: dict[str, Any], arrays: dict[str, Array]) -> None:
    arrays["bounded"] = complex.bounded.view(np.uint8)


def _add_decisions(complex: CellComplex, header: dict[str, Any], arrays: dict[str, Array]) -> None:
    from ...decisions.regions import decision_regions

    found = decision_regions(complex)
    arrays["labels"] = found.labels.astype(np.int32)
    arrays["regions"] = found.region.astype(np.int32)
    header["n_regions"] = found.n_regions


def _add_f_vector(complex: CellComplex, header: dict[str, Any], arrays: dict[str, Array]) -> None:
    header["f_vector"] = complex.f_vector.tolist()


def _add_values(complex: CellComplex, header: dict[str, Any], arrays: dict[str, Array]) -> None:
    values, ranks = complex.vertex_values
    arrays["vertex_values"] = values[:, None]
    arrays["vertex_ranks"] = ranks[:, None].astype(np.int32)


_PARTS = {
    "outlines": _add_outlines,
    "patterns": _add_patterns,
    "edges": _add_edges,
    "maps": _add_maps,
    "points": _add_points,
    "bounded": _add_bounded,
    "decisions": _add_decisions,
    "f_vector": _add_f_vector,
    "values": _add_values,
}
