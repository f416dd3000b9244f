"""``relutope gap``: how far rounding can take a deployed forward pass."""

from __future__ import annotations

import argparse

from .outcome import answer, number
from .problem_options import add_domain, add_network, add_output, domain_of, network_of

__all__ = ["ABOUT", "add", "run"]

ABOUT = """\
A certified bound between the exact network and a forward pass that rounds, over a box, whatever the
order of its sums.

  relutope gap network.onnx --box -1 1 --dtype float32"""


def add(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    parser.set_defaults(run=run)
    add_network(parser)
    add_domain(parser)
    parser.add_argument(
        "--dtype", choices=("float16", "float32", "float64"), default="float32", help="of the pass"
    )
    add_output(parser, "gap")


def run(arguments: argparse.Namespace) -> int:
    """Run the command; the exit status."""
    import relutope as rt

    found = rt.rounding_gap(network_of(arguments), domain_of(arguments), arguments.dtype)
    text = "\n".join(f"y{k}: at most {v!r}" for k, v in enumerate(found.bound.tolist()))
    answer(arguments, text, dtype=found.dtype, bound=[number(v) for v in found.bound.tolist()])
    return 0
