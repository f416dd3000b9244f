"""``relutope regions``: linear regions in six senses."""

from __future__ import annotations

import argparse
from time import monotonic
from typing import Any

from .outcome import answer
from .problem_options import (
    add_domain,
    add_limits,
    add_network,
    add_output,
    domain_of,
    limits_of,
    network_of,
    progress_of,
)

__all__ = ["ABOUT", "add", "run"]

ABOUT = """\
How many linear regions a network has over a domain, in the six senses of the literature, which
compare affine maps exactly (Stargalla, Hertrich, Reichman 2025).

  relutope regions network.onnx --box -1 1 --json"""


def add(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    parser.set_defaults(run=run)
    add_network(parser)
    add_domain(parser)
    add_limits(parser)
    add_output(parser, "regions")


def run(arguments: argparse.Namespace) -> int:
    """Run the command; the exit status."""
    import relutope as rt

    start = monotonic()
    found = rt.decompose(
        network_of(arguments),
        domain_of(arguments),
        **limits_of(arguments),
    )
    limit = arguments.max_seconds
    regions = rt.linear_regions(
        found.complex if isinstance(found, rt.Slice) else found,
        max_seconds=None if limit is None else max(limit - (monotonic() - start), 1e-3),
        progress=progress_of(arguments),
    )
    counts, (low, high) = regions.counts(), regions.convex_bounds
    shown = {
        name: f"{low} to {high}" if count is None else str(count) for name, count in counts.items()
    }
    text = "\n".join(f"{name} regions: {count}" for name, count in shown.items())
    plain: dict[str, Any] = {
        f"n_{name.replace(' ', '_')}_regions": count for name, count in counts.items()
    }
    answer(arguments, text, **plain, convex_bounds=[low, high])
    return 0
