"""The k smallest eigenpairs of a graph Laplacian."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from ..common.arguments import checked_count, checked_seed
from ..common.arithmetic import ieee_arithmetic
from ..common.arrays import ReadOnlyArrays
from ..complex.cells import Cells
from .dual import Weight
from .eigensolver import SAME, clusters, gaps, lowest_modes
from .laplacian import components, dropped_edges, laplacian, positive_graph

__all__ = ["Spectrum", "spectrum"]

FloatArray: TypeAlias = NDArray[np.float64]
IntArray: TypeAlias = NDArray[np.int64]
BoolArray: TypeAlias = NDArray[np.bool_]

_ROUNDING = 1e-14  # relative to the largest diagonal entry: what double precision can resolve
_NAMED = 3  # repeated eigenvalues that a statement names
_DIGITS = 1e-3  # relative error above which a value counts as not resolved


@ieee_arithmetic
@dataclass(frozen=True, eq=False)
class Spectrum(ReadOnlyArrays):
    """The k smallest eigenpairs of a graph Laplacian, and what to think of them.

    Attributes
    ----------
    values : ndarray, shape (k,), float64
        Eigenvalues, ascending, each as often as its multiplicity says (until k are reached).
        Exactly 0.0 once per connected component; others may be below 0 by rounding where they
        are not resolved.
    vectors : ndarray, shape (n, k), float64
        Orthonormal eigenvectors, one per column; the first entry that is not zero to 1e-6 of the
        largest is positive. For the value 0 they are the components' indicators, largest component
        first, with the entries ``1 / sqrt(size)`` (normalised Laplacian: proportional to the square
        roots of the degrees).
    residuals : ndarray, shape (k,), float64
        ``||L v - value v||_2``. Some exact eigenvalue is at most this far from the value.
    multiplicity : ndarray, shape (k,), int64
        How many eigenvalues agree with each one: exact for the value 0, else a numerical estimate
        (agreement to 1e-9 relative), and for the largest ones a lower bound where `open` is True.
    gaps : ndarray, shape (k,), float64
        Distance to the nearest eigenvalue that differs; NaN if not known. A vector's distance to
        the exact eigenspace is at most ``sqrt(2) * residual / gap`` (Davis and Kahan).
    resolved : ndarray, shape (k,), bool
        Whether residual and rounding errors together leave the value three digits. A connected
        graph that hangs together by very small weights has positive eigenvalues below what double
        precision can tell from 0.
    open : bool
        Whether more eigenvalues may agree with the last one than were computed.
    n_components : int
        Number of connected components, over the edges of positive weight.
    normalized : bool
        As given.
    statement : str
        What is repeated, and what is not resolved, in words.
    """

    values: FloatArray
    vectors: FloatArray
    residuals: FloatArray
    multiplicity: IntArray
    gaps: FloatArray
    resolved: BoolArray
    open: bool
    n_components: int
    normalized: bool
    statement: str

    @property
    def spectral_gap(self) -> float:
        """The second eigenvalue, counted with multiplicity; NaN if there is none among the k.

        0 for a disconnected graph.
        """
        return float(self.values[1]) if self.values.size > 1 else float("nan")

    def __repr__(self) -> str:
        shown = ", ".join(f"{value:.6g}" for value in self.values[:4])
        more = ", ..." if self.values.size > 4 else ""
        return f"Spectrum({self.values.size} of {len(self.vectors)} eigenvalues: {shown}{more})"


@ieee_arithmetic
def spectrum(
    complex_or_graph: Cells | Any,
    k: int = 6,
    weight: Weight = "unit",
    *,
    normalized: bool = False,
    seed: int = 0,
) -> Spectrum:
    """The k smallest eigenpairs of the Laplacian of a dual graph, or of any weighted graph.

    Parameters
    ----------
    complex_or_graph : Complex, Exploration, Slice, networkx.Graph, sparse array or array_like
        Cells; or a graph, by networkx or as a symmetric matrix of shape (n, n), with finite,
        nonnegative weights. The diagonal is ignored.
    k : int
        How many, from 1 to n.
    weight : str
        Edge weight as for `fiedler`; only with cells.
    normalized : bool
        Use ``I - D^-1/2 W D^-1/2`` instead of ``D - W`` (D: sums of the rows of W). An isolated
        node has a row of zeros in both [1]_.
    seed : int
        Seed of the iteration's start; the result is a function of the input and the seed.

    Returns
    -------
    Spectrum

    Raises
    ------
    ValueError
        If `k` is not between 1 and the number of nodes, or as `fiedler`.

    See Also
    --------
    fiedler, cheeger, nodal_domains

    Notes
    -----
    Each component is solved by itself: by diagonalisation up to 500 nodes, or if k is above about
    a sixth of them, else by LOBPCG with an algebraic multigrid preconditioner, whose cost grows
    with the number of edges and with k^2. A residual says that there is an eigenvalue near each
    value, but no iteration proves that it has skipped none; a block of at least k + 3 vectors makes
    that unlikely. Where eigenvalues are repeated, the vectors are one orthonormal basis among many.

    References
    ----------
    .. [1] F. R. K. Chung, "Spectral Graph Theory", AMS (1997), section 1.2.

    Examples
    --------
    A cycle of five nodes has 0 once, and two eigenvalues twice:

    >>> import numpy as np
    >>> step = np.roll(np.eye(5), 1, axis=1)
    >>> found = spectrum(step + step.T, k=5)
    >>> found.values.round(4).tolist(), found.multiplicity.tolist()
    ([0.0, 1.382, 1.382, 3.618, 3.618], [1, 2, 2, 2, 2])

    Two pairs, not connected with each other:

    >>> pairs = np.kron(np.eye(2), [[0, 1], [1, 0]])
    >>> found = spectrum(pairs, k=3)
    >>> found.values.round(4).tolist(), found.vectors[:, :2].round(4).tolist()
    ([0.0, 0.0, 2.0], [[0.7071, 0.0], [0.7071, 0.0], [0.0, 0.7071], [0.0, 0.7071]])
    """
    graph, dropped = positive_graph(complex_or_graph, weight)
    n = graph.shape[0]
    k, seed = checked_count("k", k), checked_seed(seed)
    if not 1 <= k <= n:
        raise ValueError(f"`k` is {k}; the graph has {n} nodes, give a number from 1 to {n}")
    count, component = components(graph)
    matrix, null = laplacian(graph, normalized)
    vectors = _zero_modes(null, component, k)
    known, everything = np.zeros(count), count == n
    if k > count:
        positive, modes, everything = _positive_modes(matrix, null, component, k - count, seed)
        known, vectors = np.concatenate([known, positive]), np.hstack([vectors, modes])
    found = _described(matrix, known, vectors, count, everything)
    return Spectrum(
        **found,
        n_components=count,
        normalized=normalized,
        statement=_statement(found, count, dropped),
    )


def _zero_modes(null: FloatArray, component: IntArray, k: int) -> FloatArray:
    """Indicators (n, <= k) of the components, largest first, scaled by `null` to unit vectors."""
    sizes = np.bincount(component)
    norms = np.sqrt(np.bincount(component, null * null))
    largest = np.argsort(-sizes, kind="stable")[:k]
    modes = np.zeros((component.size, largest.size))
    for column, part in enumerate(largest):
        nodes = component == part
        modes[nodes, column] = null[nodes] / norms[part]
    return modes


def _positive_modes(
    matrix: csr_array, null: FloatArray, component: IntArray, k: int, seed: int
) -> tuple[FloatArray, FloatArray, bool]:
    """All known positive eigenvalues up to the first that is not, at least k; vectors of k of them.

    The flag says whether they are all there are.
    """
    order = np.argsort(component, kind="stable")
    ends = np.cumsum(np.bincount(component))
    whole = ends.size == 1
    grouped = matrix if whole else csr_array(matrix[order][:, order])
    parts: list[tuple[FloatArray, FloatArray, IntArray]] = []
    limit = np.inf
    for start, end in zip(np.concatenate([[0], ends[:-1]]), ends, strict=True):
        if end - start == 1:
            continue
        block = grouped if whole else csr_array(grouped[start:end, start:end])
        values, vectors = lowest_modes(block, null[order[start:end]], k, seed)
        if values.size < end - start - 1:
            limit = min(limit, float(values[-1]))
        parts.append((values, vectors[:, :k].copy(), order[start:end]))
    values = np.concatenate([part[0] for part in parts])
    which = np.repeat(np.arange(len(parts)), [part[0].size for part in parts])
    place = np.concatenate([np.arange(part[0].size) for part in parts])
    ascending = np.argsort(values, kind="stable")
    vectors = np.zeros((component.size, min(k, values.size)))
    for column, at in enumerate(ascending[: vectors.shape[1]]):
        vectors[parts[which[at]][2], column] = parts[which[at]][1][:, place[at]]
    known = values[ascending]
    return known[known <= limit], vectors, bool(np.isinf(limit))


def _described(
    matrix: csr_array, known: FloatArray, vectors: FloatArray, count: int, everything: bool
) -> dict[str, Any]:
    """The fields of `Spectrum` that follow from the known eigenvalues and the first k vectors."""
    k = vectors.shape[1]
    values = known[:k]
    rounding = _ROUNDING * float(matrix.diagonal().max())
    vectors = vectors / np.linalg.norm(vectors, axis=0)
    size = np.abs(vectors)
    first = np.argmax(size > 1e-6 * size.max(axis=0), axis=0)
    vectors *= np.where(vectors[first, np.arange(k)] < 0, -1.0, 1.0)
    residuals = np.linalg.norm(matrix @ vectors - vectors * values, axis=0)
    positive, beyond = known[count:], np.inf if everything else np.nan
    multiplicity, gap, more = np.full(known.size, count), np.full(known.size, beyond), False
    if positive.size:
        # Zeros are counted by the components: a value that rounding moves to 0 is none of them.
        start, last = clusters(positive, 0.1 * rounding)
        multiplicity[count:] = last - start + 1
        gap[:count] = positive[0]
        gap[count:] = np.minimum(gaps(positive, beyond, 0.1 * rounding), positive)
        more = k > count and not everything and bool(last[k - count - 1] == positive.size - 1)
    return {
        "values": values,
        "vectors": vectors,
        "residuals": residuals,
        "multiplicity": multiplicity[:k],
        "gaps": gap[:k],
        "resolved": (np.arange(k) < count) | (residuals + rounding <= _DIGITS * values),
        "open": more,
    }


def _statement(found: dict[str, Any], count: int, dropped: int) -> str:
    values, multiplicity = found["values"], found["multiplicity"]
    text = (
        "The graph is connected."
        if count == 1
        else f"The graph has {count} components, so the eigenvalue 0 is repeated {count} times."
    )
    first = np.flatnonzero((multiplicity > 1) & found["resolved"])
    first = first[first >= count]
    starts = first[np.diff(values[first], prepend=-1.0) > SAME * values[first]]
    for at in starts[:_NAMED]:
        text += f" The eigenvalue {values[at]:.6g} is repeated {multiplicity[at]} times"
        last = values[-1] - values[at] <= SAME * values[-1]
        text += " or more" if last and found["open"] else ""
        text += f", as far as agreement to {SAME:g} tells."
    if starts.size > _NAMED:
        text += f" So are {starts.size - _NAMED} others."
    unresolved = int(np.count_nonzero(~found["resolved"]))
    if unresolved:
        text += (
            f" Not resolved: {unresolved} eigenvalues are known to less than three digits, because "
            "they are too small beside the largest weights for double precision or the iteration "
            "stopped early; see `residuals`."
        )
    return text + dropped_edges(dropped)
