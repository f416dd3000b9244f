"""The protocol's commands, answered by the package; see the viewer's README.

Plain functions of a request: no server, no state. What a request says is checked here, since it
comes from a browser.
"""

from __future__ import annotations

import base64
import binascii
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

import relutope as rt

from ..errors import CellLimitError
from ..plotting.viewer.frame import complex_frame

__all__ = ["COMMANDS", "MOST_CELLS", "RequestError", "answer"]

MOST_CELLS = 200_000
MOST_UPLOADED = 8 * 2**20
_READABLE = (".json", ".npz", ".onnx")
_REFUSALS = (
    rt.RelutopeError,
    ValueError,
    KeyError,
    TypeError,
    AttributeError,  # a list where an object is expected
    OverflowError,
    RecursionError,
    MemoryError,
)
_OWN = ("betti", "persistence", "spectrum", "locate")


class RequestError(ValueError):
    """A request that says what cannot be done; the message is shown to the reader."""


def answer(command: str, request: Any) -> bytes | dict[str, Any]:
    """A frame, or an answer that JSON can hold.

    Raises
    ------
    RequestError
        With words for the reader.
    """
    if command not in COMMANDS or not isinstance(request, Mapping):
        raise RequestError(f"the command {command!r} is unknown")
    try:
        return COMMANDS[command](request)
    except _REFUSALS as error:
        if isinstance(error, RequestError):
            raise
        raise RequestError(_in_words(error)) from error


def _in_words(error: Exception) -> str:
    if isinstance(error, CellLimitError):
        return f"there are more cells than can be shown; take a smaller window ({error})"
    if isinstance(error, KeyError):
        return f"the request lacks {error}"
    return str(error) or type(error).__name__


def _complex(request: Mapping[str, Any]) -> bytes:
    cx = _decomposed(request)
    header: dict[str, Any] = {}
    arrays: dict[str, np.ndarray] = {}
    want = list(request.get("want") or ["outlines", "patterns", "edges"])
    if "betti" in want:
        header["betti"] = [_betti(cx, one) for one in request.get("betti") or [{}]]
    if "spectrum" in want:
        header["fiedler"], found = _spectrum(cx, request)
        arrays.update(found)
    if "persistence" in want:
        pairs = rt.persistence(cx, request.get("persistence") or "sublevel")
        arrays["persistence"] = pairs.table()
    if "locate" in want:
        points = np.array(request.get("locate") or [], dtype=np.float64).reshape(-1, cx.dim)
        arrays["located"] = cx.locate(points).astype(np.int32)
    rest = [name for name in want if name not in _OWN]
    return complex_frame(cx, rest, further=arrays, **header)


def _decomposed(request: Mapping[str, Any]) -> Any:
    network = network_of(request["network"])
    most = min(int(request.get("maxCells") or MOST_CELLS), MOST_CELLS)
    options: dict[str, Any] = {"outputs": request.get("outputs"), "max_cells": most}
    domain = _domain(request.get("domain"))
    through = request.get("slice")
    if through is None:
        return rt.decompose(network, domain, **options)
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


def _betti(cx: Any, one: Mapping[str, Any]) -> list[int]:
    numbers = rt.betti(
        cx,
        one.get("of", "all"),
        float(one.get("level", 0.0)),
        label=one.get("label"),
        field=int(one.get("field", 2)),
        compactify=bool(one.get("compactify", False)),
    )
    return [int(number) for number in numbers]


def _spectrum(cx: Any, request: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    weight, normalized = request.get("weight", "unit"), bool(request.get("normalized", False))
    found = rt.fiedler(cx, weight, normalized=normalized)
    arrays: dict[str, np.ndarray] = {
        "fiedler": found.vector,
        "fiedler_side": found.partition.astype(np.uint8),
    }
    modes = min(int(request.get("modes") or 0), cx.n_cells, 64)
    if modes:
        arrays["spectrum"] = rt.spectrum(cx, modes, weight, normalized=normalized).values
    value = found.value if np.isfinite(found.value) else None
    stated = {
        "value": value,
        "multiplicity": int(found.multiplicity),
        "statement": found.statement,
    }
    return stated, arrays


def _open(request: Mapping[str, Any]) -> dict[str, Any]:
    """A network file's bytes, in base64; never a pickle."""
    suffix = Path(str(request["name"])).suffix.lower()
    if suffix not in _READABLE:
        raise RequestError(
            f"files ending in {suffix!r} cannot be opened here; save the network as "
            f"{', '.join(_READABLE)}"
        )
    try:
        data = base64.b64decode(str(request["data"]), validate=True)
    except binascii.Error as error:
        raise RequestError("the file arrived damaged") from error
    if len(data) > MOST_UPLOADED:
        raise RequestError(f"the file is larger than {MOST_UPLOADED >> 20} MiB")
    if suffix == ".json":
        import json

        return {"network": network_json(network_of(json.loads(data)))}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"network{suffix}"
        path.write_bytes(data)
        return {"network": network_json(rt.load_network(path))}


def network_json(network: rt.Network) -> dict[str, Any]:
    """The network as the protocol has it."""
    linear = [*network.linear_units, 0]
    return {
        "layers": [
            {"W": W.tolist(), "b": b.tolist(), **({"linear": k} if k else {})}
            for (W, b), k in zip(network.layers, linear, strict=True)
        ]
    }


COMMANDS: dict[str, Callable[[Mapping[str, Any]], bytes | dict[str, Any]]] = {
    "complex": _complex,
    "open": _open,
}
