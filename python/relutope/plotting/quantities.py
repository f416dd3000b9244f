"""What cells can be coloured by: a name becomes numbers, a scale and words for the legend."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ..complex.cell_complex import CellComplex
from ..decisions.regions import decision_regions
from ..network.maps import affine_maps
from . import colours

if TYPE_CHECKING:
    from ..network.network import Network

Floats = NDArray[np.float64]

__all__ = ["QUANTITIES", "Quantity", "output_quantity", "quantity"]


@dataclass(frozen=True)
class Quantity:
    """Numbers or colours per cell, and how to show them.

    Attributes
    ----------
    values : ndarray of float64, shape (n_cells,) or (n_cells, 3)
        Numbers for the scale, or RGB colours.
    label : str
        Words for the colour bar; empty for none.
    cmap : colormap, optional
    limits : pair of float, optional
        Values at the two ends of the scale.
    names : tuple of (str, str)
        Name and colour of each category, for a legend instead of a colour bar.
    """

    values: Floats
    label: str = ""
    cmap: Any = None
    limits: tuple[float, float] | None = None
    names: tuple[tuple[str, str], ...] = ()


def quantity(cx: CellComplex, by: Any) -> Quantity:
    """The numbers that `by` stands for.

    Parameters
    ----------
    cx : Complex
    by : str, Quantity, or array_like of shape (n_cells,) or (n_cells, 3)
        A name of `QUANTITIES`, numbers, or RGB colours.

    Returns
    -------
    Quantity

    Raises
    ------
    ValueError
        If the name is unknown, or the array does not fit.

    See Also
    --------
    relutope.plot
    """
    if isinstance(by, Quantity):
        return by
    if isinstance(by, str):
        if by not in QUANTITIES:
            raise ValueError(f"`by` is {by!r}; use one of {', '.join(QUANTITIES)}, or an array")
        return QUANTITIES[by](cx)
    values = np.asarray(by, dtype=np.float64)
    if values.shape not in ((cx.n_cells,), (cx.n_cells, 3)):
        raise ValueError(
            f"`by` has shape {values.shape}; expected ({cx.n_cells},) numbers, one per cell, or "
            f"({cx.n_cells}, 3) colours"
        )
    return Quantity(values, cmap=colours.sequential())


def _pattern(cx: CellComplex) -> Quantity:
    return Quantity(colours.pattern_hues(cx.patterns))


def _symmetric(values: Floats, label: str, ends: tuple[str, str]) -> Quantity:
    reach = float(np.abs(values).max(initial=0.0)) or 1.0
    return Quantity(values, label, colours.diverging(ends), (-reach, reach))


def output_quantity(cells: CellComplex, network: Network, by: str) -> Quantity:
    """The one output of a network at a point of each cell, or its logistic function.

    Parameters
    ----------
    cells : Complex
        Of the network, or finer.
    network : Network
    by : {"prediction", "probability"}

    Returns
    -------
    Quantity

    Raises
    ------
    ValueError
        If the network has several outputs.
    """
    if network.output_dim != 1:
        raise ValueError(
            f"`by` is {by!r}, which needs one output; the network has {network.output_dim}: use "
            "'class', or an array"
        )
    # The affine maps of the cells cost a third of running the network on points of them.
    A, c = affine_maps(network, cells.patterns[:, : network.n_neurons])
    values = np.einsum("kn,kn->k", A[:, 0], cells.interior_points) + c[:, 0]
    ends = (colours.CLASSES[0], colours.CLASSES[1])
    if by == "prediction":
        return _symmetric(values, "f at a point of the cell", ends)
    chances = 0.5 * (1.0 + np.tanh(0.5 * values))
    return Quantity(chances, "probability of class 1", colours.diverging(ends), (0.0, 1.0))


def _prediction(cx: CellComplex) -> Quantity:
    return output_quantity(cx, cx.network, "prediction")


def _probability(cx: CellComplex) -> Quantity:
    return output_quantity(cx, cx.network, "probability")


def _class(cx: CellComplex) -> Quantity:
    if not cx.n_output_neurons:
        raise ValueError(
            "`by` is 'class', but a cell may have points of several classes; decompose with "
            "outputs='sign' (one output) or outputs='argmax' (several)"
        )
    labels = decision_regions(cx).labels
    palette = np.array([_rgb(colour) for colour in colours.CLASSES])
    found = np.unique(labels)
    names = tuple((f"class {k}", colours.CLASSES[k % len(palette)]) for k in found.tolist())
    return Quantity(palette[labels % len(palette)], names=names)


def _rgb(colour: str) -> tuple[float, ...]:
    return tuple(int(colour[k : k + 2], 16) / 255 for k in (1, 3, 5))


def _fiedler(cx: CellComplex) -> Quantity:
    from ..graph import fiedler

    return _symmetric(fiedler(cx).vector, "Fiedler vector", colours.PARTS)


def _fiedler_part(cx: CellComplex) -> Quantity:
    from ..graph import fiedler

    part = fiedler(cx).partition
    palette = np.array([_rgb(colour) for colour in colours.PARTS])
    names = (("lower part", colours.PARTS[0]), ("upper part", colours.PARTS[1]))
    return Quantity(palette[part.astype(np.int64)], names=names)


def _volume(cx: CellComplex) -> Quantity:
    volumes = cx.cell_volumes
    if not np.isfinite(volumes).all():
        raise ValueError("`by` is 'volume', but some cells are unbounded; take a box")
    tiny = np.maximum(volumes, np.finfo(float).tiny)
    return Quantity(np.log10(tiny), "log₁₀ of the cell's volume", colours.sequential())


def _gradient(cx: CellComplex) -> Quantity:
    norms = np.linalg.norm(cx.affine_maps()[0], ord=2, axis=(1, 2))
    return Quantity(np.asarray(norms), "norm of the gradient", colours.sequential())


def _degree(cx: CellComplex) -> Quantity:
    degrees = np.bincount(cx.adjacency.ravel(), minlength=cx.n_cells)
    return Quantity(degrees.astype(np.float64), "neighbours of the cell", colours.sequential())


def _depth(cx: CellComplex) -> Quantity:
    """The last layer that has a facet of the cell: the layer that made it, 0 for none."""
    layer_of = np.repeat(np.arange(1, len(_widths(cx)) + 1), _widths(cx))
    facets = cx.facet_neurons
    first = np.array([layer_of[row].min() if len(row) else 0 for row in facets])
    depth = np.zeros(cx.n_cells)
    for side in cx.adjacency.T:
        np.maximum.at(depth, side, first)
    return Quantity(
        depth, "last layer that cuts the cell off", colours.sequential(), (0, float(layer_of[-1]))
    )


def _widths(cx: CellComplex) -> list[int]:
    """Neurons per layer; those that compare outputs are the last of theirs."""
    return [int(width) for width in cx.network.hidden_widths]


QUANTITIES: dict[str, Callable[[CellComplex], Quantity]] = {
    "pattern": _pattern,
    "prediction": _prediction,
    "probability": _probability,
    "class": _class,
    "fiedler": _fiedler,
    "fiedler part": _fiedler_part,
    "volume": _volume,
    "gradient": _gradient,
    "degree": _degree,
    "depth": _depth,
}
"""What each name of `quantity` computes."""
