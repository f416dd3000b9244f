"""Live figures: recorded networks that the reader's browser decomposes anew."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import ArrayLike

from ...domain.polytope import Polytope
from .bundle import has_engine, in_script, live_scripts, style

if TYPE_CHECKING:
    from ...domain.box import Box
    from ...network.network import Network

__all__ = ["Record", "live_figure", "live_page", "network_json", "recording_json"]


@dataclass(frozen=True)
class Record:
    """A network at a step of its training.

    Attributes
    ----------
    step : int
    network : Network
        Of one or two inputs, without linear units.
    note : str
        What else is to be said of it, such as its accuracy.
    """

    step: int
    network: Network
    note: str = ""


def live_figure(
    records: Sequence[Record],
    domain: Box | Polytope | None,
    *,
    name: str = "recording",
    outputs: Literal["sign", "argmax"] | None = None,
    points: ArrayLike | None = None,
    labels: ArrayLike | None = None,
    unit: str = "epoch",
    still: str = "",
) -> str:
    """A figure in HTML in which the reader scrubs through training, drags weights, and points.

    A page with such figures needs `live_scripts()` and ``<style>`` with `style()` once.

    Parameters
    ----------
    records : sequence of Record
        In the order of their steps, one at least.
    domain : Box, Polytope or None
        All of R^n if None.
    name : str
        A different one for each figure of a page.
    outputs : {"sign", "argmax"}, optional
        Also show classes and their boundary, as for `relutope.decompose`.
    points, labels : array_like, shapes (k, n) and (k,), optional
        Data to draw.
    unit : str
        What the steps count.
    still : str
        HTML that is shown where the figure cannot come to life.

    Returns
    -------
    str
        `still` alone if this installation has no WebAssembly core.

    Raises
    ------
    ValueError
        If there are no records, or the networks do not fit.
    """
    recording = recording_json(
        records, domain, outputs=outputs, points=points, labels=labels, unit=unit
    )
    if not has_engine():
        return still
    key = escape(name, quote=True)
    return (
        f'<script type="application/json" id="{key}">{in_script(recording)}</script>'
        f'<div class="relutope-live" data-recording="{key}">{still}</div>'
    )


def recording_json(
    records: Sequence[Record],
    domain: Box | Polytope | None,
    *,
    outputs: Literal["sign", "argmax"] | None = None,
    points: ArrayLike | None = None,
    labels: ArrayLike | None = None,
    unit: str = "epoch",
) -> dict[str, Any]:
    """What a live figure shows, as live.js takes it.

    Parameters
    ----------
    records, domain, outputs, points, labels, unit
        As for `live_figure`.

    Returns
    -------
    dict

    Raises
    ------
    ValueError
        If there are no records, or the networks do not fit.
    """
    if not records:
        raise ValueError("`records` is empty")
    n = records[0].network.input_dim
    if n > 2 or any(any(one.network.linear_units) for one in records):
        raise ValueError(
            f"`records` hold networks of {n} inputs; a live figure needs one or two, and no linear "
            "units"
        )
    return {
        "records": [
            {"step": one.step, "network": network_json(one.network), "note": one.note}
            for one in records
        ],
        "domain": _domain_json(domain, n),
        "outputs": outputs,
        "data": None if points is None else _data(points, labels),
        "unit": unit,
    }


def live_page(title: str, body: str) -> str:
    """A page of its own around live figures: no reference to anything outside.

    Parameters
    ----------
    title : str
    body : str
        HTML, with the results of `live_figure`.

    Returns
    -------
    str
    """
    policy = (
        "default-src 'none'; script-src 'unsafe-inline' 'wasm-unsafe-eval' blob:; "
        "worker-src blob:; style-src 'unsafe-inline'; img-src data: blob:"
    )
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
        f"<title>{escape(title)}</title><style>{_PAGE_STYLE}{style()}</style></head>"
        f"<body><main><h1>{escape(title)}</h1>{body}</main>{live_scripts()}</body></html>"
    )


def _data(points: ArrayLike, labels: ArrayLike | None) -> dict[str, Any]:
    data = {"points": np.asarray(points, dtype=np.float64).tolist()}
    if labels is not None:
        data["labels"] = np.asarray(labels).astype(int).tolist()
    return data


def _domain_json(domain: Box | Polytope | None, n: int) -> dict[str, Any] | None:
    """JSON has no infinities: null."""
    if domain is None:
        return None
    if isinstance(domain, Polytope):
        nowhere = [None] * n
        rows = np.column_stack([-domain.A, domain.b]).tolist()
        return {"lower": nowhere, "upper": nowhere, "halfspaces": rows}
    box = domain.with_dim(n)
    lower, upper = (
        [float(x) if np.isfinite(x) else None for x in bound] for bound in (box.lower, box.upper)
    )
    return {"lower": lower, "upper": upper}


def network_json(network: Network) -> dict[str, Any]:
    """The weights, as the engine takes them."""
    layers = []
    for W, b, low in network.exact_layers():
        layer = {"W": W.tolist(), "b": b.tolist()}
        layers.append({**layer, "low": low.tolist()} if low.any() else layer)
    return {"layers": layers}


_PAGE_STYLE = """
:root { color-scheme: light dark; }
body { margin: 0; background: light-dark(#fbfaf8, #14161a); color: light-dark(#1c1f24, #e8e6e3);
  font: 16px/1.5 system-ui, sans-serif; }
main { max-width: 1100px; margin: 0 auto; padding: 32px 24px; }
h1 { font-size: 24px; }
"""
