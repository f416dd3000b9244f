"""``relutope report``: a page about a saved complex or a table."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from .outcome import answer
from .problem_options import add_output, complex_in, is_complex

__all__ = ["add", "run"]

_ABOUT = """\
One self-contained page about a saved complex, a tracker's table, or both.

  relutope report cells.npz
  relutope report cells.npz table.csv --out report.html --title "Our network" """


def add(commands: Any, formatter: Any) -> None:
    """Add the command to those of ``relutope``."""
    parser = commands.add_parser(
        "report", description=_ABOUT, formatter_class=formatter, allow_abbrev=False
    )
    parser.set_defaults(run=run)
    parser.add_argument(
        "files", type=Path, nargs="+", metavar="FILE", help="a complex (.npz), a table, or both"
    )
    parser.add_argument("--title", help="heading of the page")
    parser.add_argument(
        "--out", type=Path, metavar="FILE", help="the page (default: beside the first file)"
    )
    add_output(parser, "report")


def run(arguments: argparse.Namespace) -> int:
    """Run the command; the exit status."""
    from ..common.files import write_text
    from ..lab.report.free import page_of
    from ..lab.report.page import render
    from ..lab.report.svg import style
    from ..tracking.recorded_table import read_table

    cx, table = None, None
    for path in arguments.files:
        if not path.is_file():
            raise FileNotFoundError(2, "no such file", str(path))
        if path.suffix in (".csv", ".parquet"):
            table = read_table(path)
        elif is_complex(path):
            cx = complex_in(path)
        else:
            raise ValueError(f"`files`: {path} is neither a saved complex nor a table")
    out = arguments.out or arguments.files[0].with_suffix(".html")
    with style():
        page = page_of(cx, table, title=arguments.title, files=[str(p) for p in arguments.files])
    write_text(out, render(page))
    answer(arguments, f"report: {out}", file=str(out))
    return 0
