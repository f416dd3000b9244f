"""``relutope verify``: an independent check of a saved complex."""

from __future__ import annotations

import argparse
from pathlib import Path

from .outcome import FAILED, answer
from .paths import seed
from .problem_options import add_output, complex_in, progress_of

__all__ = ["ABOUT", "add", "run"]

ABOUT = """\
Check a saved complex against its network in exact rational arithmetic, sharing no code with the
search that made it. Exit status 1 if a check fails. Needs pycddlib (extra 'verify').

  relutope verify study-classification-breast-cancer/complex.npz"""


def add(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    parser.set_defaults(run=run)
    parser.add_argument("file", type=Path, metavar="FILE", help="file written by Complex.save")
    parser.add_argument("--sample", type=int, help="check so many cells only, chosen at random")
    parser.add_argument("--seed", type=seed, default=0, help="fixes the choice")
    add_output(parser, "verify")


def run(arguments: argparse.Namespace) -> int:
    """Run the command; the exit status."""
    import relutope as rt

    report = rt.verify(
        complex_in(arguments.file),
        arguments.sample,
        seed=arguments.seed,
        progress=progress_of(arguments),
    )
    answer(arguments, str(report), ok=report.ok, report=str(report))
    return 0 if report.ok else FAILED
