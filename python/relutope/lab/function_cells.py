"""A network's function on any cells, its own or others: labels, edge weights, Fiedler cuts."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from ..common.arguments import check_choice
from ..common.arithmetic import ieee_arithmetic
from ..common.arrays import BoolArray, FloatArray, IntArray
from ..graph.dual import Weight, decreasing, edge_changes, matrix_of_edges
from ..network.maps import affine_maps
from ..network.network import Network

if TYPE_CHECKING:
    from scipy.sparse import csr_array

__all__ = ["FunctionCells"]

_INVERSE = "inverse-"


@ieee_arithmetic
@dataclass(frozen=True, eq=False)
class FunctionCells:
    """Cells, and a network that is evaluated on them; made by `null_models.other_cells`.

    Everything that depends on the function is read off at the cells' interior points, whether the
    cells are the network's own or not, so that nothing but the cells differs.

    Attributes
    ----------
    network : Network
        The function.
    kind : str
        Where the cells are from, as for `other_cells`.
    points : ndarray, shape (n_cells, n), float64
        One inside each cell.
    adjacency : ndarray, shape (n_edges, 2), int64
        Cells that share a facet.
    facet_measure : ndarray, shape (n_edges,), float64
    """

    network: Network
    kind: str
    points: FloatArray
    adjacency: IntArray
    facet_measure: FloatArray

    @property
    def n_cells(self) -> int:
        """Number of cells."""
        return len(self.points)

    @cached_property
    def labels(self) -> BoolArray:
        """Whether the one output is above 0 at each cell's point, shape (n_cells,)."""
        outputs = self.network.output_dim
        if outputs != 1:
            raise ValueError(f"`network`: got {outputs} outputs, labels need one; select one logit")
        return np.asarray(self.network.forward(self.points)[:, 0] > 0.0)

    def edge_weights(self, weight: Weight = "unit") -> FloatArray:
        """Weights of the edges as `dual_graph` has them, shape (n_edges,).

        Parameters
        ----------
        weight : str
            As for `dual_graph`. ``output`` and ``bend`` come from the network's values and
            gradients at the points.

        Returns
        -------
        ndarray, shape (n_edges,), float64

        Raises
        ------
        ValueError
            For a weight that is unknown, or by the Hamming distance: only the network's own cells
            have patterns of its neurons.
        """
        check_choice("weight", weight, Weight)
        plain = weight.removeprefix(_INVERSE)
        values = decreasing(self._plain(plain)) if plain != weight else self._plain(plain)
        return np.asarray(values, dtype=np.float64)

    def _plain(self, weight: str) -> FloatArray:
        if weight == "unit":
            return np.ones(len(self.adjacency))
        if weight == "facet":
            return self.facet_measure
        if weight == "distance":
            return edge_changes(self.adjacency, self.points)
        if weight == "output":
            return edge_changes(self.adjacency, self.network.forward(self.points))
        if weight == "bend":
            patterns = self.network.patterns(self.points)
            return edge_changes(self.adjacency, affine_maps(self.network, patterns)[0])
        raise ValueError(
            "`weight`: got Hamming distances, which belong to a network's own cells alone; take "
            "another"
        )

    def graph(self, weight: Weight = "unit") -> csr_array:
        """The weighted dual graph, for `fiedler` and `spectrum`.

        Parameters
        ----------
        weight : str
            As for `edge_weights`.

        Returns
        -------
        scipy.sparse.csr_array, shape (n_cells, n_cells), float64
        """
        return matrix_of_edges(self.n_cells, self.adjacency, self.edge_weights(weight))

    def __repr__(self) -> str:
        return f"FunctionCells({self.n_cells} cells, {self.kind}; {self.network})"
