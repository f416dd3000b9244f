"""Complexes as arrays and as files."""

from __future__ import annotations

import json
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from .. import _core
from ..common.ragged import Ragged
from ..domain.box import Box
from ..domain.polytope import Polytope
from ..errors import RelutopeError
from ..network.network import Network
from ..search.problem import Problem

if TYPE_CHECKING:
    from ..decomposition.complex import Complex

__all__ = ["CellArrays", "load"]

FORMAT = "relutope-complex/2"
# Before linear units.
_FORMAT_1 = "relutope-complex/1"


@dataclass(frozen=True, eq=False)
class CellArrays:
    """Cells and facets as the core reports them.

    Attributes
    ----------
    patterns : ndarray of uint64, shape (n_cells, words)
        Neuron i is bit i % 64 of word i // 64.
    facet_begin : ndarray of int64, shape (n_cells + 1,)
    facet_id, facet_neighbour : ndarray of int32
        The neuron (or -1 - side) that names each facet; the cell behind it, -1 on the boundary.
    special_facet, special_begin, special_ids : ndarray
        Facets on which several forms vanish (sorted), and which.
    zero_cell, zero_neuron : ndarray
        Neurons that vanish on a whole cell.
    """

    patterns: NDArray[np.uint64]
    facet_begin: NDArray[np.int64]
    facet_id: NDArray[np.int32]
    facet_neighbour: NDArray[np.int32]
    special_facet: NDArray[np.int64]
    special_begin: NDArray[np.int64]
    special_ids: NDArray[np.int32]
    zero_cell: NDArray[np.int64]
    zero_neuron: NDArray[np.int32]

    @classmethod
    def from_core(cls, cells: _core.CellComplex) -> CellArrays:
        """Views of the core's arrays."""
        return cls(**{field.name: getattr(cells, field.name) for field in fields(cls)})

    @property
    def nbytes(self) -> int:
        """Bytes of all arrays."""
        return sum(getattr(self, field.name).nbytes for field in fields(self))

    def zero_sets(self, facets: NDArray[np.int64], sides_too: bool = False) -> Ragged:
        """All that vanishes on each of the facets; neurons only unless `sides_too`."""
        place = np.searchsorted(self.special_facet, facets)
        place[place == len(self.special_facet)] = 0
        special = np.zeros(len(facets), dtype=np.bool_)
        if len(self.special_facet):
            special = self.special_facet[place] == facets
        count = np.ones(len(facets), dtype=np.int64)
        count[special] = np.diff(self.special_begin)[place[special]]
        indptr = np.concatenate([[0], np.cumsum(count)]).astype(np.int64)
        ids = np.empty(indptr[-1], dtype=np.int64)
        ids[indptr[:-1][~special]] = self.facet_id[facets[~special]]
        for row in np.flatnonzero(special):
            k = place[row]
            ids[indptr[row] : indptr[row + 1]] = self.special_ids[
                self.special_begin[k] : self.special_begin[k + 1]
            ]
        if sides_too:
            return Ragged(indptr, ids)
        neuron = ids >= 0
        kept = np.concatenate([[0], np.cumsum(neuron)]).astype(np.int64)
        return Ragged(kept[indptr], ids[neuron])


def save(cx: Complex, path: str | Path) -> None:
    """See `Complex.save`."""
    data: dict[str, Any] = {f.name: getattr(cx._arrays, f.name) for f in fields(CellArrays)}
    for k, (W, b, low) in enumerate(cx.network._core_layers()):
        data.update({f"W{k}": W, f"b{k}": b, f"b_low{k}": low})
    if isinstance(cx.domain, Polytope):
        data.update(A=cx.domain.A, b=cx.domain.b)
    elif cx.domain is not None:
        data.update(lower=cx.domain.lower, upper=cx.domain.upper)
    # Time and threads are no properties of the complex: the same complex gives the same bytes.
    stats = {name: value for name, value in cx.stats.items() if name not in ("seconds", "threads")}
    header = {
        "format": FORMAT,
        "layers": len(cx.network.layers),
        "linear_units": cx.network.linear_units,
        "stats": stats,
    }
    data["header"] = np.array(json.dumps(header))
    from ..common.files import replacing

    with replacing(Path(path)) as temporary, open(temporary, "wb") as file:
        np.savez_compressed(file, **data)


def _domain_in(file: Any) -> Box | Polytope | None:
    if "A" in file:
        return Polytope(file["A"], file["b"])
    return Box(file["lower"], file["upper"]) if "lower" in file else None


def load(path: str | Path) -> Complex:
    """Reads a complex that `Complex.save` has written.

    Parameters
    ----------
    path : str or Path

    Returns
    -------
    Complex

    Raises
    ------
    RelutopeError
        If the file is not such a file.

    See Also
    --------
    Complex.save, decompose
    """
    from ..decomposition.complex import Complex

    with np.load(path, allow_pickle=False) as file:
        header = json.loads(str(file["header"])) if "header" in file else {}
        if header.get("format") not in (FORMAT, _FORMAT_1):
            raise RelutopeError(f"`path`: {path} is not a file of format {FORMAT}")
        count = header["layers"]
        layers = [(file[f"W{k}"], file[f"b{k}"]) for k in range(count)]
        network = Network(layers, header.get("linear_units"))
        network._bias_low = [file[f"b_low{k}"] for k in range(count)]
        domain = _domain_in(file)
        arrays = CellArrays(**{f.name: file[f.name] for f in fields(CellArrays)})
    return Complex(Problem(network, domain), arrays, header["stats"])
