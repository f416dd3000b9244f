"""``relutope decompose``: all cells of a network over a domain."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from .outcome import answer, incomplete
from .paths import file_ending_in
from .problem_options import (
    add_output,
    add_problem,
    domain_of,
    interrupt_stops,
    network_of,
    progress_of,
)

__all__ = ["ABOUT", "add", "run"]

ABOUT = """\
All cells of a network's input space and how they touch, exactly. With --out they are written to a
file that 'info', 'plot', 'verify', 'export' and relutope.load read. Stopped by --max-seconds or
Ctrl-C, it leaves the cells found so far beside that file, as NAME.partial.npz; the same command
with --resume goes on from there.

  relutope decompose network.onnx --box -1 1 --out cells.npz
  relutope decompose network.onnx --vnnlib property.vnnlib --outputs argmax --json"""


def add(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    parser.set_defaults(run=run)
    add_problem(parser)
    parser.add_argument(
        "--outputs", choices=("sign", "argmax"), help="also cut cells where the decision changes"
    )
    parser.add_argument(
        "--out",
        type=file_ending_in(".npz"),
        metavar="FILE",
        help="where to write the complex (.npz)",
    )
    parser.add_argument(
        "--resume",
        action="store_true",
        help="go on with what an earlier run has left beside the file of --out",
    )
    add_output(parser, "decompose")


def run(arguments: argparse.Namespace) -> int:
    """Run the command; the exit status."""
    import relutope as rt

    network, domain = network_of(arguments), domain_of(arguments)
    options = {
        name: getattr(arguments, name)
        for name in ("outputs", "engine", "threads", "max_cells", "max_seconds")
    }
    options["resume"] = _found_before(arguments)
    try:
        with interrupt_stops(progress_of(arguments)) as progress:
            cx = complex_of(network, domain, progress=progress, **options)
    except rt.StoppedError as stopped:
        return _stopped(arguments, stopped)
    if arguments.out is not None:
        cx.save(arguments.out)
        _partial(arguments.out).unlink(missing_ok=True)
    summary = f"{cx.n_cells:,} cells, {cx.n_edges:,} shared facets ({cx.stats['seconds']:.3g} s)"
    if arguments.out is not None:
        summary += f"\n{arguments.out}"
    answer(
        arguments,
        summary,
        n_cells=cx.n_cells,
        n_edges=cx.n_edges,
        dim=cx.dim,
        n_neurons=cx.n_neurons,
        engine=cx.stats["engine"],
        seconds=cx.stats["seconds"],
        file=None if arguments.out is None else str(arguments.out),
    )
    return 0


def _partial(out: Path) -> Path:
    return out.with_suffix(".partial.npz")


def _found_before(arguments: argparse.Namespace) -> Any:
    """What an earlier run has left, if the command shall go on with it and there is something."""
    import relutope as rt

    if not arguments.resume:
        return None
    if arguments.out is None:
        raise ValueError("`resume` needs `out`: what an earlier run has left lies beside that file")
    file = _partial(arguments.out)
    if not file.exists():
        print(f"there is no {file}: from the beginning", file=sys.stderr)
        return None
    found = rt.load(file)
    if not isinstance(found, rt.PartialComplex):
        raise ValueError(f"`resume`: {file} holds no cells to go on from")
    return found


def _stopped(arguments: argparse.Namespace, stopped: Any) -> int:
    """Leaves the cells that were found beside where the complex was to be."""
    file, facts = None, {}
    if stopped.partial is not None:
        facts = {"facets_known": stopped.partial.facets_known}
        if arguments.out is not None:
            file = _partial(arguments.out)
            stopped.partial.save(file)
    more = [] if file is None else [f"{file}: the cells found so far"]
    shown = None if file is None else str(file)
    return incomplete(arguments, stopped, *more, file=shown, **facts)


def complex_of(network: Any, domain: Any, **options: Any) -> Any:
    """The complex; of the free inputs where the domain fixes some."""
    import relutope as rt

    if isinstance(domain, rt.FlatBox):
        return rt.slice(network, domain=domain, **options).complex
    return rt.decompose(network, domain, **options)
