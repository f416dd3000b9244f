"""``relutope boundary``: the decision boundary, without the complex around it."""

from __future__ import annotations

import argparse
from collections import Counter
from typing import Any

from .outcome import answer
from .paths import file_ending_in
from .problem_options import (
    add_domain,
    add_limits,
    add_network,
    add_output,
    domain_of,
    limits_of,
    network_of,
)

__all__ = ["ABOUT", "add", "run"]

ABOUT = """\
The facets at which a network's decision changes (the sign of its one output, or which of several is
largest), exactly: how many there are, in how many pieces, and how long they are.

  relutope boundary network.onnx --box -1 1
  relutope boundary network.onnx --box -1 1 --out boundary.npz"""


def add(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    parser.set_defaults(run=run)
    add_network(parser)
    add_domain(parser)
    parser.add_argument(
        "--out",
        type=file_ending_in(".npz"),
        metavar="FILE",
        help="write corners of simplices, their facets, and the facets' classes (.npz)",
    )
    add_limits(parser.add_argument_group("search"))
    add_output(parser, "boundary")


def run(arguments: argparse.Namespace) -> int:
    """Run the command; the exit status."""
    import relutope as rt

    found = rt.decision_boundary(
        network_of(arguments),
        domain_of(arguments),
        **limits_of(arguments),
    )
    pairs = Counter(tuple(sorted(pair)) for pair in found.labels.tolist())
    measure = float(found.measure.sum())
    lines = [
        f"{len(found):,} facets in {found.n_components:,} pieces, measure {measure:.6g}",
        f"{found.complex.n_cells:,} cells made",
        *(f"class {a} against {b}: {count:,} facets" for (a, b), count in sorted(pairs.items())),
    ]
    if arguments.out is not None:
        _write(arguments.out, found)
        lines.append(f"wrote {arguments.out}")
    answer(
        arguments,
        "\n".join(lines),
        n_facets=len(found),
        n_components=found.n_components,
        n_cells=found.complex.n_cells,
        measure=measure,
        classes=[
            {"classes": list(pair), "n_facets": count} for pair, count in sorted(pairs.items())
        ],
    )
    return 0


def _write(path: str, found: Any) -> None:
    import numpy as np

    from ..common.files import replacing

    corners, facet = found.triangulation()
    with replacing(path) as fresh, open(fresh, "wb") as file:
        np.savez(file, corners=corners, facet=facet, classes=found.labels)
