"""``relutope study``: train, track, report."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping, Sequence
from dataclasses import fields
from itertools import pairwise
from pathlib import Path
from typing import Any

from ..errors import RelutopeError
from ..lab.datasets import CLASSIFICATION, REGRESSION, Task
from ..lab.own_tables import is_table, task_of
from ..lab.study.options import DEFAULTS, WEIGHTS, Options
from .outcome import FAILED, INTERRUPTED, USAGE, ended, failure, in_words_of_options
from .paths import seed
from .texts import help_formatter

__all__ = ["ABOUT", "add", "completed", "run"]

ABOUT = """\
Train a small network, watch the cells of its input domain, write a folder.

  report.html               pictures and numbers, one self-contained page: start here
  table.csv or .parquet     one row per recorded step
  model.pt, weights.npz     the trained weights, for PyTorch and for NumPy
  complex.npz               the cells of the trained network; relutope.load reads it
  study.json                options, versions, results"""

_CLASSIFICATION = """\
Train a ReLU network with one logit on labelled points of the plane and compare the cells' Fiedler
partition with its decision boundary. Real tables are standardised and reduced to two principal
components (or two columns)."""

_REGRESSION = """\
Train a ReLU network on a function of two variables (or one) and follow the number of cells, the
persistence of its sublevel sets and the Betti curves of random filtrations against the loss."""

_EXAMPLES: dict[Task, str] = {
    "classification": """\
examples:
  relutope study classification                                    breast cancer, about a minute
  relutope study classification --data moons --hidden 24 24        two moons
  relutope study classification --data digits-4-9 --seed 3         any pair of digits
  relutope study classification --features "mean radius" "mean texture"
  relutope study classification --weights unit facet               two Fiedler partitions
  relutope study --data my.csv --target species                    a table of your own
  relutope study classification --epochs 3000 --table parquet --out results/cancer""",
    "regression": """\
examples:
  relutope study regression                                        MATLAB's peaks, about a minute
  relutope study regression --data diabetes                        a real table
  relutope study regression --data ripple --hidden 32 32 --epochs 3000
  relutope study regression --data sine                            one variable""",
}

_CLOSING = """\
Ctrl-C keeps what has been recorded: the table and the weights so far are in the folder, and the
same command with --resume goes on.
The same options and seed give the same files on the same machine and versions."""


def add(parser: argparse.ArgumentParser) -> None:
    """Add the tasks, each with arguments of its own."""
    tasks = parser.add_subparsers(metavar="task", title="tasks")
    _add_task(tasks, "classification", _CLASSIFICATION, CLASSIFICATION)
    _add_task(tasks, "regression", _REGRESSION, REGRESSION)


def completed(words: Sequence[str]) -> list[str]:
    """The words with the task that fits the target of a table, where none is named.

    Parameters
    ----------
    words : sequence of str
        ``study`` and its options.

    Returns
    -------
    list of str
    """
    rest = list(words[1:])
    options = dict(pairwise(rest))
    data, target = options.get("--data", ""), options.get("--target")
    if (rest and not rest[0].startswith("-")) or not is_table(data):
        return list(words)
    if target is None:
        raise ValueError(f"`target`: say with --target which column of {data} is to be predicted")
    return [words[0], task_of(data, target), *rest]


def run(arguments: argparse.Namespace) -> int:
    """Run the command; the exit status."""
    from ..lab.study import InvalidOptionError
    from ..lab.study import run as run_study

    named: dict[str, Any] = {f.name: getattr(arguments, f.name, None) for f in fields(Options)}
    given = {name: _plain(value) for name, value in named.items() if value is not None}
    out = given.pop("out", None) or Path(f"study-{arguments.task}-{Path(arguments.data).stem}")
    quiet = arguments.quiet
    try:
        outcome = run_study(
            Options(**given, out=out),
            replace=arguments.force,
            resume=arguments.resume,
            progress=not quiet,
            say=lambda line: None if quiet else print(line, file=sys.stderr),
        )
    except RelutopeError as error:
        status = USAGE if isinstance(error, InvalidOptionError) else FAILED
        failure(in_words_of_options(error, arguments), status=status, as_json=arguments.json)
        return status
    except KeyboardInterrupt:
        print("interrupted before anything was written", file=sys.stderr)
        return INTERRUPTED
    return ended(arguments, outcome)


def _plain(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def _add_task(
    tasks: argparse._SubParsersAction[argparse.ArgumentParser],
    task: Task,
    about: str,
    known: Mapping[str, str],
) -> None:
    listed = "\n".join(f"  {name:16}{text}" for name, text in known.items())
    parser = tasks.add_parser(
        task,
        description=about,
        formatter_class=help_formatter,
        epilog=f"data sets:\n{listed}\n\n{_EXAMPLES[task]}\n\n{_CLOSING}",
        help=about.split(" and ")[0].replace("\n", " "),
    )
    parser.set_defaults(
        parser=parser,
        run=run,
        command="study",
        task=task,
        called={"name": "--data", "share": "--test-share"},
        **DEFAULTS[task],
    )
    _data_options(parser)
    _training_options(parser)
    _tracking_options(parser, task)
    _output_options(parser, task)


def _data_options(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("data")
    group.add_argument(
        "--data", metavar="NAME", help="one of the data sets below, or a table (.csv, .parquet)"
    )
    group.add_argument("--target", metavar="COLUMN", help="of your own table: what to predict")
    group.add_argument(
        "--samples", type=int, metavar="K", help="number of samples (default: the data set's)"
    )
    group.add_argument(
        "--noise", type=float, help="standard deviation of the noise; synthetic data only"
    )
    group.add_argument(
        "--features",
        nargs=2,
        metavar="COLUMN",
        help="two columns of a real table, instead of its first two principal components",
    )
    group.add_argument(
        "--test-share", type=float, metavar="SHARE", help="share of the samples held out"
    )
    group.add_argument(
        "--pad",
        type=float,
        metavar="SHARE",
        help="how far the domain extends beyond the samples, as a share of their extent",
    )


def _training_options(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("network and training")
    group.add_argument(
        "--hidden", type=int, nargs="+", metavar="WIDTH", help="neurons per hidden layer"
    )
    group.add_argument(
        "--epochs", type=int, metavar="K", help="updates, each on all training samples"
    )
    group.add_argument("--lr", type=float, metavar="RATE", help="Adam's step size")
    group.add_argument("--weight-decay", type=float, metavar="RATE", help="L2 penalty")
    group.add_argument(
        "--seed", type=seed, help="fixes data, split, weights and every random order"
    )


def _tracking_options(parser: argparse.ArgumentParser, task: Task) -> None:
    group = parser.add_argument_group("tracking")
    group.add_argument(
        "--records",
        type=int,
        metavar="K",
        help="about how many steps to record, dense at the start",
    )
    if task == "classification":
        group.add_argument(
            "--weights",
            nargs="+",
            choices=WEIGHTS,
            metavar="WEIGHT",
            help=f"edge weights of the dual graph, a partition for each; of {', '.join(WEIGHTS)}",
        )
        group.add_argument(
            "--other-seeds", type=int, metavar="K", help="trainings with the next seeds, to compare"
        )
    else:
        group.add_argument("--draws", type=int, metavar="K", help="random filtrations per record")


def _output_options(parser: argparse.ArgumentParser, task: Task) -> None:
    group = parser.add_argument_group("output")
    group.add_argument(
        "--out", type=Path, metavar="FOLDER", help=f"new folder (default: study-{task}-NAME)"
    )
    group.add_argument(
        "--force", action="store_true", help="replace an earlier study in the folder"
    )
    group.add_argument(
        "--resume", action="store_true", help="go on with an interrupted study in the folder"
    )
    group.add_argument("--table", choices=("csv", "parquet"), help="format of the table")
    group.add_argument(
        "--quiet", action="store_true", help="no progress bar; print the report's path only"
    )
    group.add_argument("--json", action="store_true", help="print one JSON object")
