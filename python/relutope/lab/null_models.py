"""Null models: what a network would look like if the thing under study played no part.

A property of a trained network means something only beside the same property where nothing was
learnt. Three ways to take learning away, each leaving something else in place:

===================  ===================================  =====================================
null model           keeps                                takes away
===================  ===================================  =====================================
`shuffled_weights`   the distribution of every layer's    how weights belong together
                     trained weights and biases
`untrained`          the architecture                     training
`random_labels`      inputs, the numbers of the labels,   any relation of labels to inputs, so
                     and (train on them) training itself  anything to generalise
===================  ===================================  =====================================

All three change the function together with the cells. What is claimed of the cells needs the
fourth, `other_cells`: the function is kept, and evaluated on cells that are not its own.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..common.arguments import check_choice, checked_count, checked_seed
from ..common.arithmetic import ieee_arithmetic
from ..decomposition.counting import count
from ..decomposition.decomposing import decompose
from ..domain.box import Box
from ..network.conversion import NetworkLike, as_network
from ..network.network import Network
from .function_cells import FunctionCells
from .tessellations import Tessellation, hyperplanes, lattice, tessellation_of, voronoi

Floats = NDArray[np.float64]
Initialise = Callable[[int, int, np.random.Generator], tuple[Floats, Floats]]
CellKind = Literal["own", "untrained", "shuffled", "given", "lattice", "voronoi", "hyperplanes"]

__all__ = ["CellKind", "other_cells", "random_labels", "shuffled_weights", "untrained"]


@ieee_arithmetic
def shuffled_weights(network: NetworkLike, seed: int = 0) -> Network:
    """The network with the entries permuted within each layer.

    The entries of W are permuted among themselves, and those of b among themselves, independently
    for each layer: every one of the (entries of W)! (entries of b)! arrangements is equally
    likely. Norms and the distribution of weights stay as training left them.

    Parameters
    ----------
    network : Network, torch.nn.Module, path or list of (W, b)
        Anything `as_network` takes, of fully connected layers: the zeros of a convolution's matrix
        would be shuffled into the kernel.
    seed : int
        Fixes the permutations.

    Returns
    -------
    Network

    Raises
    ------
    ValueError
        If the network has linear units: most of their weights are not learnt.

    See Also
    --------
    untrained, random_labels

    Examples
    --------
    >>> import relutope as rt
    >>> from relutope.lab.null_models import shuffled_weights
    >>> net = rt.Network([([[1.0], [2.0], [3.0]], [4.0, 5.0, 6.0]), ([[7.0, 8.0, 9.0]], [0.0])])
    >>> shuffled = shuffled_weights(net, seed=1)
    >>> sorted(shuffled.layers[0][0].ravel().tolist()), sorted(shuffled.layers[0][1].tolist())
    ([1.0, 2.0, 3.0], [4.0, 5.0, 6.0])
    """
    layers, rng = _dense(network).layers, np.random.default_rng(checked_seed(seed))
    return Network(
        [(rng.permutation(W.ravel()).reshape(W.shape), rng.permutation(b)) for W, b in layers]
    )


@ieee_arithmetic
def untrained(network: NetworkLike, seed: int = 0, initialise: Initialise | None = None) -> Network:
    """A network of the same architecture with fresh random weights.

    Parameters
    ----------
    network : Network, torch.nn.Module, path or list of (W, b)
        Anything `as_network` takes, of fully connected layers. Only its shapes are read.
    seed : int
        Fixes the weights.
    initialise : callable, optional
        ``initialise(fan_in, fan_out, rng) -> (W, b)`` of shapes (fan_out, fan_in) and (fan_out,),
        called for each layer in order; give the one that the training started from. Default:
        weights and biases uniform between -1/sqrt(fan_in) and 1/sqrt(fan_in), the distribution of
        ``torch.nn.Linear``.

    Returns
    -------
    Network

    Raises
    ------
    ValueError
        If the network has linear units.

    See Also
    --------
    shuffled_weights, random_labels

    Examples
    --------
    >>> import relutope as rt
    >>> from relutope.lab.null_models import untrained
    >>> fresh = untrained(rt.mlp([2, 8, 8, 1]), seed=3)
    >>> fresh, bool(abs(fresh.layers[1][0]).max() <= 8**-0.5)
    (Network(2-8-8-1), True)
    """
    layers, rng = _dense(network).layers, np.random.default_rng(checked_seed(seed))
    draw = initialise or _uniform
    return Network([draw(W.shape[1], W.shape[0], rng) for W, _ in layers])


@ieee_arithmetic
def random_labels(y: ArrayLike, seed: int = 0) -> NDArray[Any]:
    """The labels or targets in random order: as many of each, unrelated to the inputs.

    Parameters
    ----------
    y : array_like (k,) or (k, m)
        One label, target or row of targets per sample; rows stay together.
    seed : int
        Fixes the order.

    Returns
    -------
    ndarray of the shape and type of `y`

    Raises
    ------
    ValueError
        If `y` is a single number.

    See Also
    --------
    shuffled_weights, untrained

    Examples
    --------
    >>> from relutope.lab.null_models import random_labels
    >>> random_labels([0, 0, 1, 1, 1], seed=2).sum()
    np.int64(3)
    """
    labels = np.asarray(y)
    if labels.ndim == 0:
        raise ValueError(f"`y`: got the single number {labels}, expected one label per sample")
    return np.random.default_rng(checked_seed(seed)).permutation(labels, axis=0)


@ieee_arithmetic
def other_cells(
    network: NetworkLike,
    domain: Box,
    kind: CellKind,
    seed: int = 0,
    *,
    other: NetworkLike | None = None,
    initialise: Initialise | None = None,
    n_cells: int | None = None,
) -> FunctionCells:
    """The network's function on cells that are not its own.

    Cells and function of a network belong together, so a property of its cells (say, that their
    Fiedler cut runs along the decision boundary) may be one of the function alone. If it is, other
    cells under the same function have it as well.

    Parameters
    ----------
    network : Network, torch.nn.Module, path or list of (W, b)
        The function. Of fully connected layers for "untrained" and "shuffled".
    domain : Box
        Bounded.
    kind : str
        Whose cells:

        - ``own``: the network's, to compare with;
        - ``untrained``: those of `untrained(network, seed)`;
        - ``shuffled``: those of `shuffled_weights(network, seed)`;
        - ``given``: those of the network `other`, for instance one trained on other data;
        - ``lattice``: equal boxes; `seed` plays no part;
        - ``voronoi``: Voronoi cells of uniform points;
        - ``hyperplanes``: random hyperplanes of all directions.
    seed : int
        Fixes what is random.
    other : Network, torch.nn.Module, path or list of (W, b), optional
        For ``given`` only.
    initialise : callable, optional
        For ``untrained``, as there.
    n_cells : int, optional
        How many cells a lattice, Voronoi cells or hyperplanes are to have: the first as nearly as
        whole numbers along the axes allow, the last as nearly as whole numbers of hyperplanes do.
        Default: as many as the network has.

    Returns
    -------
    FunctionCells
        Points, adjacency and measures of facets; labels and edge weights by the network's function
        at these points.

    Raises
    ------
    ValueError
        If the kind is unknown, the domain no bounded box of as many dimensions as the network has
        inputs, or `other` given without need or not given.

    See Also
    --------
    shuffled_weights, untrained, random_labels

    Examples
    --------
    >>> import relutope as rt
    >>> from relutope.lab.null_models import other_cells
    >>> net = rt.mlp([2, 8, 8, 1], seed=1)
    >>> own = other_cells(net, rt.Box(-1, 1), "own")
    >>> cells = other_cells(net, rt.Box(-1, 1), "voronoi", seed=3)
    >>> cells.n_cells == own.n_cells, len(rt.fiedler(cells.graph("inverse-output")).partition)
    (True, 27)
    """
    function, seed = as_network(network), checked_seed(seed)
    check_choice("kind", kind, CellKind)
    if (other is None) == (kind == "given"):
        need = "needs" if other is None else "takes no"
        raise ValueError(f"`other`: the kind {kind!r} {need} other network")
    box = _bounded(domain, function)
    cells = _cells_of(kind, function, box, seed, other, initialise)
    if cells is None:
        many = int(count(function, box)) if n_cells is None else checked_count("n_cells", n_cells)
        if kind == "lattice":
            cells = lattice(box, many)
        else:
            cells = (voronoi if kind == "voronoi" else hyperplanes)(box, many, seed)
    return FunctionCells(function, kind, cells.points, cells.adjacency, cells.facet_measure)


def _cells_of(
    kind: CellKind,
    function: Network,
    box: Box,
    seed: int,
    other: NetworkLike | None,
    initialise: Initialise | None,
) -> Tessellation | None:
    """The cells of the network that the kind stands for; None if it stands for none."""
    if kind == "own":
        source = function
    elif kind == "untrained":
        source = untrained(function, seed, initialise)
    elif kind == "shuffled":
        source = shuffled_weights(function, seed)
    elif other is not None:
        source = as_network(other)
    else:
        return None
    return tessellation_of(decompose(source, box))


def _bounded(domain: Box, function: Network) -> Box:
    if not isinstance(domain, Box):
        raise ValueError(f"`domain`: got {domain!r}, expected a Box, whose volume can be filled")
    box = domain.with_dim(function.input_dim)
    if not (np.isfinite(box.lower).all() and np.isfinite(box.upper).all()):
        raise ValueError(f"`domain`: got {domain!r}, expected finite bounds")
    return box


def _dense(network: NetworkLike) -> Network:
    given = as_network(network)
    if any(given.linear_units):
        raise ValueError(
            f"`network`: got {given}, which has linear units, expected fully connected layers with "
            "a ReLU after each but the last; use an architecture without convolutions and pooling"
        )
    return given


def _uniform(fan_in: int, fan_out: int, rng: np.random.Generator) -> tuple[Floats, Floats]:
    bound = fan_in**-0.5
    return rng.uniform(-bound, bound, (fan_out, fan_in)), rng.uniform(-bound, bound, fan_out)
