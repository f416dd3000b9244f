"""The file format of a slice, version 1: the file of its complex, and what was sliced.

The header's ``format`` is another; it has ``maps`` besides, their number, and under names that
begin with ``sliced_`` what `relutope.complex.stored_problem` says of a network. The arrays of that
network begin with ``sliced_``, too; the affine maps from parameters to inputs, the first to be
applied first, are ``map_A0.npy``, ``map_c0.npy``, ``map_A1.npy``, ...
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from ..common.archive import Archive, write_archive
from ..common.files import replacing
from ..complex.kernel import Kernel
from ..complex.storage import ComplexReader, complex_members
from ..complex.stored_problem import HEADER, network_members
from ..errors import RelutopeError
from ..network.network import Network
from ..search.problem import Problem
from ..search.solution import Solution
from .embeddings import Affine, after_maps

__all__ = ["FORMAT", "read", "save"]

FORMAT = "relutope-slice"
FORMAT_VERSION = 1
_SLICED = "sliced_"


def save(cx: Kernel, network: Network, maps: Sequence[Affine], path: str | Path) -> None:
    """See `Slice.save`."""
    header, arrays = complex_members(cx, FORMAT, FORMAT_VERSION)
    about, layers = network_members(network, _SLICED)
    header |= {"maps": len(maps), **about}
    arrays |= layers
    for k, (A, c) in enumerate(maps):
        arrays |= {f"map_A{k}": A, f"map_c{k}": c}
    with replacing(path) as fresh, open(fresh, "wb") as file:
        write_archive(file, {HEADER: header}, arrays)


def read(archive: Archive) -> tuple[Solution, Network, list[Affine]]:
    """Reads and checks what `save` has written.

    Raises
    ------
    InvalidFileError
        Names the file and what is wrong with it.
    """
    reader = ComplexReader(archive, "slice", FORMAT, FORMAT_VERSION)
    solution = reader.stored()
    network = reader.network(_SLICED)
    count = reader.entry("maps", int)
    if not 1 <= count <= len(archive.entries):
        raise reader.wrong(f"it has {count} maps")
    maps: list[Affine] = []
    inputs = solution.problem.network.input_dim
    for k in range(count):
        A = reader.array(f"map_A{k}", "<f8", (None, inputs))
        inputs = A.shape[0]
        maps.append((A, reader.array(f"map_c{k}", "<f8", (inputs,))))
    if inputs != network.input_dim or not all(np.isfinite(x).all() for pair in maps for x in pair):
        raise reader.wrong("its maps do not lead to the inputs of its network")
    problem = solution.problem
    try:
        expected = Problem.of_outputs(after_maps(network, maps), problem.domain, problem.outputs)
    except (RelutopeError, ValueError) as error:
        raise reader.wrong(f"its network cannot be sliced: {error}") from None
    if expected.network != problem.network:
        raise reader.wrong("its cells are not those of its network in its subspace")
    return solution, network, maps
