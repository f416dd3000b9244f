"""``relutope slice``: the cells on the line or plane through points."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from .outcome import answer
from .paths import file_ending_in
from .problem_options import add_network, add_output, add_search, limits_of, network_of

__all__ = ["ABOUT", "add", "run"]

ABOUT = """\
The exact cells of a network on the segment between two points, in the triangle of three, in the
simplex of more.

  relutope slice network.onnx --points images.npy --rows 0 4 7 --out plane.npz
  relutope plot plane.npz --out plane.svg"""


def add(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    parser.set_defaults(run=run)
    add_network(parser)
    parser.add_argument(
        "--points", type=Path, required=True, metavar="FILE", help="a point per row (.npy or text)"
    )
    parser.add_argument("--rows", type=int, nargs="+", metavar="ROW", help="which of them, from 0")
    parser.add_argument(
        "--outputs", choices=("sign", "argmax"), help="also cut cells where the decision changes"
    )
    parser.add_argument("--whole", action="store_true", help="the whole plane, not the triangle")
    add_search(parser)
    parser.add_argument(
        "--out", type=file_ending_in(".npz"), metavar="FILE", help="where to write it (.npz)"
    )
    add_output(parser, "slice")


def run(arguments: argparse.Namespace) -> int:
    """Run the command; the exit status."""
    import relutope as rt

    points = _points(arguments.points, arguments.rows)
    found = rt.slice(
        network_of(arguments),
        points,
        domain=None if arguments.whole else "auto",
        outputs=arguments.outputs,
        engine=arguments.engine,
        **limits_of(arguments),
    )
    cx = found.complex
    if arguments.out is not None:
        cx.save(arguments.out)
    answer(
        arguments,
        f"{cx.n_cells:,} cells, {cx.n_edges:,} shared facets in {found.dim} dimensions"
        + (f"\n{arguments.out}" if arguments.out else ""),
        n_cells=cx.n_cells,
        n_edges=cx.n_edges,
        dim=found.dim,
        file=None if arguments.out is None else str(arguments.out),
    )
    return 0


def _points(path: Path, rows: list[int] | None) -> Any:
    from ..common.number_tables import read_numbers

    points = read_numbers(path, "points")
    points = points.reshape(len(points), -1)
    if rows is None:
        return points
    if max(rows) >= len(points) or min(rows) < 0:
        raise ValueError(f"`rows`: {path} has rows 0 to {len(points) - 1}, got {rows}")
    return points[rows]
