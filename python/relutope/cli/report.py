"""``relutope report``: a page about a complex, a table, or a network and data of one's own."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from .outcome import answer
from .paths import existing, file_ending_in
from .problem_options import (
    add_domain,
    add_network_options,
    add_output,
    complex_in,
    domain_of,
    is_complex,
    network_of,
)

__all__ = ["ABOUT", "add", "run"]

ABOUT = """\
One self-contained page about a saved complex, a tracker's table, a network over a box or around
data, or several of them.

  relutope report cells.npz
  relutope report cells.npz table.csv --out report.html --title "Our network"
  relutope report network.onnx --box -1 1
  relutope report network.onnx --data my.csv --target species

Columns of --data are the network's inputs, in their order; --target is no input, it colours the
points. Without --box the domain is a box around the data."""


def add(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    parser.set_defaults(run=run)
    parser.add_argument(
        "files",
        type=Path,
        nargs="+",
        metavar="FILE",
        help="a complex (.npz), a table (.csv, .parquet), a network",
    )
    parser.add_argument("--title", help="heading of the page")
    parser.add_argument("--data", type=Path, metavar="TABLE", help="points to draw on the cells")
    parser.add_argument("--target", metavar="COLUMN", help="of the data: the classes or values")
    add_network_options(parser)
    add_domain(parser)
    parser.add_argument(
        "--out",
        type=file_ending_in(".html"),
        metavar="FILE",
        help="the page (default: beside the first file)",
    )
    add_output(parser, "report")


def run(arguments: argparse.Namespace) -> int:
    """Run the command; the exit status."""
    import relutope as rt

    from ..tracking.recorded_table import read_table

    cx, table, files = None, None, []
    data = None if arguments.data is None else _data(arguments)
    for path in arguments.files:
        existing(path)
        if path.suffix in (".csv", ".parquet"):
            table = read_table(path)
        elif is_complex(path):
            cx = complex_in(path)
        else:
            cx = _decomposed(arguments, path, data)
            continue
        files.append(path)
    out = arguments.out or arguments.files[0].with_suffix(".html")
    rt.report(out, cx, table=table, data=data, title=arguments.title, files=files)
    answer(arguments, f"report: {out}", file=str(out))
    return 0


def _decomposed(arguments: argparse.Namespace, path: Path, data: Any) -> Any:
    """The cells of a network over the domain that is given, or around the data."""
    import relutope as rt

    from ..lab.datasets import bounding_box
    from .decompose import complex_of

    arguments.network = path
    network, domain = network_of(arguments), domain_of(arguments)
    if domain is None and data is not None:
        if data[0].shape[1] != network.input_dim:
            raise ValueError(
                f"`data` has {data[0].shape[1]} columns of inputs, but the network takes "
                f"{network.input_dim}"
            )
        domain = rt.Box(*bounding_box(data[0]))
    return complex_of(network, domain)


def _data(arguments: argparse.Namespace) -> Any:
    """Points, and labels if the target has few values."""
    import numpy as np

    from ..lab.own_tables import numeric_columns

    X, target = numeric_columns(arguments.data, arguments.target)
    if target is None:
        return X, None
    kinds = sorted(set(target), key=lambda value: (isinstance(value, str), value))
    if len(kinds) > 10:
        return X, None
    return X, np.array([kinds.index(value) for value in target])
