"""The live view as a widget of a notebook; importing this needs anywidget."""

from __future__ import annotations

from typing import Any

import anywidget
import numpy as np
import traitlets

from ..common.arithmetic import ieee_arithmetic
from ..common.arrays import BoolArray
from ..network.conversion import NetworkLike, as_network
from ..network.network import Network
from .viewer import network_json, style
from .viewer.bundle import notebook_module

__all__ = ["LiveView"]


@ieee_arithmetic
class LiveView(anywidget.AnyWidget):  # type: ignore[misc]
    """Cells that the reader's browser decomposes anew; made by `relutope.live`.

    Parameters
    ----------
    recording : dict
        As `relutope.plotting.viewer.recording_json` makes it.

    Attributes
    ----------
    recording, weights : dict
        What is shown, and the network as it is now, as the engine takes them.
    index : int
        The step of the training that it started from.
    bits : list of int
        Pattern of the chosen cell; empty if none is.
    """

    _css = style()

    recording = traitlets.Dict().tag(sync=True)
    weights = traitlets.Dict().tag(sync=True)
    index = traitlets.Int().tag(sync=True)
    bits = traitlets.List(traitlets.Int()).tag(sync=True)

    def __init__(self, recording: dict[str, Any]) -> None:
        last = len(recording["records"]) - 1
        weights = recording["records"][last]["network"]
        super().__init__(recording=recording, weights=weights, index=last, _esm=notebook_module())

    @property
    def network(self) -> Network:
        """The network as it is now, exactly; setting it shows another one of as many inputs."""
        layers = self.weights["layers"]
        pairs = [(np.array(one["W"], dtype=np.float64), one["b"]) for one in layers]
        lows = [one.get("low", [0.0] * len(one["b"])) for one in layers]
        return Network(pairs, bias_low=lows)

    @network.setter
    def network(self, network: NetworkLike) -> None:
        given, shown = as_network(network), self.network
        fits = given.input_dim == shown.input_dim and given.output_dim == shown.output_dim
        if not fits or any(given.linear_units):
            raise ValueError(
                f"`network` is {given!r}; the view takes one of {shown.input_dim} inputs and "
                f"{shown.output_dim} outputs, without linear units"
            )
        self.weights = network_json(given)

    @property
    def pattern(self) -> BoolArray | None:
        """Activation pattern of the cell that was clicked; None if none is chosen."""
        return np.array(self.bits, dtype=np.bool_) if self.bits else None
