"""``relutope extremes``: the least and the greatest value of each output."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

from .outcome import INCOMPLETE, answer, number
from .problem_options import add_domain, add_network, add_output, domain_of, network_of, progress_of

if TYPE_CHECKING:
    from ..measures import Extreme

__all__ = ["ABOUT", "add", "extreme_as_json", "run"]

ABOUT = """\
The least and the greatest value of each output over a domain, exactly, and where.

  relutope extremes network.onnx --box -1 1
  relutope extremes network.onnx --vnnlib property.vnnlib --max-seconds 60 --json

Exit status 3 if the time was over before all of them were proven: their bounds are certified."""


def add(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    parser.set_defaults(run=run)
    add_network(parser)
    add_domain(parser)
    parser.add_argument("--max-seconds", type=float, metavar="S", help="stop after so long")
    parser.add_argument("--threads", type=int, metavar="K", help="worker threads (default: all)")
    add_output(parser, "extremes")


def run(arguments: argparse.Namespace) -> int:
    """Run the command; the exit status."""
    import relutope as rt

    found = rt.extremes(
        network_of(arguments),
        domain_of(arguments),
        max_seconds=arguments.max_seconds,
        threads=arguments.threads,
        progress=progress_of(arguments, noun="boxes") or None,
    )
    rows = zip(found.outputs, found.minimum, found.maximum, strict=True)
    text = "\n".join(f"y{k}: {_in_words(low)} to {_in_words(high)}" for k, low, high in rows)
    answer(
        arguments,
        text,
        complete=found.exact,
        outputs=list(found.outputs),
        minimum=[extreme_as_json(e) for e in found.minimum],
        maximum=[extreme_as_json(e) for e in found.maximum],
    )
    return 0 if found.exact else INCOMPLETE


def _in_words(found: Extreme) -> str:
    at = ", ".join(f"{v:.6g}" for v in found.nearest_point[:8])
    at += ", ..." if len(found.point) > 8 else ""
    if found.ray is not None:
        return f"{found.nearest!r} (unbounded)"
    proven = "" if found.exact else f", not proven: the bound is {float(found.bound)!r}"
    return f"{found.nearest!r} (at {at}{proven})"


def extreme_as_json(found: Extreme) -> dict[str, Any]:
    """Exact values as text, their nearest doubles beside them."""
    return {
        "value": str(found.value),
        "nearest": number(found.nearest),
        "point": [str(v) for v in found.point],
        "nearest_point": [number(v) for v in found.nearest_point.tolist()],
        "ray": None if found.ray is None else [str(v) for v in found.ray],
        "bound": str(found.bound),
        "exact": found.exact,
    }
