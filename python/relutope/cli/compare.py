"""``relutope compare``: whether two networks are equal, or how far apart."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from .extremes import extreme_as_json
from .outcome import FAILED, INCOMPLETE, answer
from .problem_options import add_domain, add_network, add_output, domain_of, network_of, progress_of

__all__ = ["ABOUT", "add", "run"]

ABOUT = """\
Whether two networks are equal on a domain, exactly, or the largest difference of each output and
where it is. In a bounded box of at most six free inputs, --decisions says on what share they decide
differently.

  relutope compare network.onnx pruned.onnx --box -1 1 --decisions

Exit status 0 if they are equal, 1 if they differ, 3 if the time was over first."""


def add(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    parser.set_defaults(run=run, called={"a": "NETWORK", "b": "OTHER"})
    add_network(parser)
    parser.add_argument("other", type=Path, metavar="OTHER", help="the second network's file")
    add_domain(parser)
    parser.add_argument("--decisions", action="store_true", help="where they decide differently")
    parser.add_argument("--max-seconds", type=float, metavar="S", help="stop after so long")
    parser.add_argument("--threads", type=int, metavar="K", help="worker threads (default: all)")
    add_output(parser, "compare")


def run(arguments: argparse.Namespace) -> int:
    """Run the command; the exit status."""
    import relutope as rt

    found = rt.compare(
        network_of(arguments),
        arguments.other,
        domain_of(arguments),
        max_seconds=arguments.max_seconds,
        threads=arguments.threads,
        progress=progress_of(arguments, noun="boxes") or None,
    )
    lines = ["equal" if found.equal else "different"]
    if not found.equal:
        if not found.exact and not any(e.value for e in found.largest):
            lines = ["no difference found, not proven to be equal"]
        lines += [f"y{k}: {e!r}" for k, e in enumerate(found.largest)]
    differing: dict[str, Any] = {}
    if arguments.decisions:
        low, high = found.disagreement.volume_bounds
        whole = float(found.disagreement.domain_volume)
        differing = {"differing_share_bounds": [max(low / whole, 0.0), high / whole]}
        lines.append(f"decisions differ on {low / whole:.6%} of the domain")
    answer(
        arguments,
        "\n".join(lines),
        complete=found.exact,
        equal=found.equal,
        largest=[extreme_as_json(e) for e in found.largest],
        **differing,
    )
    if found.equal:
        return 0
    return FAILED if any(e.value for e in found.largest) else INCOMPLETE
