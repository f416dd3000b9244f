"""``relutope integrate``: means, variances and class shares over a box."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from .outcome import answer
from .paths import seed
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
Mean, variance and class shares of a network over a bounded domain of at most six free inputs, in
certified bounds; with --exact as fractions, which takes long where there are thousands of cells.

  relutope integrate network.onnx --box -1 1
  relutope integrate network.onnx --box -1 1 --to smaller.onnx --json

With --samples the integrals are estimated from random points, over boxes of any dimension.

  relutope integrate digits.onnx --box 0 1 --samples 100000"""


def add(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    parser.set_defaults(run=run, called={"a": "NETWORK", "b": "--to"})
    add_network(parser)
    add_domain(parser)
    parser.add_argument("--to", type=Path, metavar="FILE", help="a network for the L2 distance")
    parser.add_argument("--samples", type=int, metavar="N", help="estimate, from N random points")
    parser.add_argument(
        "--confidence", type=float, default=0.95, help="of an estimate's intervals (default: 0.95)"
    )
    parser.add_argument("--seed", type=seed, default=0, help="of the random points (default: 0)")
    parser.add_argument("--exact", action="store_true", help="fractions, too")
    add_limits(parser)
    add_output(parser, "integrate")


def run(arguments: argparse.Namespace) -> int:
    """Run the command; the exit status."""
    import relutope as rt

    if arguments.samples is not None:
        return _estimate(arguments)
    found = rt.integrate(
        network_of(arguments),
        domain_of(arguments),
        to=arguments.to,
        **limits_of(arguments),
    )
    bounds = {
        "mean_bounds": found.mean_bounds.tolist(),
        "variance_bounds": found.variance_bounds.tolist(),
        "class_share_bounds": found.class_share_bounds.tolist(),
    }
    if arguments.to is not None:
        bounds["distance_bounds"] = list(found.distance_bounds)
    exact: dict[str, Any] = {"volume": str(found.volume)}
    if arguments.exact:
        exact |= {
            name: [str(v) for v in getattr(found, name)]
            for name in ("mean", "variance", "class_shares")
        }
        if arguments.to is not None:
            exact["squared_distance"] = str(found.squared_distance)
    text = "\n".join(f"{name}: {value}" for name, value in (bounds | exact).items())
    answer(arguments, text, n_cells=found.n_cells, **bounds, **exact)
    return 0


def _estimate(arguments: argparse.Namespace) -> int:
    import relutope as rt

    for name in ("exact", "max_cells", "max_seconds", "threads"):
        if getattr(arguments, name):
            raise ValueError(f"`{name}` is for all cells; leave it out with --samples")
    found = rt.estimate_integrals(
        network_of(arguments),
        domain_of(arguments),
        to=arguments.to,
        samples=arguments.samples,
        confidence=arguments.confidence,
        seed=arguments.seed,
    )
    names = ["mean", "variance", "class_share"]
    values: dict[str, Any] = {"volume": str(found.volume)}
    for name, many in zip(names, ("mean", "variance", "class_shares"), strict=True):
        values[many] = getattr(found, many).tolist()
        values[f"{name}_intervals"] = getattr(found, f"{name}_intervals").tolist()
    if found.distance_interval is not None:
        values["distance"] = found.distance
        values["distance_interval"] = list(found.distance_interval)
    values |= {"n_samples": found.samples, "confidence": found.confidence}
    answer(arguments, "\n".join(f"{name}: {value}" for name, value in values.items()), **values)
    return 0
