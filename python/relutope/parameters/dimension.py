"""The rank of the parameter Jacobian over many cells or points at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from ..common.arithmetic import ieee_arithmetic
from ..common.arrays import IntArray, ReadOnlyArrays
from ..network.conversion import as_network
from ..network.core import point_signs
from .jacobian import checked_points
from .rank_proofs import exact_rank
from .scalings import n_scalings
from .sources import smooth_cells, smooth_points, uncut_cells
from .stack import Stack

__all__ = ["FunctionalDimension", "functional_dimension"]


@ieee_arithmetic
@dataclass(frozen=True, eq=False)
class FunctionalDimension(ReadOnlyArrays):
    """Result of `functional_dimension`; ``int(result)`` is the dimension.

    Attributes
    ----------
    dimension : int
        Exact rank of the Jacobian by the parameters.
    n_parameters : int
        Number P of weights and biases.
    n_scalings : int
        Dimension of what the scalings of neurons span: a neuron's weights and bias times c, the
        weights that read it divided by c. One for each neuron unless weights are zero.
    n_smooth : int
        Cells or points that were counted.
    n_rough : int
        Cells or points at which the network is not smooth by its parameters, which do not count.
    dead_neurons : ndarray of int64
        Neurons that are active on none of the cells or points counted.
    linear_neurons : ndarray of int64
        Neurons that are active on all of them.
    n_primes : int
        How many primes the proof took; 1 if the first lower bound met the upper one.
    """

    dimension: int
    n_parameters: int
    n_scalings: int
    n_smooth: int
    n_rough: int
    dead_neurons: IntArray
    linear_neurons: IntArray
    n_primes: int

    @property
    def hidden(self) -> int:
        """Dimensions that neither change the function nor come from scalings, to first order."""
        return self.n_parameters - self.n_scalings - self.dimension

    def __int__(self) -> int:
        return self.dimension

    def __repr__(self) -> str:
        return f"FunctionalDimension({self})"

    def __str__(self) -> str:
        return (
            f"{self.dimension:,} of {self.n_parameters:,} parameters count "
            f"({self.n_scalings:,} scalings, {self.hidden:,} hidden)"
        )


@ieee_arithmetic
def functional_dimension(source: Any, points: ArrayLike | None = None) -> FunctionalDimension:
    """In how many dimensions the parameters move the function, exactly.

    The rank of the derivative of the function by all weights and biases [1]_. Over a complex, the
    function is all of it: the derivatives of the affine maps of all cells below each other. At
    points it is its values there (the *batch* functional dimension). What is missing from the
    number of parameters are symmetries: the scalings of neurons, which every network has, and
    hidden ones [2]_, of neurons that are dead, always active, or never bent where a later one sees
    it.

    Parameters
    ----------
    source : Complex or Exploration; or, with `points`, a network
        Cells that were not cut by outputs; a network as for `decompose`.
    points : array_like, shape (k, n), optional
        Taken as exactly these doubles.

    Returns
    -------
    FunctionalDimension

    Raises
    ------
    ValueError
        If the network has more parameters than a dense elimination can hold, cells were cut by
        outputs, or `points` do not fit.
    TypeError
        If `source` has no cells and there are no points.

    See Also
    --------
    cell_dimensions, parameter_jacobian, is_generic

    Notes
    -----
    Every entry of every W and b is a parameter, also those that are zero and those of linear units.
    Only cells count on which the network is smooth by its parameters: where a neuron vanishes on a
    whole cell and the outputs could feel it, there is no derivative.

    The rank of Jacobian and scalings together, modulo a prime, bounds the dimension from below;
    where it is P, it is the dimension plus `n_scalings`, since scalings change nothing. Otherwise a
    basis of the remaining kernel is found over the rationals (Chinese remainders), and is shown to
    vanish on every cell: modulo so many primes that their product exceeds what it could be. Cells
    enter the elimination at random, only as many as raise the rank.

    Examples
    --------
    Three neurons in the plane have 13 parameters and three scalings; of a repeated neuron only the
    sum of the two counts:

    >>> import relutope as rt
    >>> W, b = [[1.0, 0.0], [0.0, 1.0], [1.0, 1.0]], [0.0, 0.0, -1.0]
    >>> cx = rt.decompose([(W, b), ([[1.0, 1.0, 1.0]], [0.0])])
    >>> print(rt.functional_dimension(cx))
    10 of 13 parameters count (3 scalings, 0 hidden)
    >>> cx = rt.decompose([(W[:2] + W[:1], [0.0] * 3), ([[1.0, 1.0, 1.0]], [0.0])])
    >>> print(rt.functional_dimension(cx))
    7 of 13 parameters count (3 scalings, 3 hidden)

    References
    ----------
    .. [1] J. E. Grigsby, K. Lindsey, R. Meyerhoff, C. Wu, Functional dimension of feedforward ReLU
       neural networks, 2022.
    .. [2] J. E. Grigsby, K. Lindsey, D. Rolnick, Hidden symmetries of ReLU networks, ICML 2023.
    """
    if points is None:
        cells = uncut_cells(source)
        network, patterns, X = cells.network, cells.patterns, None
        smooth = smooth_cells(cells)
    else:
        network = as_network(source)
        X = checked_points(points, network.input_dim, "points")
        signs = point_signs(network, X)
        patterns, smooth = signs > 0, smooth_points(network, signs)
        X = X[smooth]
    counted = patterns[smooth]
    stack = Stack(network, counted, X)
    rank, primes = exact_rank(stack)
    active = counted.sum(axis=0)
    return FunctionalDimension(
        dimension=rank,
        n_parameters=stack.n_parameters,
        n_scalings=n_scalings(network),
        n_smooth=len(counted),
        n_rough=int(len(smooth) - len(counted)),
        dead_neurons=np.flatnonzero(active == 0),
        linear_neurons=np.flatnonzero(active == len(counted)) if len(counted) else active[:0],
        n_primes=primes,
    )
