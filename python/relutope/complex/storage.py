"""The file format of a complex, version 3: an archive of arrays with a header.

Members, in this order: those of `stored_problem`, the header with ``cells`` (their number) and
``stats`` besides; then the arrays of `CellArrays` under their names.

Reading checks every type, shape and range, and that the arrays describe cells: see `stored_checks`.
"""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from ..common.archive import Archive, write_archive
from ..common.files import replacing
from ..network.network import Network
from ..search.cell_arrays import CellArrays
from ..search.solution import Solution
from .kernel import Kernel
from .stored_checks import check_arrays
from .stored_problem import HEADER, ProblemReader, problem_members

__all__ = ["FORMAT", "ComplexReader", "complex_members", "read", "save"]

FORMAT = "relutope-complex"
FORMAT_VERSION = 3


def save(cx: Kernel, path: str | Path) -> None:
    """See `Complex.save`: writes one file, which is complete and on disk, or not there at all.

    How the search went is no property of the complex, so the same complex gives the same bytes.
    """
    header, arrays = complex_members(cx, FORMAT, FORMAT_VERSION)
    with replacing(path) as fresh, open(fresh, "wb") as file:
        write_archive(file, {HEADER: header}, arrays)


def complex_members(
    cx: Kernel, format: str, version: int
) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
    """The header and the arrays of a complex."""
    cells = cx.solution.arrays
    header, arrays = problem_members(cx.solution.problem, format, version)
    arrays |= {field.name: getattr(cells, field.name) for field in fields(CellArrays)}
    header["cells"] = len(cells.facet_begin) - 1
    header["stats"] = {k: v for k, v in cx.stats.items() if k in ("engine", "outputs")}
    return header, arrays


def read(archive: Archive) -> Solution:
    """Reads and checks what `save` has written.

    Raises
    ------
    InvalidFileError
        Names the file and what is wrong with it.
    """
    return ComplexReader(archive, "complex", FORMAT, FORMAT_VERSION).stored()


class ComplexReader(ProblemReader):
    """Reads and checks what `complex_members` has given."""

    def stored(self) -> Solution:
        """What the core had found."""
        network = self.network()
        stats = self._stats(network)
        problem = self.problem(network, stats.get("outputs"))
        arrays = self._arrays(network)
        issue = check_arrays(arrays, network.n_neurons, len(problem.infinite_sides))
        if issue:
            raise self.wrong(issue)
        return Solution(problem, arrays, stats)

    def _stats(self, network: Network) -> dict[str, Any]:
        stats: dict[str, Any] = self.entry("stats", dict)
        if stats.get("engine") not in ("vertex", "lp"):
            raise self.wrong("its stats name no engine")
        self.check_outputs(stats.get("outputs"), network)
        if not all(isinstance(v, (int, float, str)) for v in stats.values()):
            raise self.wrong("its stats are no numbers and words")
        return stats

    def _arrays(self, network: Network) -> CellArrays:
        cells = self.entry("cells", int)
        words = max(1, -(-network.n_neurons // 64))
        facets, special = self.length("facet_id"), self.length("special_facet")
        zeros = self.length("zero_cell")
        shapes: dict[str, tuple[str, tuple[int | None, ...]]] = {
            "patterns": ("<u8", (cells, words)),
            "facet_begin": ("<i8", (cells + 1,)),
            "facet_id": ("<i4", (facets,)),
            "facet_neighbour": ("<i4", (facets,)),
            "special_facet": ("<i8", (special,)),
            "special_begin": ("<i8", (special + 1,)),
            "special_ids": ("<i4", (None,)),
            "zero_cell": ("<i8", (zeros,)),
            "zero_neuron": ("<i4", (zeros,)),
        }
        return CellArrays(**{name: self.array(name, *shapes[name]) for name in shapes})
