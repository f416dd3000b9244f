"""``relutope info``: what a file holds."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from .outcome import answer
from .paths import existing
from .problem_options import add_domain, add_output, complex_in, domain_of, is_complex

__all__ = ["ABOUT", "add", "run"]

ABOUT = """\
What a file holds: a saved complex, a network, or a table.

  relutope info cells.npz
  relutope info network.onnx --json
  relutope info network.onnx --box -1 1 --estimate"""


def add(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    parser.set_defaults(run=run)
    parser.add_argument("file", type=Path, metavar="FILE", help="complex, network or table")
    parser.add_argument("--allow-pickle", action="store_true", help="read .pt files")
    parser.add_argument("--faces", action="store_true", help="count the faces of all dimensions")
    parser.add_argument(
        "--estimate",
        action="store_true",
        help="of a network over a domain: what a decomposition would cost",
    )
    parser.add_argument("--cores", type=int, metavar="K", help="of this machine (default: all)")
    add_domain(parser)
    add_output(parser, "info")


def run(arguments: argparse.Namespace) -> int:
    """Run the command; the exit status."""
    path = arguments.file
    existing(path)
    if arguments.estimate:
        lines, found = _estimate(path, arguments)
        answer(arguments, "\n".join(lines), **found)
        return 0
    if path.suffix in (".csv", ".parquet"):
        found = _table(path)
    elif is_complex(path):
        found = _complex(path, arguments.faces)
    else:
        found = _network(path, arguments.allow_pickle)
    answer(
        arguments, "\n".join(f"{name:16}{_text(value)}" for name, value in found.items()), **found
    )
    return 0


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, dict):
        return ", ".join(f"{key}: {_text(one)}" for key, one in value.items())
    return " ".join(map(str, value)) if isinstance(value, list) else str(value)


def _complex(path: Path, faces: bool) -> dict[str, Any]:
    import numpy as np

    import relutope as rt

    cx = complex_in(path)
    found: dict[str, Any] = {
        "kind": "complex",
        "n_cells": cx.n_cells,
        "n_edges": cx.n_edges,
        "dim": cx.dim,
        "n_neurons": cx.n_neurons,
        "network": repr(cx.network),
        "domain": "all of R^n" if cx.domain is None else repr(cx.domain),
        "outputs": cx.stats.get("outputs") or "not cut",
        "bounded_cells": int(cx.bounded.sum()),
        "mean_degree": round(2 * cx.n_edges / cx.n_cells, 4),
    }
    if cx.n_output_neurons:
        labels, counts = np.unique(rt.decision_regions(cx).labels, return_counts=True)
        found["cells_per_class"] = dict(
            zip(map(str, labels.tolist()), counts.tolist(), strict=True)
        )
    if faces:
        found["f_vector"] = cx.f_vector.tolist()
        found["euler"] = cx.euler_characteristic
    return found


def _network(path: Path, allow_pickle: bool) -> dict[str, Any]:
    import relutope as rt

    net = rt.load_network(path, allow_pickle=allow_pickle)
    return {
        "kind": "network",
        "inputs": net.input_dim,
        "outputs": net.output_dim,
        "n_neurons": net.n_neurons,
        "layers": [int(width) for width in net.hidden_widths],
    }


def _estimate(path: Path, arguments: argparse.Namespace) -> tuple[list[str], dict[str, Any]]:
    import os
    import shutil

    import relutope as rt

    from ..common.arguments import worker_threads
    from ..search.domains import checked_domain, on_free_inputs
    from ..search.forecast import forecast
    from ..search.problem import Problem

    network = rt.load_network(path, allow_pickle=arguments.allow_pickle)
    domain = checked_domain(domain_of(arguments))
    cores = worker_threads(arguments.cores)
    estimate = rt.estimate_count(network, domain, threads=cores)
    cost = forecast(Problem(*on_free_inputs(network, domain)), estimate)
    memory = float(os.sysconf("SC_AVPHYS_PAGES") * os.sysconf("SC_PAGE_SIZE"))
    disk = float(shutil.disk_usage(".").free)
    seconds = 3600 * cost.hours(cores)
    low, high = cost.interval
    schedules = [cost.schedule(workers) for workers in (10, 100, 1000)]
    about = f"[{low:.3g}, {high:.3g}], {estimate.confidence:.0%}"
    lines = [
        f"cells           {cost.cells:.3g} {'exactly' if estimate.exact else about}",
        f"engine          {cost.engine}",
        f"time            {_duration(seconds)} on {cores} cores",
        f"memory          {_bytes(cost.bytes_in_memory)}, {_fits(cost.bytes_in_memory, memory)}",
        f"store           {_bytes(cost.bytes_on_disk)}, {_fits(cost.bytes_on_disk, disk)}",
    ]
    for one in schedules:
        gain = f"{_duration(one.seconds)}, {one.speedup:.3g} times one"
        lines.append(f"{f'{one.workers:,} workers':16}{gain}; limit: {one.limit}")
    return lines, {
        "kind": "estimate",
        "cells": cost.cells,
        "interval": [low, high],
        "confidence": estimate.confidence,
        "engine": cost.engine,
        "cores": cores,
        "seconds": seconds,
        "bytes_in_memory": cost.bytes_in_memory,
        "free_memory": memory,
        "bytes_on_disk": cost.bytes_on_disk,
        "free_disk": disk,
        "workers": {
            str(one.workers): {
                "seconds": one.seconds,
                "speedup": one.speedup,
                "limit": one.limit,
            }
            for one in schedules
        },
    }


def _fits(needed: float, free: float) -> str:
    return f"which {'fits' if needed < free else 'does not fit'} ({_bytes(free)} free)"


def _bytes(count: float) -> str:
    for unit in ("bytes", "kB", "MB", "GB", "TB"):
        if count < 1000:
            return f"{count:.3g} {unit}"
        count /= 1000
    return f"{count:.3g} PB"


def _duration(seconds: float) -> str:
    for unit, size in (("years", 3.156e7), ("days", 86400.0), ("hours", 3600.0), ("min", 60.0)):
        if seconds >= 2 * size:
            return f"{seconds / size:.3g} {unit}"
    return f"{seconds:.3g} s"


def _table(path: Path) -> dict[str, Any]:
    from ..tracking.recorded_table import read_table

    table = read_table(path)
    names = list(table)
    rows = len(table[names[0]]) if names else 0
    return {"kind": "table", "rows": rows, "columns": names}
