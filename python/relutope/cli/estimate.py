"""``relutope estimate``: an unbiased estimate of the number of cells."""

from __future__ import annotations

import argparse

from .count import free_inputs
from .outcome import answer
from .problem_options import (
    add_output,
    add_problem,
    domain_of,
    network_of,
    progress_of,
)

__all__ = ["ABOUT", "add", "run"]

ABOUT = """\
An unbiased estimate of the number of cells with an interval, for networks that have too many to
visit.

  relutope estimate network.onnx --box -1 1 --samples 8192"""


def add(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    parser.set_defaults(run=run)
    add_problem(parser, engine=False)
    parser.add_argument("--samples", type=int, default=2048, help="more make it more precise")
    parser.add_argument("--confidence", type=float, default=0.95, help="of the interval")
    parser.add_argument("--seed", type=int, default=0, help="fixes the random choices")
    add_output(parser, "estimate")


def run(arguments: argparse.Namespace) -> int:
    """Run the command; the exit status."""
    import relutope as rt

    network, domain = free_inputs(network_of(arguments), domain_of(arguments))
    found = rt.estimate_count(
        network,
        domain,
        samples=arguments.samples,
        confidence=arguments.confidence,
        seed=arguments.seed,
        threads=arguments.threads,
        progress=progress_of(arguments),
    )
    low, high = found.interval
    answer(
        arguments,
        f"{found.estimate:.4g} cells"
        + (" (exact)" if found.exact else f" [{low:.3g}, {high:.3g}], {found.confidence:.0%}"),
        estimate=found.estimate,
        standard_error=found.standard_error,
        interval=[low, high],
        confidence=found.confidence,
        exact=found.exact,
        seconds=found.seconds,
    )
    return 0
