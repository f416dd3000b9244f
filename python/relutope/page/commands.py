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
from ..plotting.viewer.frame import complex_frame, timed
from .analyses import betti_curves, clusters, domains, null_models, real_data
from .exports import exported
from .problems import RequestError, decomposed, network_json, network_of

__all__ = ["COMMANDS", "answer"]

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
    stages: dict[str, float] = {}
    header: dict[str, Any] = {}
    arrays: dict[str, np.ndarray] = {}
    with timed(stages, "cells"):
        cx = decomposed(request)
    want = list(request.get("want") or ["outlines", "patterns", "edges"])
    for name in want:
        if name in _OWN:
            with timed(stages, name):
                _OWN[name](cx, request, header, arrays)
    rest = [name for name in want if name not in _OWN]
    draft = bool(request.get("draft")) and set(want) <= _DRAFTED
    return complex_frame(cx, rest, further=arrays, stages=stages, draft=draft, **header)


_DRAFTED = {"outlines", "patterns", "edges", "decisions", "maps", "bounded"}


Header = dict[str, Any]
Arrays = dict[str, np.ndarray]


def _add_betti(cx: Any, request: Mapping[str, Any], header: Header, arrays: Arrays) -> None:
    header["betti"] = [_betti(cx, one) for one in request.get("betti") or [{}]]


def _add_persistence(cx: Any, request: Mapping[str, Any], header: Header, arrays: Arrays) -> None:
    arrays["persistence"] = rt.persistence(cx, request.get("persistence") or "sublevel").table()


def _add_spectrum(cx: Any, request: Mapping[str, Any], header: Header, arrays: Arrays) -> None:
    header["fiedler"], found = _spectrum(cx, request)
    arrays.update(found)


def _add_locate(cx: Any, request: Mapping[str, Any], header: Header, arrays: Arrays) -> None:
    points = np.array(request.get("locate") or [], dtype=np.float64).reshape(-1, cx.dim)
    arrays["located"] = cx.locate(points).astype(np.int32)


def _add_clusters(cx: Any, request: Mapping[str, Any], header: Header, arrays: Arrays) -> None:
    header["clusters"], arrays["clusters"] = clusters(cx, request)


def _add_nodal(cx: Any, request: Mapping[str, Any], header: Header, arrays: Arrays) -> None:
    header["nodal"], arrays["nodal"] = domains(cx, request)


_OWN: dict[str, Callable[[Any, Mapping[str, Any], Header, Arrays], None]] = {
    "betti": _add_betti,
    "persistence": _add_persistence,
    "spectrum": _add_spectrum,
    "locate": _add_locate,
    "clusters": _add_clusters,
    "nodal": _add_nodal,
}


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


COMMANDS: dict[str, Callable[[Mapping[str, Any]], bytes | dict[str, Any]]] = {
    "complex": _complex,
    "open": _open,
    "curves": betti_curves,
    "nulls": null_models,
    "data": real_data,
    "export": exported,
}
