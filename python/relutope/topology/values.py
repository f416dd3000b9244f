"""Numbers per cell to filter a complex by."""

from __future__ import annotations

from typing import Any, Literal, TypeAlias, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..common.arithmetic import ieee_arithmetic
from ..complex.cell_complex import CellComplex
from ..complex.cells import ComplexLike, complex_of

__all__ = ["cell_values"]

FloatArray = NDArray[np.float64]
Kind: TypeAlias = Literal["volume", "gradient", "distance", "loss"]


@ieee_arithmetic
def cell_values(
    complex: ComplexLike, kind: Kind, X: ArrayLike | None = None, losses: ArrayLike | None = None
) -> FloatArray:
    """Return a number per cell, for `persistence`.

    Parameters
    ----------
    complex : Complex
    kind : {"volume", "gradient", "distance", "loss"}
        - ``volume``: the n-dimensional volume; all cells must be bounded.
        - ``gradient``: the largest singular value of the affine map on the cell, the norm of the
          gradient if there is one output.
        - ``distance``: Euclidean distance from the cell's interior point to the nearest row of
          `X`; 0 for cells that contain a row.
        - ``loss``: mean of `losses` over the rows of `X` that `Complex.locate` finds in the cell.
          Cells without rows take the largest mean, so that they enter last.
    X : array_like, shape (k, n), optional
        Data, for ``distance`` and ``loss``.
    losses : array_like, shape (k,), optional
        One number per row of `X`, for ``loss``.

    Returns
    -------
    ndarray of float64, shape (n_cells,)
        Rounded.

    Raises
    ------
    ValueError
        If `kind` is unknown, data are missing, superfluous or of the wrong shape, no row lies in
        the domain, or volumes are infinite.

    See Also
    --------
    persistence

    Examples
    --------
    >>> import relutope as rt
    >>> from relutope.topology import cell_values
    >>> cx = rt.decompose([([[1.0]], [0.0]), ([[3.0]], [0.0])], rt.Box(-1, 2))  # 3 relu(x)
    >>> cell_values(cx, "volume"), cell_values(cx, "gradient")
    (array([1., 2.]), array([0., 3.]))
    """
    complex = complex_of(complex)
    if kind not in get_args(Kind):
        raise ValueError(f"`kind` is {kind!r}; use one of {', '.join(get_args(Kind))}")
    for name, given, kinds in (("X", X, ("distance", "loss")), ("losses", losses, ("loss",))):
        if (given is not None) != (kind in kinds):
            problem = "needs" if given is None else "does not take"
            raise ValueError(f"`kind` is {kind!r}, which {problem} `{name}`")
    if kind == "volume":
        if not complex.bounded.all():
            raise ValueError("`kind` is 'volume', but some cells are unbounded; take a box")
        return complex.cell_volumes
    if kind == "gradient":
        return np.asarray(np.linalg.norm(complex.affine_maps()[0], ord=2, axis=(1, 2)))
    located = complex.locate(np.asarray(X, dtype=np.float64))
    if not (located >= 0).any():
        raise ValueError("`X` has no row in the domain")
    if kind == "distance":
        return _distances(complex, X, located)
    return _means(complex, losses, located)


def _distances(complex: CellComplex, X: Any, located: NDArray[np.int64]) -> FloatArray:
    from scipy.spatial import cKDTree

    distances, _ = cKDTree(np.asarray(X, dtype=np.float64)).query(complex.interior_points)
    result = np.asarray(distances, dtype=np.float64)
    result[located[located >= 0]] = 0.0
    return result


def _means(complex: CellComplex, losses: Any, located: NDArray[np.int64]) -> FloatArray:
    weights = np.asarray(losses, dtype=np.float64)
    if weights.shape != located.shape:
        raise ValueError(f"`losses` has shape {weights.shape}; expected {located.shape}")
    inside = located >= 0
    count = np.bincount(located[inside], minlength=complex.n_cells)
    total = np.bincount(located[inside], weights=weights[inside], minlength=complex.n_cells)
    means = np.divide(total, count, out=np.full(complex.n_cells, -np.inf), where=count > 0)
    means[count == 0] = means.max()
    return np.asarray(means, dtype=np.float64)
