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

__all__ = ["can_live", "fitting", "live_body"]

_MOST_POINTS = 400
_MOST_CELLS = 20_000
_MOST_NEURONS = 500  # the engine takes 512, those included that compare outputs
_MOST_BYTES = 3_000_000  # of recorded weights, so that pages stay below 5 MB
_BYTES_A_NUMBER = 21  # of a double in JSON
_STILL = "<p>This figure needs scripts and WebAssembly; all other pictures are still.</p>"


def can_live(network: Network, domain: Box | Polytope | None, n_cells: int = 0) -> bool:
    """Whether a reader's browser can decompose the network.

    It can in one or two inputs, over a bounded box, with up to 500 neurons and no linear units, in
    some thousands of cells, if this installation has the engine.
    """
    return (
        has_engine()
        and network.input_dim <= 2
        and 0 < network.n_neurons <= _MOST_NEURONS
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
    """The figure in HTML, of the first some hundred points; see `live_figure`.

    Of a long training it has as many steps, evenly chosen, as keep the page small, and says so.
    """
    shown = None if points is None else np.asarray(points)[:_MOST_POINTS]
    named = None if labels is None else np.asarray(labels)[:_MOST_POINTS].astype(np.int64)
    kept = fitting(records)
    words = (
        f"<p>The slider has {len(kept)} of the {len(records)} recorded steps, so that this page "
        "stays small.</p>"
    )
    figure = live_figure(
        kept,
        domain,
        name=name,
        outputs=outputs,
        points=shown,
        labels=named,
        unit=unit,
        still=_STILL,
    )
    return figure + (words if len(kept) < len(records) else "")


def fitting(records: Sequence[Record]) -> list[Record]:
    """The first, the last, and as many evenly between as a page can hold."""
    sizes = (sum(W.size + b.size for W, b in one.network.layers) for one in records)
    largest = max(sizes, default=1)
    most = max(2, _MOST_BYTES // (_BYTES_A_NUMBER * largest))
    if len(records) <= most:
        return list(records)
    return [records[k] for k in np.rint(np.linspace(0, len(records) - 1, most)).astype(int)]
