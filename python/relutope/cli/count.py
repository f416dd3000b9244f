"""``relutope count``: the exact number of cells."""

from __future__ import annotations

import argparse
from typing import Any

from .outcome import INCOMPLETE, answer
from .problem_options import (
    add_output,
    add_problem,
    domain_of,
    limits_of,
    network_of,
)

__all__ = ["ABOUT", "add", "run"]

ABOUT = """\
The exact number of cells, in memory that does not grow with it. When a budget ends first, a certain
lower bound, and exit status 3.

  relutope count network.onnx --box -1 1
  relutope count network.onnx --vnnlib property.vnnlib --max-seconds 60 --json
  relutope count network.onnx --box -1 1 --store counted  # again, to go on"""


def add(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    parser.set_defaults(run=run)
    add_problem(parser)
    parser.add_argument(
        "--store",
        metavar="FOLDER",
        help="note there what is counted; the same command goes on, also after it was killed",
    )
    add_output(parser, "count")


def run(arguments: argparse.Namespace) -> int:
    """Run the command; the exit status."""
    import relutope as rt

    network, domain = free_inputs(network_of(arguments), domain_of(arguments))
    found = rt.count(
        network,
        domain,
        engine=arguments.engine,
        store=arguments.store,
        **limits_of(arguments),
    )
    answer(
        arguments,
        str(found),
        complete=found.complete,
        n_cells=found.n_cells,
        seconds=found.seconds,
        fraction_of_jobs=found.fraction_of_jobs,
    )
    return 0 if found.complete else INCOMPLETE


def free_inputs(network: Any, domain: Any) -> tuple[Any, Any]:
    """The network as a function of the inputs that the domain leaves free, and their box."""
    import numpy as np

    import relutope as rt

    if not isinstance(domain, rt.FlatBox):
        return network, domain
    origin, basis = domain.embedding
    return network.after_affine(np.ascontiguousarray(np.transpose(basis)), origin), domain.box
