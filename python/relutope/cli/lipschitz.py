"""``relutope lipschitz``: the largest slope of a network."""

from __future__ import annotations

import argparse

from .outcome import answer, number
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
The Lipschitz constant of a network over a domain, exactly: the largest operator norm of the affine
maps of all cells.

  relutope lipschitz network.onnx --box -1 1 --norm inf"""


def add(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    parser.set_defaults(run=run)
    add_network(parser)
    add_domain(parser)
    parser.add_argument("--norm", choices=("1", "2", "inf"), default="2", help="of both sides")
    add_limits(parser)
    add_output(parser, "lipschitz")


def run(arguments: argparse.Namespace) -> int:
    """Run the command; the exit status."""
    import relutope as rt

    found = rt.lipschitz(
        network_of(arguments),
        domain_of(arguments),
        float(arguments.norm),
        **limits_of(arguments),
    )
    low, high = found.bounds
    exact = found.value if found.value is not None else found.squared
    kind = "exactly" if found.value is not None else "its square is"
    beside = "" if exact is None or len(str(exact)) > 40 else f" ({kind} {exact})"
    text = (
        f"{found.nearest!r}{beside} in the norm {arguments.norm}, {found.complex.n_cells:,} cells"
    )
    answer(
        arguments,
        text,
        norm=arguments.norm,
        value=None if found.value is None else str(found.value),
        squared=None if found.squared is None else str(found.squared),
        nearest=number(found.nearest),
        bounds=[number(low), number(high)],
        cell=found.cell,
        n_cells=found.complex.n_cells,
        gradient=[[str(v) for v in row] for row in found.gradient],
    )
    return 0
