"""``relutope reproduce``: its parser and what it does; hooked into the command line by `add`."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from ..errors import RelutopeError
from ..lab.reproduce.options import DATA, QUICK_SEEDS, SEEDS, InvalidOptionError, Options, Question
from .outcome import FAILED, INTERRUPTED, USAGE, ended, failure, in_words_of_options
from .paths import seed
from .texts import help_formatter

__all__ = ["ABOUT", "add", "run"]

ABOUT = """\
Repeat an experiment of the source paper, or test a published claim, over several seeds, beside null
models, and say in words what was found and what was not.

  report.html       verdicts, pictures, numbers, the rules behind them: start here
  *.csv             tables: one row per record, per seed, per verdict
  pictures/         every picture as PDF and SVG
  methods.txt, references.bib   to paste and to cite
  reproduce.json    settings, versions, verdicts
  seeds/            what each seed gave; the same command goes on from there"""

_QUESTIONS: dict[Question, tuple[str, str]] = {
    "fiedler": (
        "does the Fiedler partition come to match the decision boundary?",
        """\
Train binary classifiers that memorise few samples early and generalise late, and ask when, and for
which edge weights, the Fiedler partition of the cells matches the decision boundary, compared with
random labels, shuffled weights, untrained networks and straight cuts.""",
    ),
    "homology": (
        "do cells and Betti curves follow the training loss?",
        """\
Train regressors whose loss spikes, and ask whether the number of cells and the Betti curves of
random filtrations follow the loss, beyond what random labels, undirected drift and the loss of
another run explain; and what they do at the spikes.""",
    ),
    "approximation": (
        "would sampling on a grid have seen what exact cells show?",
        """\
Compare activation patterns sampled on grids and joined at Hamming distance 1 with the exact complex
of trained networks: cells found, components, Fiedler cuts, their agreement with the boundary.""",
    ),
    "lattices": (
        "are dual graphs expanders, or lattices?",
        """\
Compute the algebraic connectivity and the degrees of dual graphs of networks of several sizes and
dimensions, before and after training, and compare how they scale with expanders and lattices.""",
    ),
    "counts": (
        "do cells number neurons^n / n!, through training?",
        """\
Count the cells of networks with one to three hidden layers exactly while they are trained, take the
distances of uniform points to the nearest facet, and compare both with what neurons^n / n! and one
over the number of neurons would give.""",
    ),
    "boundaries": (
        "does depth give decision boundaries more topology?",
        """\
Compute the Betti numbers of the decision boundaries of networks with one to four hidden layers and
equal numbers of neurons exactly, untrained, trained and trained on random labels, and compare every
single one with published bounds.""",
    ),
    "migration": (
        "do facets move to the decision boundary during grokking?",
        """\
Train networks that memorise at once and generalise much later, and compare the measure of facets
per volume around training, held-out, boundary and uniform points, at the start, at memorisation and
at the end, with training on random labels and with points in cells of equal volume.""",
    ),
    "grokking": (
        "does the match of cut and boundary arise when networks generalise?",
        """\
Train networks that memorise at once and generalise much later, and compare the Fiedler partition
with the decision boundary at five moments, on their own cells, on other cells under the same
functions, and beside training on random labels.""",
    ),
    "degrees": (
        "is the mean degree at most 2n, the diameter at most the number of neurons?",
        """\
Compute mean degrees and diameters of the dual graphs of many random networks exactly, degenerate
ones included, and compare every single one with the bounds.""",
    ),
    "sampling": (
        "do data lie in better connected cells?",
        """\
Train on real data, and compare the neighbours of the cells that hold samples with those of all
cells, of cells hit by as many uniform points, and of cells of equal volume.""",
    ),
}

_EXAMPLES = """\
examples:
  relutope reproduce {question}                          a few minutes on two cores
  relutope reproduce {question} --quick                  less than a minute; too few seeds to decide
  relutope reproduce {question} --data {other} --seeds 20
  relutope reproduce {question} --seed 100               other seeds: an independent repetition

Ctrl-C keeps the seeds that are finished; the same command goes on from there. The same options give
the same files on the same machine and versions, whatever the number of workers."""


def add(parser: argparse.ArgumentParser) -> None:
    """Add the questions, each with arguments of its own."""
    questions = parser.add_subparsers(metavar="question", title="questions")
    for question, (title, about) in _QUESTIONS.items():
        other = DATA[question][-1]
        one = questions.add_parser(
            question,
            description=about,
            formatter_class=help_formatter,
            epilog=_EXAMPLES.format(question=question, other=other),
            help=title,
        )
        one.set_defaults(parser=one, run=run, command="reproduce", question=question)
        _options(one, question)


def _options(parser: argparse.ArgumentParser, question: Question) -> None:
    parser.add_argument(
        "--data", choices=DATA[question], default=DATA[question][0], help="data set"
    )
    parser.add_argument(
        "--seeds",
        type=int,
        metavar="K",
        help=f"number of seeds (default: {SEEDS[question]}, with --quick {QUICK_SEEDS})",
    )
    parser.add_argument("--seed", type=seed, default=0, metavar="S", help="the first of them")
    parser.add_argument(
        "--out", type=Path, metavar="FOLDER", help=f"folder (default: reproduce-{question}-DATA)"
    )
    parser.add_argument(
        "--quick", action="store_true", help="small networks and 3 seeds: a look, no answer"
    )
    parser.add_argument(
        "--workers", type=int, metavar="N", help="processes (default: the processors, at most 8)"
    )
    parser.add_argument("--force", action="store_true", help="replace an earlier run in the folder")
    parser.add_argument("--quiet", action="store_true", help="print the report's path only")
    parser.add_argument("--json", action="store_true", help="print one JSON object")


def run(arguments: argparse.Namespace) -> int:
    """Run the parsed command and return its exit status: 0, 1, 2 or 130 as for other commands."""
    from ..lab.reproduce.running import reproduce

    question: Question = arguments.question
    suffix = "-quick" if arguments.quick else ""
    options = Options(
        question,
        arguments.out or Path(f"reproduce-{question}-{arguments.data}{suffix}"),
        data=arguments.data,
        seeds=arguments.seeds,
        seed=arguments.seed,
        quick=arguments.quick,
        workers=min(8, os.cpu_count() or 1) if arguments.workers is None else arguments.workers,
    )
    try:
        outcome = reproduce(
            options,
            replace=arguments.force,
            say=lambda line: None if arguments.quiet else print(line, file=sys.stderr),
        )
    except RelutopeError as error:
        status = USAGE if isinstance(error, InvalidOptionError) else FAILED
        failure(in_words_of_options(error, arguments), status=status, as_json=arguments.json)
        return status
    except KeyboardInterrupt:
        print("interrupted before anything was written", file=sys.stderr)
        return INTERRUPTED
    return ended(arguments, outcome)
