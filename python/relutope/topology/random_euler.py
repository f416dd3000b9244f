"""What random filtrations must show on average: their mean Euler characteristic by face counts."""

from __future__ import annotations

import numpy as np

from ..common.arithmetic import ieee_arithmetic
from ..common.arrays import FloatArray
from ..complex.cells import ComplexLike, complex_of

__all__ = ["expected_euler_curve"]


@ieee_arithmetic
def expected_euler_curve(complex: ComplexLike) -> FloatArray:
    """Mean Euler characteristic of the union of the first k cells in random order.

    The mean over all orders of the alternating sum of the Betti numbers is determined by how many
    faces of each dimension have how many cells around them. In the plane it is mean beta_0 minus
    mean beta_1, so the two mean Betti curves have one degree of freedom left between them.

    Parameters
    ----------
    complex : Complex or Slice
        The complex, over a bounded domain.

    Returns
    -------
    ndarray, shape (n_cells + 1,), float64
        Entry k belongs to the union of the first k cells. Face counts are exact; the entries are
        rounded.

    Raises
    ------
    ValueError
        If a cell is unbounded: its faces at infinity would have to be counted as well.

    See Also
    --------
    persistence, random_betti_curves, betti

    Notes
    -----
    *Theorem.* Let N cells enter in uniformly random order, each with its closure, and let X_k be
    the union of the first k. Then

        E chi(X_k) = sum over F of (-1)^(dim F) (1 - C(N - c_F, k) / C(N, k)),

    the sum over all faces F of the complex, c_F the number of cells around F.

    *Proof.* X_k is a subcomplex, so its Euler characteristic is the sum of (-1)^dim F over the
    faces that are in it. The first k cells are a uniformly random set of k cells, and F is in X_k
    unless all of them are among the N - c_F cells that are not around F, which has the probability
    ``C(N - c_F, k) / C(N, k)``. Expectation is linear. Over all orders nothing else is used:
    neither general position nor convexity. By Euler and Poincaré the left-hand side is the
    alternating sum of the mean Betti numbers, over any field.

    If each cell is there independently with probability t, the bracket is ``1 - (1 - t)^c_F``, by
    the same argument.

    Examples
    --------
    Three cells in a row: of two of them, one pair out of three is apart.

    >>> import relutope as rt
    >>> line = rt.decompose([([[1.0], [1.0]], [0.0, -1.0]), ([[1.0, 1.0]], [0.0])], rt.Box(-1, 2))
    >>> rt.topology.expected_euler_curve(line).round(6).tolist()
    [0.0, 1.0, 1.333333, 1.0]
    """
    cx = complex_of(complex)
    if not cx.bounded.all():
        raise ValueError(
            "`complex` has unbounded cells, whose faces do not add up to their Euler "
            "characteristic; decompose over a bounded box"
        )
    n, cells = cx.dim, cx.n_cells
    k = np.arange(cells + 1, dtype=np.float64)
    curve = np.zeros(cells + 1)
    for dim in range(n + 1):
        around = np.asarray(cx.incidence(dim, n).sum(axis=1)).ravel().astype(np.int64)
        for c, faces in zip(*np.unique(around, return_counts=True), strict=True):
            curve += (-1) ** dim * faces * (1.0 - _missed(cells, int(c), k))
    return curve


def _missed(cells: int, around: int, k: FloatArray) -> FloatArray:
    """``C(cells - around, k) / C(cells, k)``, as a product of `around` factors."""
    share = np.ones_like(k)
    for i in range(around):
        share *= np.maximum(cells - k - i, 0.0) / (cells - i)
    return share
