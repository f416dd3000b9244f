"""``relutope export``: a complex for other programs."""

from __future__ import annotations

import argparse
from pathlib import Path

from .outcome import answer
from .paths import output_file
from .problem_options import add_output, complex_in

__all__ = ["ABOUT", "add", "run"]

ABOUT = """\
Write a saved complex for other programs. The ending says what:

  .csv .json .parquet         a row per cell: pattern, interior point, affine map, degree, ...
  .graphml .gexf .gml         the dual graph
  .vtu .ply                   the cells of a complex of two or three dimensions, as polygons

  relutope export cells.npz --out dual.graphml --weight bend"""


def add(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    parser.set_defaults(run=run, called={"path": "--out"})
    parser.add_argument("file", type=Path, metavar="FILE", help="a saved complex")
    parser.add_argument(
        "--out", type=output_file, required=True, metavar="FILE", help="what to write"
    )
    parser.add_argument(
        "--weight", metavar="WEIGHT", help="of the edges of a graph (default: unit)"
    )
    add_output(parser, "export")


def run(arguments: argparse.Namespace) -> int:
    """Run the command; the exit status."""
    import relutope as rt

    cx = complex_in(arguments.file)
    rt.export(cx, arguments.out, weight=arguments.weight)
    answer(arguments, str(arguments.out), file=str(arguments.out), n_cells=cx.n_cells)
    return 0
