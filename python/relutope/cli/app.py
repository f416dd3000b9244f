"""``relutope app``: the page in the browser."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from .outcome import answer
from .paths import port

__all__ = ["ABOUT", "add", "run"]

ABOUT = """\
Build a network, train it, move a weight, and watch the exact decomposition, in the browser.

  relutope app                       the page, on this machine alone
  relutope app network.onnx          with that network at first
  relutope app --static site         write the page as a file that needs no Python

The address that is printed holds a secret; who has it may use the page. Ctrl-C ends it. Needs the
extra 'app', except with --static."""


def add(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    parser.set_defaults(run=run)
    parser.add_argument("file", type=Path, nargs="?", metavar="FILE", help="a network")
    parser.add_argument("--no-browser", action="store_true", help="only print the address")
    parser.add_argument("--port", type=port, default=0, help="0 is any free one")
    parser.add_argument("--host", default="127.0.0.1", help="other than this machine: with care")
    parser.add_argument("--static", type=Path, metavar="FOLDER", help="write the page there")
    parser.add_argument("--json", action="store_true", help="print the address as a JSON object")
    parser.set_defaults(command="app")


def run(arguments: argparse.Namespace) -> int:
    """Run the command; the exit status."""
    if arguments.static is not None:
        from ..page import write_site

        page = write_site(arguments.static)
        answer(arguments, str(page), page=str(page))
        return 0
    from ..page.launch import app

    app(
        arguments.file,
        host=arguments.host,
        port=arguments.port,
        open_browser=not arguments.no_browser,
        say=lambda line: _say(arguments, line),
    )
    return 0


def _say(arguments: argparse.Namespace, line: str) -> None:
    """The address on stdout, warnings on stderr."""
    if line.startswith("http"):
        answer(arguments, line, address=line)
        sys.stdout.flush()
    else:
        print(line, file=sys.stderr)
