"""What gradients, parameters' dimensions, general position and paths cost: CPU milliseconds.

python benchmarks/instruments.py          wide-2d and deep-3d, medians of three, one thread
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np

import relutope as rt
from common import best_and_median, zoo

REPEATS = 3


ANSWERS = {  # cells, diameter, crossings of the shortest path and of the segment
    "wide-2d": (88_292, 420, 401, 415),
    "deep-3d": (6_131, 37, 21, 27),
}


def main() -> None:
    import torch

    torch.set_num_threads(1)
    for name, answers in ANSWERS.items():
        layers = zoo.standard(name).layers
        instruments(layers, rt.Box(-1, 1, dim=np.shape(layers[0][0])[1]), answers)
    gradients("gradient of all volumes", random_layers([2, 40, 36, 1]), rt.Box(-1, 1))


def instruments(layers: Any, box: Any, answers: tuple[int, ...]) -> None:
    cx = rt.decompose(layers, box, threads=1)
    print(f"{cx.n_cells:,} cells in {cx.dim} dimensions, {cx.n_edges:,} shared facets")
    ends = np.full(cx.dim, -0.9), np.full(cx.dim, 0.8)
    gradients("gradient of all volumes", layers, box)
    if cx.dim == 3:  # the other has too many parameters
        row("functional_dimension", lambda: rt.functional_dimension(cx))
    row("cell_dimensions, largest", lambda: rt.parameters.cell_dimensions(cx).max())
    row("is_generic", lambda: rt.is_generic(cx))
    found = [
        row("graph.diameter", lambda: rt.graph.diameter(cx)).diameter,
        row("shortest_path", lambda: rt.shortest_path(cx, *ends)).n_crossings,
        row("segment_cells", lambda: rt.segment_cells(cx, *ends)).n_crossings,
    ]
    assert (cx.n_cells, *found) == answers
    row(
        "shortest_path, 2,000 cells explored",
        lambda: rt.shortest_path(layers, *ends, domain=box, max_cells=2000),
    )
    row("graph.betweenness, 20 samples", lambda: rt.graph.betweenness(cx, samples=20).max())


def random_layers(widths: list[int]) -> list[tuple[Any, Any]]:
    rng = np.random.default_rng(1)
    return [
        (rng.normal(0, (2 / a) ** 0.5, (b, a)), rng.uniform(-0.5, 0.5, b))
        for a, b in pairwise(widths)
    ]


def gradients(what: str, layers: Any, domain: Any) -> None:
    """From a fresh complex to the gradients; the search for the cells is not counted."""
    import torch

    given = [tuple(torch.tensor(p, requires_grad=True) for p in layer) for layer in layers]
    fresh = [rt.decompose(layers, domain, threads=1) for _ in range(REPEATS)]

    def step() -> str:
        cx = fresh.pop()
        rt.differentiable.Geometry(cx, given).cell_volumes.square().sum().backward()
        return f"{cx.n_cells:,} cells"

    row(what, step)


def row(what: str, work: Callable[[], Any]) -> Any:
    _, median, result = best_and_median(work, repeats=REPEATS)
    print(f"  {what:40}{1000 * median:10.1f}   {result}")
    return result


if __name__ == "__main__":
    main()
