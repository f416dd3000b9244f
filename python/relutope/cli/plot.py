"""``relutope plot``: a picture of a complex."""

from __future__ import annotations

import argparse
import math
from pathlib import Path

from .outcome import answer
from .paths import output_file
from .problem_options import add_output, complex_in

__all__ = ["ABOUT", "add", "run"]

ABOUT = """\
A picture of a saved complex of one, two or three dimensions: .svg, .pdf, .png, or .html to pan,
zoom and hover.

  relutope plot cells.npz --by class --out cells.pdf --width column
  relutope plot cells.npz --by fiedler --facets layer --out cells.svg"""


def add(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    parser.set_defaults(run=run)
    parser.add_argument("file", type=Path, metavar="FILE", help="a saved complex")
    parser.add_argument(
        "--by", default="pattern", help="what colours a cell; see the docs' Pictures"
    )
    parser.add_argument(
        "--facets", choices=("all", "layer", "none"), default="all", help="lines between cells"
    )
    parser.add_argument("--level", type=float, help="draw where the output has this value")
    parser.add_argument("--names", nargs="+", metavar="NAME", help="of the axes")
    parser.add_argument(
        "--width", help="'column' or 'text' of a paper, or inches (default: 5.2 inches)"
    )
    parser.add_argument(
        "--out", type=output_file, metavar="FILE", help="the picture (default: FILE with .svg)"
    )
    add_output(parser, "plot")


def run(arguments: argparse.Namespace) -> int:
    """Run the command; the exit status."""
    from .. import plotting

    cx = complex_in(arguments.file)
    out = arguments.out or arguments.file.with_suffix(".svg")
    if arguments.level is not None and not math.isfinite(arguments.level):
        raise ValueError(f"`level` must be finite, got {arguments.level}")
    if out.suffix.lower() == ".html":
        _refuse_options_of_still_pictures(arguments)
        plotting.save_html(cx, out, arguments.by)
        answer(arguments, str(out), file=str(out), n_cells=cx.n_cells)
        return 0
    ax = plotting.plot(
        cx,
        arguments.by,
        facets=arguments.facets,
        level="auto" if arguments.level is None else arguments.level,
        names=tuple(arguments.names) if arguments.names else None,
    )
    plotting.save(ax, out, width=_width(arguments.width))
    answer(arguments, str(out), file=str(out), n_cells=cx.n_cells)
    return 0


def _refuse_options_of_still_pictures(arguments: argparse.Namespace) -> None:
    for name, default in {"facets": "all", "level": None, "names": None, "width": None}.items():
        if getattr(arguments, name) != default:
            raise ValueError(f"`{name}` is for still pictures; leave it out for .html")


def _width(word: str | None) -> float | str | None:
    if word is None or word in ("column", "text"):
        return word
    try:
        return float(word)
    except ValueError:
        raise ValueError(f"`width` must be 'column', 'text' or inches, got {word!r}") from None
