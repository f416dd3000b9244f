"""Complexes as arrays and as files."""

from __future__ import annotations

import json
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np

from ..common.files import replacing
from ..domain.box import Box
from ..domain.polytope import Polytope
from ..errors import RelutopeError
from ..network.network import Network
from ..search.cell_arrays import CellArrays
from ..search.problem import Problem, Solution
from .kernel import Kernel

__all__ = ["read", "save"]

FORMAT = "relutope-complex/2"
# Before linear units.
_FORMAT_1 = "relutope-complex/1"


def save(cx: Kernel, path: str | Path) -> None:
    """See `Complex.save`."""
    data: dict[str, Any] = {f.name: getattr(cx.solution.arrays, f.name) for f in fields(CellArrays)}
    for k, (W, b, low) in enumerate(cx.network._core_layers()):
        data.update({f"W{k}": W, f"b{k}": b, f"b_low{k}": low})
    if isinstance(cx.domain, Polytope):
        data.update(A=cx.domain.A, b=cx.domain.b)
    elif cx.domain is not None:
        data.update(lower=cx.domain.lower, upper=cx.domain.upper)
    # Time and threads are no properties of the complex: the same complex gives the same bytes.
    stats = {name: value for name, value in cx.stats.items() if name not in ("seconds", "threads")}
    header = {
        "format": FORMAT,
        "layers": len(cx.network.layers),
        "linear_units": cx.network.linear_units,
        "stats": stats,
    }
    data["header"] = np.array(json.dumps(header))

    with replacing(Path(path)) as temporary, open(temporary, "wb") as file:
        np.savez_compressed(file, **data)


def _domain_in(file: Any) -> Box | Polytope | None:
    if "A" in file:
        return Polytope(file["A"], file["b"])
    return Box(file["lower"], file["upper"]) if "lower" in file else None


def read(path: str | Path) -> Solution:
    """What `save` has written.

    Parameters
    ----------
    path : str or Path

    Returns
    -------
    Solution

    Raises
    ------
    RelutopeError
        If the file is not such a file.

    See Also
    --------
    Complex.save, decompose
    """
    with np.load(path, allow_pickle=False) as file:
        header = json.loads(str(file["header"])) if "header" in file else {}
        if header.get("format") not in (FORMAT, _FORMAT_1):
            raise RelutopeError(f"`path`: {path} is not a file of format {FORMAT}")
        count = header["layers"]
        layers = [(file[f"W{k}"], file[f"b{k}"]) for k in range(count)]
        network = Network(layers, header.get("linear_units"))
        network._bias_low = [file[f"b_low{k}"] for k in range(count)]
        domain = _domain_in(file)
        arrays = CellArrays(**{f.name: file[f.name] for f in fields(CellArrays)})
    stats = header["stats"]
    return Solution(Problem(network, domain, stats.get("outputs")), arrays, stats)
