"""The protocol's networks, domains and slices, as the package has them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

import relutope as rt

__all__ = ["MOST_CELLS", "RequestError", "decomposed", "network_json", "network_of"]

MOST_CELLS = 200_000


class RequestError(ValueError):
    """A request that says what cannot be done; the message is shown to the reader."""


def decomposed(request: Mapping[str, Any], network: rt.Network | None = None) -> rt.Complex:
    """The complex that a request is about, of its own network or of another one."""
    if network is None:
        network = network_of(request["network"])
    most = min(int(request.get("maxCells") or MOST_CELLS), MOST_CELLS)
    options: dict[str, Any] = {"outputs": request.get("outputs"), "max_cells": most}
    domain = _domain(request.get("domain"))
    through = request.get("slice")
    if through is None:
        found = rt.decompose(network, domain, **options)
        return found if isinstance(found, rt.Complex) else found.complex  # a flat box: its slice
    if domain is not None:
        options["domain"] = domain
    if through.get("points") is not None:
        return rt.slice(network, through["points"], **options).complex
    pair = (through["origin"], through["basis"])
    return rt.slice(network, embedding=pair, **options).complex


def network_of(given: Any) -> rt.Network:
    """A network from the JSON of the protocol, or that of neural-network-elements."""
    if isinstance(given, Mapping) and "weights" in given:
        biases = [np.ravel(b) for b in given["biases"]]
        return rt.Network(list(zip(given["weights"], biases, strict=True)))
    layers = given["layers"]
    pairs = [(one["W"], one["b"]) if isinstance(one, Mapping) else one for one in layers]
    linear = [one.get("linear", 0) if isinstance(one, Mapping) else 0 for one in layers[:-1]]
    if any(isinstance(one, Mapping) and any(one.get("low") or ()) for one in layers):
        raise RequestError("low parts of biases are for the engine in the browser only")
    return rt.Network(pairs, linear)


def _domain(given: Any) -> Any:
    if given is None:
        return None
    if given.get("halfspaces"):
        rows = np.array(given["halfspaces"], dtype=np.float64)
        lower, upper = _bounds(given)
        unit = np.eye(len(lower))
        A = [-rows[:, :-1], -unit[np.isfinite(lower)], unit[np.isfinite(upper)]]
        b = [rows[:, -1], -lower[np.isfinite(lower)], upper[np.isfinite(upper)]]
        return rt.Polytope(np.vstack(A), np.concatenate(b))
    return rt.Box(*_bounds(given))


def _bounds(given: Any) -> tuple[np.ndarray, np.ndarray]:
    lower = [-np.inf if x is None else x for x in given["lower"]]
    upper = [np.inf if x is None else x for x in given["upper"]]
    return np.array(lower, dtype=np.float64), np.array(upper, dtype=np.float64)


def network_json(network: rt.Network) -> dict[str, Any]:
    """The network as the protocol has it."""
    linear = [*network.linear_units, 0]
    return {
        "layers": [
            {"W": W.tolist(), "b": b.tolist(), **({"linear": k} if k else {})}
            for (W, b), k in zip(network.layers, linear, strict=True)
        ]
    }
