"""The polyhedral complex of a network."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from numpy.typing import ArrayLike

from ..common.arithmetic import ieee_arithmetic
from ..complex.cell import Cell
from ..complex.cell_complex import CellComplex
from .sequence import CellSequence

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from ..topology.subcomplex import Subcomplex
    from .data_cells import DataCells

__all__ = ["Complex"]


@ieee_arithmetic
class Complex(CellComplex, CellSequence[Cell]):
    """All cells of a network's input space, with their facets, neighbours and faces.

    Made by `decompose`; read again by `relutope.load`. Cells are numbered in increasing
    lexicographic order of their patterns. Patterns, facets and adjacency are held; vertices and
    what needs them are computed when first asked for, by running the search once more, and then
    kept. ``stats`` says how the cells were found, for information only: engine, time in seconds,
    threads, how many signs each stage of the predicates decided, and `outputs` as given to
    `decompose`, if it was.

    Attributes
    ----------
    network : Network
    domain : Box, Polytope or None
        None is all of R^n.
    """

    def subcomplex(
        self,
        cells: ArrayLike | None = None,
        faces: Mapping[int, ArrayLike] | None = None,
    ) -> Subcomplex:
        """The union of some closed cells and faces.

        Parameters
        ----------
        cells : array_like of bool or int, optional
            Which cells: a mask, or indices.
        faces : mapping of int to array_like, optional
            Which faces, by dimension: masks or indices as for ``faces(k)``.

        Returns
        -------
        Subcomplex
            With all faces of what is chosen; empty if nothing is.

        Raises
        ------
        ValueError
            If a mask or an index does not fit.
        """
        from ..topology.subcomplex import Subcomplex

        return Subcomplex.closure_of(self, cells, faces)

    def cells_of(self, X: ArrayLike, y: ArrayLike | None = None) -> DataCells:
        """The cells that a data set touches, with counts and labels.

        As for `locate`, a point on a boundary counts for the lowest of its cells.

        Parameters
        ----------
        X : array_like, shape (points, n)
        y : array_like, shape (points,), optional
            Labels.

        Returns
        -------
        DataCells

        See Also
        --------
        relutope.cells_of_data : without the whole complex.
        """
        from .data_cells import cells_of

        return cells_of(self, X, y)

    def plot(self, by: Any = "pattern", **options: Any) -> Axes:
        """Draw the complex; see `relutope.plot`.

        Parameters
        ----------
        by : str or array_like
            What colours a cell.
        **options
            As for `relutope.plot`.

        Returns
        -------
        matplotlib.axes.Axes

        See Also
        --------
        relutope.plot
        """
        from ..plotting.picture import plot

        return plot(self, by, **options)

    def _repr_html_(self) -> str:
        from ..plotting.thumbnail import html_of

        return html_of(self)
