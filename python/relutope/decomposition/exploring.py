"""Local search: the cells around a point, for networks with too many cells to enumerate."""

from __future__ import annotations

import math
from pathlib import Path

from numpy.typing import ArrayLike

from ..common.arithmetic import ieee_arithmetic
from ..common.progress import Progress
from ..domain.box import Box, FlatBox
from ..domain.polytope import Polytope
from ..errors import StoppedError
from ..network.conversion import NetworkLike
from ..search.problem import Outputs
from .exploration import Exploration
from .stored_exploration import Order

__all__ = ["explore"]


@ieee_arithmetic
def explore(
    network: NetworkLike,
    x0: ArrayLike,
    *,
    max_cells: int = 1000,
    radius: float = math.inf,
    order: Order = "bfs",
    domain: Box | FlatBox | Polytope | str | Path | None = None,
    outputs: Outputs | None = None,
    progress: Progress = False,
    memory_limit: int | None = None,
) -> Exploration:
    """The cells around a point, with all their facets, for networks of any size.

    A cell is explored when all its facets are known; then the search goes on to the cells beyond
    them. Every facet is certified: a point of the cell and a point that is on the wrong side of
    this facet alone. So is every neuron that is no facet, by a combination of facets. See
    `decompose` for what a cell is; degenerate weights are ordinary input here too.

    Parameters
    ----------
    network : Network, torch.nn.Module, sequence of (W, b), or path of a file
        As for `decompose`.
    x0 : array_like, shape (n,)
        Where to start. On the boundary between cells, or of the domain, the search starts in a cell
        that contains `x0`; `Exploration.start` says where.
    max_cells : int
        How many cells to explore.
    radius : float
        Explore only cells whose Euclidean distance from `x0` is at most this.
    order : {"bfs", "nearest"}
        By the number of facets crossed, or by the distance from `x0`.
    domain : Box, FlatBox, Polytope, or path of a ``.vnnlib`` file, optional
        Where to look; all of R^n by default, which is fastest. Inputs that a `FlatBox` fixes are
        dropped: points and cells are those of the network as a function of the others.
    outputs : {None, "sign", "argmax"}
        As for `decompose`: cells are also cut where the decision changes.
    progress : bool or callable
        Show progress on stderr, or be told; see `decompose`.
    memory_limit : int, optional
        How many bytes all that is explored may take.

    Returns
    -------
    Exploration
        Cells in the order in which they were explored, cell 0 at `x0`. ``run(max_cells=...)`` goes
        on from there.

    Raises
    ------
    InvalidNetworkError, UnsupportedLayerError
        If the network cannot be used.
    InvalidDomainError
        If `x0` is not in the domain, or the domain does not fit.
    ValueError
        If another argument is out of range.
    StoppedError
        Before more than `memory_limit` bytes are taken, or when `progress` returns True; its
        `partial` is the `Exploration` so far.
    KeyboardInterrupt
        On Ctrl-C. To keep what has been found, make an `Exploration` and call its `run`.

    See Also
    --------
    decompose, slice, Exploration

    Notes
    -----
    Cells have about twice as many facets as there are dimensions to move in, whatever the number of
    neurons. Over all of R^n, when the rows of the first layer are independent, a cell is explored
    in the coordinates of the first layer's active units, which are few. In a bounded domain each
    program has all n dimensions: with 784 inputs a cell with few facets, in a small box around an
    image, takes some tens of milliseconds as well; one with hundreds of facets takes seconds.

    That a neuron is no facet is often proven for neighbouring cells at once: in the dual problem of
    Wong and Kolter only some neurons' states matter. In boxes of many inputs, facets are looked for
    at the nearest points of their hyperplanes before a program decides.

    Distances are rounded: a cell within 1e-9 of `radius` may be on either side, and cells at nearly
    the same distance may change places.

    Examples
    --------
    >>> import relutope as rt
    >>> net = [([[1.0, 0.0], [0.0, 1.0]], [0.0, 0.0]), ([[1.0, -1.0]], [0.0])]
    >>> found = rt.explore(net, [3.0, 1.0], order="nearest")
    >>> found.n_cells, found.adjacency.tolist()
    (4, [[0, 1], [0, 2], [1, 3], [2, 3]])
    >>> found.distances.round(3).tolist()
    [0.0, 1.0, 3.0, 3.162]

    References
    ----------
    Clarkson, More output-sensitive geometric algorithms, FOCS 1994 (facets one by one).

    Wong and Kolter, Provable defenses against adversarial examples via the convex outer adversarial
    polytope, ICML 2018 (the dual problem).
    """
    exploration = Exploration(network, x0, domain=domain, order=order, outputs=outputs)
    try:
        exploration.run(
            max_cells=max_cells, radius=radius, progress=progress, memory_limit=memory_limit
        )
    except StoppedError as stopped:
        stopped.partial = exploration
        raise
    return exploration
