"""Whose parameters are meant, and on which cells the network is smooth by them."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..common.arrays import BoolArray
from ..complex.cells import Cells
from ..complex.faceted import FacetedCells
from ..network.network import Network
from .factors import unit_masks

__all__ = ["reaching_layers", "smooth_cells", "smooth_points", "uncut_cells"]


def uncut_cells(source: Any) -> Cells:
    """The cells of a complex or an exploration.

    Raises
    ------
    TypeError
        If it is neither; the parameters of a slice's network are not the network's own.
    ValueError
        If cells were cut by outputs.
    """
    if not isinstance(source, FacetedCells):
        raise TypeError(
            f"`complex` must be a Complex or an Exploration, got {type(source).__name__}; "
            "decompose the network over a domain"
        )
    if source.n_output_neurons:
        raise ValueError(
            "`complex` is cut by outputs, whose neurons have no parameters of their own; decompose "
            "without `outputs`"
        )
    cells: Any = source
    return cells  # type: ignore[no-any-return]


def reaching_layers(network: Network, live: list[BoolArray]) -> list[BoolArray]:
    """For each hidden layer, whether each of its cells' units could change the outputs.

    They can iff each later layer has a unit that passes something on: `live` says which do,
    shape (cells, units).
    """
    open_ = np.ones(len(live[0]), dtype=np.bool_)
    reaching = []
    for passing in reversed(live):
        reaching.append(open_)
        open_ = open_ & passing.any(axis=1)
    return reaching[::-1]


def smooth_cells(cells: Cells) -> BoolArray:
    """On which cells the network is smooth by its parameters, shape (n_cells,).

    A neuron that vanishes on a cell turns on and off as its bias moves, which the outputs feel for
    some weights nearby iff each later layer has a unit that is active or vanishes, too.
    """
    network = cells.network
    cell, neuron = cells.zero_neurons
    smooth = np.ones(cells.n_cells, dtype=np.bool_)
    touched, which = np.unique(cell, return_inverse=True)
    if not len(touched):
        return smooth
    live = cells.patterns[touched].copy()
    live[which, neuron] = True
    reaching = reaching_layers(network, unit_masks(network, live))
    layer = np.repeat(np.arange(len(network.hidden_widths)), network.hidden_widths)[neuron]
    smooth[cell[np.stack(reaching)[layer, which]]] = False
    return smooth


def smooth_points(network: Network, signs: NDArray[np.int8]) -> BoolArray:
    """At which points with these signs the network is smooth by its parameters.

    As on cells, a neuron that is zero there must not reach the outputs.
    """
    reaching = reaching_layers(network, unit_masks(network, signs >= 0))
    zero = np.split(signs == 0, np.cumsum(network.hidden_widths)[:-1], axis=1)
    rough = np.zeros(len(signs), dtype=np.bool_)
    for own, open_ in zip(zero, reaching, strict=True):
        rough |= own.any(axis=1) & open_
    return ~rough
