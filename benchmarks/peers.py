"""Other programs on the same networks, in the same run. Part of `run.py`.

python -m pip install -c constraints.txt '.[benchmarks]'     (gurobipy comes with relucent)

Processor time, that of workers included; relutope with one thread and its array of adjacent pairs,
the others as they come. (Wall time would blame a program of seconds for what else the machine does,
and one of milliseconds not.)
Answers are asserted to be equal where the other program is right; where it is not, the difference
is said. A program that is not installed is left out, and said to be.
"""

from __future__ import annotations

import contextlib
import importlib.util
import io
import resource
import textwrap
import time
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

import relutope as rt
from common import Layers, random_layers, show, zoo

SPACE = ([2, 12, 8, 1], [2, 16, 16, 1], [3, 10, 8, 1], [4, 8, 6, 1])
LONG = ([4, 8, 6, 1],)  # takes a minute
SQUARE = ("shallow-2d", "deep-2d", "wide-2d")
# Small networks of the zoo whose cells are known in closed form: in general position, degenerate,
# and with cells at Hamming distance 1 that share no facet.
KNOWN_IN_SPACE = (
    "generic-3d6",
    "boolean-3",
    "braid-3",
    "shi-3",
    "pencil-7",
    "repeated-negated2d",
    "zero-row-2d",
    "norm-2",
    "hamming-1-line",
    "hamming-1-plane",
)
KNOWN_IN_SQUARE = (
    "dead-2d",
    "box-side-2d",
    "norm-2",
    "braid-2",
    "grid-2x3",
    "pencil-3",
    "pencil-7",
)

# What others have measured, or was measured of them, on machines and at times that are not this
# run's: quoted, never compared with an assertion.
QUOTED = (
    (
        "edge subdivision, GPU",
        "'seconds for millions of cells on a consumer grade machine'",
        "Berzins, ICML 2023, abstract",
    ),
    (
        "edge subdivision, GPU",
        "20 times as fast as SplineCam on average, in 2-D",
        "Berzins, ICML 2023, figure 9",
    ),
)
# CPU seconds of one thread on standard networks, on this class of machine in 2026, float64.
EARLIER = {
    "shallow-2d": {"edges": 0.046, "canonicalpoly": 2.8, "splinecam": 0.64},
    "deep-2d": {"edges": 0.063, "canonicalpoly": 20.4, "splinecam": 3.4},
    "wide-2d": {"edges": 42.0, "splinecam": 102.0},
    "shallow-3d": {"edges": 0.028, "canonicalpoly": 8.9},
    "deep-3d": {"edges": 0.055},
    "wide-3d": {"edges": 8.45},
    "shallow-4d": {"edges": 0.056, "canonicalpoly": 24.4},
    "deep-4d": {"edges": 0.064},
    "deep-5d": {"edges": 0.073},
    "shallow-6d": {"edges": 0.123},
    "deep-6d": {"edges": 0.251},
}


def installed(name: str) -> bool:
    return importlib.util.find_spec(name) is not None


def spent(work: Callable[[], Any]) -> tuple[float, Any]:
    """CPU seconds of this process and of those that it has started and ended; the result."""

    def used() -> float:
        children = resource.getrusage(resource.RUSAGE_CHILDREN)
        return time.process_time() + children.ru_utime + children.ru_stime

    before = used()
    result = work()
    return used() - before, result


def ours(layers: Layers, domain: Any) -> tuple[float, Any]:
    """The best of three: CPU seconds of one thread, the array of pairs included; the complex."""

    def work() -> Any:
        cx = rt.decompose(layers, domain, threads=1)
        return cx, cx.adjacency

    seconds, (cx, _) = min((spent(work) for _ in range(3)), key=lambda run: run[0])
    return seconds, cx


# relucent: over all of R^n


def sequential(layers: Layers) -> Any:
    """The network as a torch module in float64."""
    import torch

    parts: list[Any] = []
    for W, b in layers:
        linear = torch.nn.Linear(W.shape[1], W.shape[0]).double()
        with torch.no_grad():
            linear.weight.copy_(torch.from_numpy(np.array(W, dtype=float)))
            linear.bias.copy_(torch.from_numpy(np.array(b, dtype=float)))
        parts += [linear, torch.nn.ReLU()]
    return torch.nn.Sequential(*parts[:-1])


def relucent_pairs(layers: Layers) -> tuple[set[bytes], set[frozenset[bytes]]]:
    """relucent's cells and adjacent pairs, as patterns; its search starts at a random point."""
    import relucent

    def pattern(cell: Any) -> bytes:
        return (np.ravel(cell.ss_np) > 0).tobytes()

    start = np.random.default_rng(0).normal(size=(1, layers[0][0].shape[1]))
    with contextlib.redirect_stderr(io.StringIO()), contextlib.redirect_stdout(io.StringIO()):
        found = relucent.Complex(sequential(layers))
        found.bfs(start=start)
        pairs = found.dual_graph().edges
    return {pattern(cell) for cell in found}, {frozenset(map(pattern, pair)) for pair in pairs}


def our_pairs(cx: Any) -> tuple[set[bytes], set[frozenset[bytes]]]:
    """The same of a complex."""
    patterns = [row.tobytes() for row in cx.patterns]
    return set(patterns), {frozenset((patterns[i], patterns[j])) for i, j in cx.adjacency}


def beside_relucent(long: bool) -> Iterator[dict[str, Any]]:
    relucent_pairs(random_layers([2, 3, 1], 0))  # imports are not what is timed
    for widths in SPACE:
        if widths in LONG and not long:
            continue
        layers = random_layers(widths, 3)
        seconds, cx = ours(layers, None)
        theirs, (cells, pairs) = spent(lambda layers=layers: relucent_pairs(layers))
        known_cells, known_pairs = our_pairs(cx)
        assert cells == known_cells
        assert pairs >= known_pairs
        more = len(pairs) - len(known_pairs)
        yield {
            "network": "-".join(map(str, widths)),
            "cells": cx.n_cells,
            "edges": cx.n_edges,
            "ours_s": seconds,
            "theirs_s": theirs,
            "ratio": theirs / seconds,
            "note": f"relucent joins {more} more pairs, which share no facet" if more else "",
        }


# regioncam: in [-1, 1]^2, in float32


def single(layers: Layers) -> Layers:
    """The network with weights in float32, which is what both then get."""
    return [(np.asarray(W, np.float32), np.asarray(b, np.float32)) for W, b in layers]


def regioncam_cells(layers: Layers) -> int:
    import regioncam

    found = regioncam.Regioncam(size=1)
    for W, b in layers[:-1]:
        found.linear(np.ascontiguousarray(W.T), b)
        found.relu()
    return int(found.num_faces)


def beside_regioncam() -> Iterator[dict[str, Any]]:
    for name in SQUARE:
        layers = single(zoo.standard(name).layers)
        seconds, cx = ours(layers, rt.Box(-1, 1))
        theirs, cells = spent(lambda layers=layers: regioncam_cells(layers))
        assert cells == cx.n_cells
        yield {
            "network": name,
            "cells": cx.n_cells,
            "edges": cx.n_edges,
            "ours_s": seconds,
            "theirs_s": theirs,
            "ratio": theirs / seconds,
        }


# Answers


def outcome(work: Callable[[], tuple[int, ...]], known: tuple[int, ...]) -> str:
    """What a program says of a network that is known: "right", another answer, or why none."""
    try:
        answer = work()
    except Exception as error:
        return f"none: {textwrap.shorten(str(error), 90, placeholder=' ...')}"
    return "right" if answer == known else f"WRONG: {' and '.join(map(str, answer))}"


def answers() -> Iterator[dict[str, Any]]:
    """Both programs on small networks of the zoo; ours must be right."""
    for name in KNOWN_IN_SPACE if installed("relucent") else ():
        case = zoo.by_name(name)
        cx = rt.decompose(case.layers)
        assert cx.n_cells == case.n_cells
        assert case.f_vector is None or cx.n_edges == case.f_vector[-2]
        known = (cx.n_cells, cx.n_edges)

        def relucent(case: Any = case) -> tuple[int, ...]:
            cells, pairs = relucent_pairs(case.layers)
            return len(cells), len(pairs)

        yield {"network": name, "where": "R^n", "program": "relucent"} | {
            "cells": known[0],
            "edges": known[1],
            "outcome": outcome(relucent, known),
        }
    for name in KNOWN_IN_SQUARE if installed("regioncam") else ():
        case = zoo.by_name(name)
        cx = rt.decompose(single(case.layers), rt.Box(-1, 1))
        assert case.domain is None or cx.n_cells == case.n_cells

        def regioncam(case: Any = case) -> tuple[int, ...]:
            return (regioncam_cells(single(case.layers)),)

        yield {"network": name, "where": "square", "program": "regioncam"} | {
            "cells": cx.n_cells,
            "outcome": outcome(regioncam, (cx.n_cells,)),
        }


# The section


def side_by_side(program: str) -> dict[str, tuple[str, str]]:
    return {
        "network": ("network", "<12"),
        "cells": ("cells", "8,"),
        "edges": ("edges", "8,"),
        "ours_s": ("relutope, s", "12.4f"),
        "theirs_s": (f"{program}, s", "13.3f"),
        "ratio": ("ratio", "8,.0f"),
    }


def section(rates: list[dict[str, Any]], long: bool) -> dict[str, Any]:
    """Measures, and prints the tables."""
    found: dict[str, Any] = {}
    tables: dict[str, tuple[str, Callable[[], Iterator[dict[str, Any]]]]] = {
        "relucent": ("over all of R^n", lambda: beside_relucent(long)),
        "regioncam": ("in [-1, 1]^2, float32", beside_regioncam),
    }
    for program, (where, measure) in tables.items():
        if not installed(program):
            print(f"\nBESIDE {program}: left out, it is not installed (see benchmarks/README.md)")
            continue
        title = f"BESIDE {program}  {where}; CPU time with workers; cells are asserted to agree"
        found[program] = show(title, side_by_side(program), measure())
    if found:
        found["answers"] = show(
            "ANSWERS of others on small networks; over R^n they have closed forms",
            {
                "network": ("network", "<19"),
                "where": ("where", "<7"),
                "cells": ("cells", "5"),
                "edges": ("edges", "5"),
                "program": ("program", "<10"),
                "outcome": ("answer", "<7"),
            },
            answers(),
        )
    found["quoted"] = quoted(rates)
    return found


def quoted(rates: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Prints what others have published, and what was measured of them earlier."""
    print("\nQUOTED  figures of others, from other machines and other times than this run's")
    for program, figure, source in QUOTED:
        print(f"  {program}: {figure} ({source})")
    mine = {row["network"]: row["best_s"] for row in rates}
    return show(
        "  CPU seconds of one thread, measured earlier on a machine of this class; relutope's\n"
        "  are of this run. Edge subdivision gives no cells; canonicalpoly takes all of R^n.",
        {
            "network": ("network", "<12"),
            "ours_s": ("relutope", "9.4f"),
            "edges": ("edge subdivision", "17.3f"),
            "splinecam": ("SplineCam", "10.2f"),
            "canonicalpoly": ("canonicalpoly", "14.1f"),
        },
        (
            {"network": name, "ours_s": mine.get(name), **figures}
            for name, figures in EARLIER.items()
        ),
    )
