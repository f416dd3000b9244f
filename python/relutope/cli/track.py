"""The command ``relutope track``: the table of a training from the networks that it saved."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ..domain.box import Box
from .outcome import INTERRUPTED, answer
from .paths import file_ending_in, seed
from .problem_options import add_output

__all__ = ["ABOUT", "add", "run"]

ABOUT = """\
Measure the networks that a training has saved, in the order of their steps, and write a table with
one row per network. Called again, it goes on where it stopped, and with what was saved since.

Files: state dicts (.pt, .pth, .ckpt; say the architecture with --widths or --model), whole modules
(with --allow-pickle), arrays W0, b0, W1, ... (.npz), ONNX models. The step is the number in the
name after "step", else after "epoch", else the last one."""

_EXAMPLES = """\
examples:
  relutope track runs/a --domain -1 1 --widths 2 16 16 1
  relutope track runs/a --domain -1 1 --widths 2 16 16 1 --measures cells topology random=10
  relutope track runs/b --domain 0 1 0 5 --max-cells 100000 --budget 5 --out b.parquet
  relutope track runs/c --measures count
  relutope track runs/a --domain -1 1 --widths 2 16 16 1 --report a.html

A measure with =10 is asked at every tenth record. Without --domain: all of R^n. Ctrl-C keeps what
has been recorded."""


def add(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    from ..tracking.measures.registry import MEASURES

    parser.epilog = f"measures:\n  {', '.join(MEASURES)}\n\n{_EXAMPLES}"
    parser.set_defaults(run=run, called={"every": "--measures"})
    _add_network(parser)
    _add_tracking(parser)
    add_output(parser, "track")


def _add_network(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("checkpoints", type=Path, nargs="+", metavar="FOLDER", help="or files")
    parser.add_argument(
        "--domain",
        type=float,
        nargs="+",
        metavar="BOUND",
        help="lower and upper bound, of all inputs or of each in turn",
    )
    group = parser.add_mutually_exclusive_group()
    group.add_argument(
        "--widths", type=int, nargs="+", metavar="WIDTH", help="of a network as relutope.mlp makes"
    )
    group.add_argument("--model", type=Path, metavar="FILE", help="a pickled module to load into")
    parser.add_argument("--allow-pickle", action="store_true", help="trust the files' code")


def _add_tracking(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--measures",
        nargs="+",
        default=("cells", "topology"),
        metavar="NAME",
        help="what to record",
    )
    parser.add_argument("--max-cells", type=int, help="leave out networks with more cells")
    parser.add_argument("--budget", type=float, metavar="SECONDS", help="per record, on average")
    parser.add_argument("--draws", type=int, default=4, help="random filtrations per record")
    parser.add_argument("--seed", type=seed, default=0, help="fixes every random order")
    parser.add_argument("--threads", type=int, help="of the decompositions")
    parser.add_argument(
        "--report",
        type=file_ending_in(".html"),
        metavar="FILE",
        help="also write a page (.html) about the training",
    )
    parser.add_argument(
        "--out",
        type=file_ending_in(".csv", ".parquet"),
        metavar="FILE",
        help="the table (default: FOLDER/relutope.csv)",
    )


def run(arguments: argparse.Namespace) -> int:
    """Run the command; the exit status."""
    try:
        rows, table = _analyse(arguments)
    except KeyboardInterrupt:
        print("interrupted; the same command goes on", file=sys.stderr)
        return INTERRUPTED
    report = None if arguments.report is None else str(arguments.report)
    answer(arguments, f"table: {table} ({rows} rows)", rows=rows, table=str(table), report=report)
    return 0


def _analyse(arguments: argparse.Namespace) -> tuple[int, Path]:
    from ..tracking.checkpoints import analyse_checkpoints

    places = arguments.checkpoints
    table = arguments.out or (places[0] if places[0].is_dir() else Path()) / "relutope.csv"
    options = {
        name: getattr(arguments, name)
        for name in ("max_cells", "threads")
        if getattr(arguments, name) is not None
    }
    tracker = analyse_checkpoints(
        _places(arguments),
        _domain(arguments.domain),
        model=_model(arguments),
        allow_pickle=arguments.allow_pickle,
        path=table,
        measures=_measures(arguments.measures),
        budget=arguments.budget,
        draws=arguments.draws,
        seed=arguments.seed,
        listeners=[] if arguments.quiet else [_say],
        **options,
    )
    if arguments.report is not None:
        _report(arguments, tracker, table)
    return len(tracker.rows), table


def _report(arguments: argparse.Namespace, tracker: Any, table: Path) -> None:
    """The page; with a live figure of the networks where a browser can decompose them."""
    from ..lab.report.live import can_live
    from ..lab.report.reporting import report
    from ..network.conversion import as_network
    from ..tracking.checkpoints import checkpoint_files, load_checkpoint

    model, networks = _model(arguments), {}
    for step, file in checkpoint_files(_places(arguments)).items():
        network, _ = load_checkpoint(file, model, allow_pickle=arguments.allow_pickle)
        networks[step] = as_network(network)
        if not can_live(networks[step], tracker.domain):
            networks = {}
            break
    report(
        arguments.report,
        tracker.complex,
        table=tracker,
        networks=networks,
        title=f"The training in {arguments.checkpoints[0]}",
        files=[table],
    )


def _places(arguments: argparse.Namespace) -> Any:
    places = arguments.checkpoints
    return places[0] if len(places) == 1 else places


def _say(row: Mapping[str, Any]) -> None:
    cells = row.get("n_cells", row.get("count"))
    print(f"step {row['step']}" + ("" if cells is None else f": {cells:,} cells"), file=sys.stderr)


def _domain(bounds: Sequence[float] | None) -> Box | None:
    if bounds is None:
        return None
    if len(bounds) % 2:
        raise ValueError(f"`domain`: got {len(bounds)} numbers, expected pairs of bounds")
    return Box(bounds[0], bounds[1]) if len(bounds) == 2 else Box(bounds[::2], bounds[1::2])


def _measures(words: Sequence[str]) -> dict[str, int]:
    found = {}
    for word in words:
        name, _, every = word.partition("=")
        if every and not every.isdigit():
            raise ValueError(f"`measures`: got {word!r}, expected NAME or NAME=10")
        found[name] = int(every or 1)
    return found


def _model(arguments: argparse.Namespace) -> Any:
    from ..lab.training import mlp
    from ..tracking.checkpoints import load_checkpoint

    if arguments.widths:
        return mlp(arguments.widths)
    if arguments.model is None:
        return None
    return load_checkpoint(arguments.model, allow_pickle=arguments.allow_pickle)[0]
