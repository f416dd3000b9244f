"""What a call costs on networks of few cells, as a training loop makes one at every step.

Part of `run.py`.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator
from typing import Any

import relutope as rt
from common import random_layers, show

WIDTHS = ([2, 4, 1], [2, 8, 6, 1], [3, 8, 8, 1])
CALLS = 400


def microseconds(work: Callable[[], Any]) -> float:
    """CPU time of a call, the median of many."""
    work()
    seconds = []
    for _ in range(CALLS):
        start = time.process_time()
        work()
        seconds.append(time.process_time() - start)
    return 1e6 * statistics.median(seconds)


def sequential(layers: list[tuple[Any, Any]]) -> Any:
    """The network as a module of torch, or None without it."""
    try:
        import torch
    except ImportError:
        return None
    parts: list[Any] = []
    for W, b in layers:
        linear = torch.nn.Linear(W.shape[1], W.shape[0]).double()
        linear.load_state_dict({"weight": torch.as_tensor(W), "bias": torch.as_tensor(b)})
        parts += [linear, torch.nn.ReLU()]
    return torch.nn.Sequential(*parts[:-1])


def measure() -> Iterator[dict[str, Any]]:
    for widths in WIDTHS:
        layers, box = random_layers(widths), rt.Box(-1, 1, dim=widths[0])
        network, module = rt.Network(layers), sequential(layers)
        cells = rt.decompose(network, box, threads=1).n_cells
        assert cells == int(rt.count(network, box))
        row: dict[str, Any] = {
            "network": "-".join(map(str, widths)),
            "cells": cells,
            "decompose_us": microseconds(lambda: rt.decompose(network, box, threads=1)),  # noqa: B023
            "count_us": microseconds(lambda: rt.count(network, box, threads=1)),  # noqa: B023
            "arrays_us": microseconds(lambda: rt.decompose(layers, box, threads=1)),  # noqa: B023
        }
        if module is not None:
            assert rt.as_network(module) == network
            row["torch_us"] = microseconds(lambda: rt.decompose(module, box, threads=1))  # noqa: B023
        yield row


def section() -> list[dict[str, Any]]:
    """Measures, and prints the table."""
    return show(
        f"CALLS  microseconds of processor time, medians of {CALLS}, one thread: of a Network, of\n"
        "  a list of arrays, and of a torch.nn.Sequential, read anew each time.",
        {
            "network": ("network", "<12"),
            "cells": ("cells", "9,"),
            "decompose_us": ("decompose", "10.0f"),
            "count_us": ("count", "8.0f"),
            "arrays_us": ("arrays", "8.0f"),
            "torch_us": ("torch", "8.0f"),
        },
        measure(),
    )
