"""Bent hyperplanes: where the preactivation of a neuron vanishes."""

from __future__ import annotations

from ..common.arguments import checked_index
from ..common.arithmetic import ieee_arithmetic
from ..complex.cells import ComplexLike, complex_of
from .sets import full_masks
from .subcomplex import Subcomplex

__all__ = ["bent_hyperplane"]


@ieee_arithmetic
def bent_hyperplane(complex: ComplexLike, neuron: int) -> Subcomplex:
    """The closed set on which a neuron's preactivation is zero, exactly.

    For a neuron of the first layer it is a hyperplane; in later layers it bends where it meets
    those of the layers before [1]_, may have several components, closed ones among them, and of
    degenerate networks it contains the whole cells on which the neuron vanishes.

    Parameters
    ----------
    complex : Complex or Slice
        The complex, over any domain.
    neuron : int
        A column of ``complex.patterns``; negative ones count from the end.

    Returns
    -------
    Subcomplex
        With its faces, components and Betti numbers. Sets of several neurons are joined by ``|``,
        and intersected by ``&``.

    Raises
    ------
    IndexError
        If there is no such neuron.

    See Also
    --------
    region, Network.preactivation

    Notes
    -----
    Where only one is wanted, the complex need not be made: ``decision_boundary(net.preactivation(
    neuron), domain)`` finds the facets at which the neuron changes its sign.

    References
    ----------
    .. [1] B. Hanin, D. Rolnick, Deep ReLU networks have surprisingly few activation patterns,
       NeurIPS 2019.

    Examples
    --------
    ``|x| + |y| - 1`` vanishes on the boundary of a diamond, a circle:

    >>> import relutope as rt
    >>> rows = [[1, 0], [-1, 0], [0, 1], [0, -1]]
    >>> cx = rt.decompose([(rows, [0] * 4), ([[1] * 4], [-1]), ([[1]], [0])])
    >>> rt.bent_hyperplane(cx, 4).betti()
    array([1, 1, 0])
    """
    cx = complex_of(complex)
    which = checked_index(neuron, cx.n_neurons, "neurons", "neuron")
    return Subcomplex(cx, full_masks(cx.lattice, cx.vertex_signs[:, which] == 0))
