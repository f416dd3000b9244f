"""What the page shows, as files."""

from __future__ import annotations

import base64
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import relutope as rt

from ..plotting import animate
from .problems import RequestError, decomposed, network_of

__all__ = ["FORMATS", "exported"]

MOST_FRAMES = 200


def exported(request: Mapping[str, Any]) -> dict[str, Any]:
    """A file about the complex of a request.

    Parameters
    ----------
    request : mapping
        The complex, ``format`` (a key of `FORMATS`), ``weight``; ``history``, a list of
        ``{step, network, loss, accuracy}``; ``data``, ``{points, labels}``.

    Returns
    -------
    dict
        ``name``, and ``data`` in base64.
    """
    name = request.get("format")
    if name not in FORMATS:
        raise RequestError(f"the format {name!r} is unknown; use one of {', '.join(FORMATS)}")
    file, write = FORMATS[name]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / file
        write(request, path)
        return {"name": file, "data": base64.b64encode(path.read_bytes()).decode("ascii")}


def _npz(request: Mapping[str, Any], path: Path) -> None:
    decomposed(request).save(path)


def _other(request: Mapping[str, Any], path: Path) -> None:
    weight = request.get("weight", "unit") if path.suffix == ".graphml" else None
    rt.export(decomposed(request), path, weight=weight)


def _report(request: Mapping[str, Any], path: Path) -> None:
    history = _history(request)
    table: dict[str, list[Any]] = {
        "step": [step for step, _ in history],
        **{
            name: [float(one[name]) for _, one in history if one.get(name) is not None]
            for name in ("loss", "accuracy")
        },
    }
    complete = {name: column for name, column in table.items() if len(column) == len(history)}
    cx = decomposed(request)
    sliced = request.get("slice") is not None
    networks = {} if sliced else {step: network_of(one["network"]) for step, one in history}
    data = request.get("data") or {}
    points = data.get("points") or []
    shown = (points, data.get("labels")) if points and len(points[0]) == cx.dim else None
    rt.report(
        path,
        cx,
        table=complete if history else None,
        networks=networks or None,
        data=shown,
        title="From the page",
    )


def _film(request: Mapping[str, Any], path: Path) -> None:
    history = _history(request)
    if not history:
        raise RequestError("nothing was trained yet; an animation shows the steps of a training")
    chosen = history[:: -(-len(history) // MOST_FRAMES)]
    frames = {step: decomposed(request, network_of(one["network"])) for step, one in chosen}
    by = "prediction" if next(iter(frames.values())).network.output_dim == 1 else "class"
    animate(frames, path, by)


def _history(request: Mapping[str, Any]) -> list[tuple[int, Mapping[str, Any]]]:
    """The recorded steps, in order; of equal ones the last."""
    found = {int(one["step"]): one for one in request.get("history") or []}
    return sorted(found.items())


FORMATS: dict[str, tuple[str, Callable[[Mapping[str, Any], Path], None]]] = {
    "npz": ("complex.npz", _npz),
    "graphml": ("dual-graph.graphml", _other),
    "csv": ("cells.csv", _other),
    "vtu": ("cells.vtu", _other),
    "report": ("report.html", _report),
    "film": ("training.gif", _film),
}
