"""The file format of an exploration, version 1: an archive of arrays with a header.

Members are those of `relutope.complex.stored_problem`, the header with ``order`` and ``outputs``
besides; ``x0.npy`` and ``start.npy``; then, under the names that `DTYPES` lists, the explored cells
and the facets through which the search would go on. The core checks that these fit together.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, TypeAlias, get_args

import numpy as np
from numpy.typing import NDArray

from ..common.archive import Archive, write_archive
from ..common.arrays import FloatArray
from ..common.files import replacing
from ..complex.stored_problem import HEADER, ProblemReader, problem_members
from ..search.problem import Problem

__all__ = ["FORMAT", "Order", "StoredExploration", "read", "save"]

FORMAT = "relutope-exploration"
FORMAT_VERSION = 1
Order: TypeAlias = Literal["bfs", "nearest"]

DTYPES = {
    "patterns": "<u8",
    "points": "<f8",
    "distances": "<f8",
    "facet_begin": "<i8",
    "facet_neuron": "<i4",
    "facet_beyond": "<u8",
    "zero_begin": "<i8",
    "zeros": "<i4",
    "crossing_begin": "<i8",
    "crossings": "<f8",
    "door_distance": "<f8",
    "door_exact": "|u1",
    "door_number": "<u8",
    "door_cell": "<i8",
    "door_facet": "<i4",
    "without_point": "<u8",
}
_TABLES = ("patterns", "points", "facet_beyond", "without_point")  # of two axes


@dataclass(frozen=True, eq=False)
class StoredExploration:
    """What an exploration is made of again.

    Attributes
    ----------
    problem : Problem
    order : {"bfs", "nearest"}
    x0, start : ndarray of float64, shape (n,)
    arrays : dict of str to ndarray
        Of the core's explorer, by the names in `DTYPES`.
    """

    problem: Problem
    order: Order
    x0: FloatArray
    start: FloatArray
    arrays: dict[str, NDArray[Any]]


def save(stored: StoredExploration, path: str | Path) -> None:
    """See `Exploration.save`."""
    header, arrays = problem_members(stored.problem, FORMAT, FORMAT_VERSION)
    header |= {"order": stored.order, "outputs": stored.problem.outputs}
    arrays |= {"x0": stored.x0, "start": stored.start, **stored.arrays}
    with replacing(path) as fresh, open(fresh, "wb") as file:
        write_archive(file, {HEADER: header}, arrays)


def read(archive: Archive) -> StoredExploration:
    """Reads what `save` has written.

    Raises
    ------
    InvalidFileError
        Names the file and what is wrong with it.
    """
    reader = ProblemReader(archive, "exploration", FORMAT, FORMAT_VERSION)
    network = reader.network()
    order: Any = reader.header.get("order")
    outputs: Any = reader.header.get("outputs")
    if order not in get_args(Order):
        raise reader.wrong(f"its order is {order!r}")
    reader.check_outputs(outputs, network)
    problem = reader.problem(network, outputs)
    points = [reader.array(name, "<f8", (network.input_dim,)) for name in ("x0", "start")]
    if not np.isfinite(points).all():
        raise reader.wrong("its start is not finite")
    arrays = {
        name: reader.array(name, dtype, (None, None) if name in _TABLES else (None,))
        for name, dtype in DTYPES.items()
    }
    return StoredExploration(problem, order, points[0], points[1], arrays)
