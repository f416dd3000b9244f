"""Live figures of a report: recorded networks that the reader's browser decomposes anew."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from ...domain.box import Box
from ...domain.polytope import Polytope
from ...network.network import Network
from ...plotting.viewer import Record, has_engine, live_figure

__all__ = ["can_live", "live_body"]

_MOST_POINTS = 400
_MOST_CELLS = 20_000
_STILL = "<p>This figure needs scripts and WebAssembly; all other pictures are still.</p>"


def can_live(network: Network, domain: Box | Polytope | None, n_cells: int = 0) -> bool:
    """Whether a reader's browser can decompose the network.

    It can in one or two inputs, over a bounded box, without linear units, in some thousands of
    cells, if this installation has the engine.
    """
    return (
        has_engine()
        and network.input_dim <= 2
        and network.n_neurons > 0
        and not any(network.linear_units)
        and isinstance(domain, Box)
        and bool(np.isfinite(domain.lower).all() and np.isfinite(domain.upper).all())
        and n_cells <= _MOST_CELLS
    )


def live_body(
    records: Sequence[Record],
    domain: Box,
    *,
    name: str,
    outputs: Literal["sign", "argmax"] | None = None,
    points: ArrayLike | None = None,
    labels: ArrayLike | None = None,
    unit: str = "update",
) -> str:
    """The figure in HTML, of the first some hundred points; see `live_figure`."""
    shown = None if points is None else np.asarray(points)[:_MOST_POINTS]
    named = None if labels is None else np.asarray(labels)[:_MOST_POINTS].astype(np.int64)
    return live_figure(
        records,
        domain,
        name=name,
        outputs=outputs,
        points=shown,
        labels=named,
        unit=unit,
        still=_STILL,
    )
