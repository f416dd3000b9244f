"""How help is laid out."""

from __future__ import annotations

import argparse
import shutil

__all__ = ["Help", "help_formatter"]


class Help(argparse.RawDescriptionHelpFormatter):
    """Keeps the layout of the texts; adds defaults to options that have one."""

    def _get_help_string(self, action: argparse.Action) -> str:
        text = action.help or ""
        if action.default is None or action.default is False or action.nargs == 0:
            return text
        if isinstance(action.default, tuple):
            return f"{text} (default: {' '.join(map(str, action.default))})"
        return f"{text} (default: %(default)s)"


def help_formatter(prog: str) -> Help:
    """A formatter as wide as the terminal, at most 100 columns."""
    width = min(100, shutil.get_terminal_size().columns)
    return Help(prog, max_help_position=30, width=width)
