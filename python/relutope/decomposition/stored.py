"""The complex of a network on disk, of which no more is read than is asked for."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..common.arguments import checked_count, checked_folder, checked_index, worker_threads
from ..common.arithmetic import ieee_arithmetic
from ..common.arrays import IntArray
from ..common.progress import Progress, search_watch
from ..common.ragged import Ragged
from ..complex.geometry import located_points
from ..decisions.regions import winners
from ..domain.box import Box
from ..domain.polytope import Polytope
from ..errors import InvalidComplexError, RelutopeError
from ..network.network import Network
from ..store.cells import StoredCells, StoredPatterns
from ..store.filling import solution_in
from ..store.folder import Folder
from ..store.graph import GRAPH, Graph
from ..store.patterns import lowest_around, packed, places, precedes, unpacked
from .complex import Complex
from .stored_geometry import StoredGeometry

if TYPE_CHECKING:
    from scipy.sparse import csr_array

__all__ = ["Store", "open_store"]

_CHUNK = 1 << 16


@ieee_arithmetic
class Store(StoredGeometry):
    """The complex of a network on disk: all its cells, or those that were found so far.

    Made by ``decompose(network, domain, store=path)`` and opened by `open_store`. Nothing is loaded
    but what is asked for; files are mapped into memory. Cells are numbered as those of the
    `Complex`, in increasing lexicographic order of their patterns; until the store is `complete`
    the numbers are those among the cells found.

    Parameters
    ----------
    folder : Folder
        What is there.

    Attributes
    ----------
    path : Path
    engine : {"vertex", "lp"}
        What has found the cells.
    network : Network
        The network that is decomposed, with neurons that compare outputs.
    domain : Box, Polytope or None
        None is all of R^n.

    See Also
    --------
    open_store, decompose, Complex

    Examples
    --------
    >>> import tempfile
    >>> import relutope as rt
    >>> net = [([[1.0, 0.0], [0.0, 1.0]], [0.0, 0.0]), ([[1.0, -1.0]], [0.0])]
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     store = rt.decompose(net, rt.Box(-1, 1), store=folder + "/cells")
    ...     print(store.complete, store.n_cells, store.n_edges, store.locate([[0.5, -0.5]]))
    True 4 4 [2]
    """

    def __init__(self, folder: Folder) -> None:
        self._folder = folder
        self.path: Path = folder.path
        self.engine = folder.engine
        self.network: Network = folder.problem.network
        self.domain: Box | Polytope | None = folder.problem.domain
        folder.check_files()
        self._cells = folder.cells()
        linked = not folder.unfinished and (self.path / GRAPH).exists()
        self._linked = Graph(self.path / GRAPH, len(self._cells)) if linked else None

    # -- how far it is

    @property
    def complete(self) -> bool:
        """Whether all cells are there, and how they touch."""
        return self._linked is not None

    @property
    def n_jobs(self) -> int:
        """Parts of the search that are known; a part that turns out to be large is cut."""
        return len(self._folder.entries) + len(self._folder.unfinished)

    @property
    def jobs_done(self) -> int:
        """Those of which all cells are there."""
        return len(self._folder.entries)

    # -- sizes

    @property
    def dim(self) -> int:
        """Number n of inputs."""
        return self.network.input_dim

    @property
    def n_neurons(self) -> int:
        """Number N of hidden neurons."""
        return self.network.n_neurons

    @property
    def n_output_neurons(self) -> int:
        """How many of the neurons, the last ones, compare outputs."""
        return self._folder.problem.n_output_neurons

    @property
    def n_cells(self) -> int:
        """Number of cells that are there."""
        return len(self._cells)

    @property
    def nbytes(self) -> int:
        """Bytes on disk."""
        total = 0
        for file in self.path.rglob("*"):
            with suppress(FileNotFoundError):  # of another process, which writes
                total += file.stat().st_size if file.is_file() else 0
        return total

    def __len__(self) -> int:
        return self.n_cells

    # -- cells

    @property
    def patterns(self) -> StoredPatterns:
        """Activation patterns, bool, shape (n_cells, N), read as they are asked for."""
        return StoredPatterns(self._cells, self.n_neurons)

    def iter_cells(self, chunk: int = _CHUNK) -> Iterator[StoredCells]:
        """All cells in order, some at a time.

        Parameters
        ----------
        chunk : int
            How many at most.

        Yields
        ------
        StoredCells
        """
        chunk = checked_count("chunk", chunk)
        for first, shard in self._cells.shards():
            begin = np.concatenate([[0], np.cumsum(shard.facet_count, dtype=np.int64)])
            for low in range(0, len(shard), chunk):
                high = min(low + chunk, len(shard))
                facets, points = None, None
                if shard.points is None:
                    ids = shard.facet_id[begin[low] : begin[high]].astype(np.int64)
                    facets = Ragged(begin[low : high + 1] - begin[low], ids)
                else:
                    points = self._folder.problem.embed(shard.points.points[low:high])
                bits = unpacked(shard.patterns[low:high], self.n_neurons)
                yield StoredCells(first + low, bits, facets, points)

    def locate(self, X: ArrayLike) -> IntArray:
        """The cell of each row of `X`, shape (k, n); -1 outside the domain, or if it is not there.

        Exact for the given doubles. A point on the boundary between cells belongs to the lowest of
        the closed cells that contain it.

        Parameters
        ----------
        X : array_like, shape (k, n)
            Points.

        Returns
        -------
        ndarray of int64, shape (k,)
        """
        points = located_points(X, self.dim)
        signs = self._folder.problem.full_core.point_signs(points)
        found = places(self._cells, packed(signs > 0))
        for k in np.flatnonzero((signs == 0).any(axis=1)):
            found[k] = lowest_around(self._cells, signs[k])
        if self.domain is not None:
            found[~self.domain.contains(points)] = -1
        return found

    def class_labels(self) -> NDArray[np.uint16]:
        """The class that wins on each cell, as `decision_regions` says it.

        Returns
        -------
        ndarray of uint16, shape (n_cells,)

        Raises
        ------
        ValueError
            If the store was made without `outputs`.
        """
        count = self.n_output_neurons
        if not count:
            raise ValueError(
                "the store was made without `outputs`, so a cell may have points of several "
                "classes; decompose with outputs='sign' or outputs='argmax'"
            )
        labels = np.zeros(self.n_cells, dtype=np.uint16)
        for cells in self.iter_cells():
            beats = cells.patterns[:, self.n_neurons - count :]
            labels[cells.first : cells.first + len(cells)] = winners(beats)
        return labels

    # -- how they touch

    @property
    def _graph(self) -> Graph:
        if self._linked is None:
            raise RelutopeError(
                f"`store`: {self.path} is not complete ({self.jobs_done} of at least {self.n_jobs} "
                "parts); go on with decompose(network, domain, store=...)"
            )
        return self._linked

    def dual_graph(self) -> csr_array:
        """The dual graph: its rows over memory maps, with 1 for each edge.

        Returns
        -------
        scipy.sparse.csr_array of float64, shape (n_cells, n_cells)
            Symmetric. Entry k of a row is the cell behind the k-th facet that is not on the
            domain's boundary: indices of a row are not sorted.
        """
        from scipy.sparse import csr_array

        indptr, indices = self._graph.whole()
        return csr_array((np.ones(len(indices)), indices, indptr), shape=(self.n_cells,) * 2)

    def degrees(self) -> NDArray[Any]:
        """How many neighbours each cell has.

        Returns
        -------
        ndarray of int64, shape (n_cells,)
        """
        return np.diff(self._graph.whole()[0])

    def neighbours(self, i: int) -> IntArray:
        """The cells that share a facet with cell `i`, increasing.

        Parameters
        ----------
        i : int
            A cell.

        Returns
        -------
        ndarray of int64
        """
        i = checked_index(i, self.n_cells)
        return np.sort(self._graph.rows(i, i + 1)[1]).astype(np.int64)

    def iter_edges(self, chunk: int = _CHUNK) -> Iterator[IntArray]:
        """Adjacent cells as pairs i < j, in lexicographic order, those of some cells at a time.

        Parameters
        ----------
        chunk : int
            Of how many cells at most.

        Yields
        ------
        ndarray of int64, shape (k, 2)
        """
        chunk = checked_count("chunk", chunk)
        graph = self._graph
        for low in range(0, self.n_cells, chunk):
            begin, behind = graph.rows(low, min(low + chunk, self.n_cells))
            other = behind.astype(np.int64)
            cell = np.repeat(np.arange(low, low + len(begin) - 1), np.diff(begin))
            pairs = np.column_stack([cell, other])[cell < other]
            yield pairs[np.lexsort((pairs[:, 1], pairs[:, 0]))]

    # -- whole

    def validate(self) -> None:
        """Reads all of it, and looks whether it is as it was written.

        Without this, each file is looked through when it is read first.

        Raises
        ------
        InvalidFileError
            If a file is damaged; says which, and what to do.
        InvalidComplexError
            If cells are not in order, or the dual graph has not one entry for each facet.
        """
        last = np.empty((0, max(1, -(-self.n_neurons // 64))), dtype=np.uint64)
        inner = 0
        for _, shard in self._cells.shards():
            rows = np.concatenate([last, shard.patterns])
            if not precedes(rows[:-1], rows[1:]).all():
                raise InvalidComplexError(f"`store`: cells of {self.path} are not in order")
            last = rows[-1:]
            inner += int((shard.facet_id >= 0).sum())
        if self._linked is not None:
            self._linked.whole()
            if self.engine == "vertex" and inner != self._linked.n_entries:
                raise InvalidComplexError(f"`store`: the dual graph of {self.path} lacks facets")

    def to_memory(self, *, threads: int | None = None, progress: Progress = False) -> Complex:
        """The complex, in memory: the same as ``decompose(network, domain)``, to the byte.

        Parameters
        ----------
        threads : int, optional
            As for `decompose`.
        progress : bool or callable
            As for `decompose`.

        Returns
        -------
        Complex

        Raises
        ------
        RelutopeError
            If not all cells are there.
        """
        with search_watch(progress) as watch:
            return Complex(solution_in(self._folder, worker_threads(threads), watch))

    def __repr__(self) -> str:
        far = "complete" if self.complete else f"{self.jobs_done} of {self.n_jobs} known parts"
        return f"Store({self.n_cells:,} cells, {far}; {self.network!r} in {str(self.path)!r})"


@ieee_arithmetic
def open_store(path: str | Path) -> Store:
    """Opens a store that ``decompose(network, domain, store=path)`` has made, or is making.

    It may be opened while another process writes it, and after one that was killed.

    Parameters
    ----------
    path : str or Path
        Its folder.

    Returns
    -------
    Store

    Raises
    ------
    FileNotFoundError
        If there is none.
    InvalidFileError
        If it is damaged.

    See Also
    --------
    decompose, Store
    """
    return Store(Folder(checked_folder("path", path)))
