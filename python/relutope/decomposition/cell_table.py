"""The cells as a table: a row for each."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..common.arithmetic import ieee_arithmetic
from ..common.extras import require
from ..complex.cell_complex import CellComplex
from ..complex.cells import ComplexLike, complex_of
from ..complex.shapes import chebyshev, diameters
from ..decisions.regions import decision_regions
from .data_cells import cells_of as data_in_cells

__all__ = ["cell_table", "to_pandas"]


def cell_table(
    complex: ComplexLike,
    *,
    shapes: bool = False,
    X: ArrayLike | None = None,
    y: ArrayLike | None = None,
) -> dict[str, NDArray[Any]]:
    """A row per cell, as columns.

    Parameters
    ----------
    complex : Complex
    shapes : bool
        Whether to add ``diameter``, and ``inradius`` and ``centre0``, ... of the largest ball in
        each cell (Chebyshev's), which takes a linear program for each.
    X, y : array_like, optional
        Data and their labels: adds ``points``, how many lie in each cell, and ``purity``, the share
        of the most frequent label (NaN without points); see `Complex.cells_of`.

    Returns
    -------
    dict of str to ndarray, each of shape (n_cells,)
        ``cell``; ``pattern`` (text of 0 and 1); ``degree``; ``bounded``; ``x0``, ``x1``, ... of a
        point inside; ``gradient_norm``; ``A0_0``, ... and ``c0``, ... of the affine map, output by
        output; ``volume`` where all cells are bounded and have at most six dimensions; ``class``
        where the cells are cut by the decision (``outputs=``).

    See Also
    --------
    to_pandas, export

    Examples
    --------
    >>> import relutope as rt
    >>> cx = rt.decompose([([[1.0]], [0.0]), ([[3.0]], [0.0])], rt.Box(-1, 2))
    >>> table = cell_table(cx)
    >>> table["pattern"].tolist(), table["A0_0"].tolist(), table["volume"].tolist()
    (['0', '1'], [0.0, 3.0], [1.0, 2.0])
    """
    complex = complex_of(complex)
    n = complex.n_cells
    A, c = complex.affine_maps()
    bits = complex.patterns.astype(np.uint8) + ord("0")
    table: dict[str, NDArray[Any]] = {
        "cell": np.arange(n),
        "pattern": np.array([row.tobytes().decode("ascii") for row in bits]),
        "degree": np.bincount(complex.adjacency.ravel(), minlength=n),
        "bounded": complex.bounded,
    }
    table |= {f"x{k}": column for k, column in enumerate(complex.interior_points.T)}
    table["gradient_norm"] = np.linalg.norm(A, ord=2, axis=(1, 2))
    for output in range(A.shape[1]):
        table |= {f"A{output}_{k}": A[:, output, k] for k in range(A.shape[2])}
        table[f"c{output}"] = c[:, output]
    if complex.bounded.all() and complex.dim <= 6:
        table["volume"] = complex.cell_volumes
    if complex.n_output_neurons:
        table["class"] = decision_regions(complex).labels
    if shapes:
        centres, radii = chebyshev(complex)
        table |= {"diameter": diameters(complex), "inradius": radii}
        table |= {f"centre{k}": column for k, column in enumerate(centres.T)}
    return table if X is None else table | _of_data(complex, X, y)


def _of_data(complex: CellComplex, X: ArrayLike, y: ArrayLike | None) -> dict[str, NDArray[Any]]:
    found = data_in_cells(complex, X, y)
    points = np.zeros(complex.n_cells, dtype=np.int64)
    points[found.cells] = found.counts
    if y is None:
        return {"points": points}
    purity = np.full(complex.n_cells, np.nan)
    purity[found.cells] = found.purity
    return {"points": points, "purity": purity}


@ieee_arithmetic
def to_pandas(
    complex: ComplexLike,
    *,
    shapes: bool = False,
    X: ArrayLike | None = None,
    y: ArrayLike | None = None,
) -> Any:
    """The table of the cells as a pandas DataFrame.

    Parameters
    ----------
    complex : Complex
    shapes : bool
        Whether to add diameters and largest balls.
    X, y : array_like, optional
        Data and their labels, counted in each cell.

    Returns
    -------
    pandas.DataFrame
        With the columns of `cell_table`, indexed by the cell.

    Raises
    ------
    MissingDependencyError
        If pandas is not installed.

    See Also
    --------
    export
    """
    complex = complex_of(complex)
    require("pandas", "`to_pandas`")
    import pandas

    return pandas.DataFrame(cell_table(complex, shapes=shapes, X=X, y=y)).set_index("cell")
