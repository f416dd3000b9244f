"""``relutope completion``: what a shell needs to complete commands and options."""

from __future__ import annotations

import argparse

__all__ = ["ABOUT", "add", "run"]

ABOUT = """\
Print shell code that completes relutope's commands and options.

  eval "$(relutope completion bash)"           in ~/.bashrc; zsh and fish likewise"""

_BASH = """\
_relutope() {
    local word="${COMP_WORDS[COMP_CWORD]}" words
    if [ "$COMP_CWORD" = 1 ]; then words="%(commands)s"
    elif [[ "$word" == -* ]]; then
        words="$(relutope "${COMP_WORDS[1]}" --help 2> /dev/null | grep -o -- '--[a-z-]*')"
    fi
    COMPREPLY=($(compgen -W "$words" -- "$word"))
    [ -n "$words" ] || COMPREPLY=($(compgen -f -- "$word"))
}
complete -o filenames -F _relutope relutope"""

_ZSH = "autoload -U +X bashcompinit && bashcompinit\n" + _BASH

_FISH = """\
function __relutope_options
    relutope (commandline -opc)[2] --help 2> /dev/null | string match -ar -- '--[a-z-]+'
end
complete -c relutope -n __fish_use_subcommand -f -a "%(commands)s"
complete -c relutope -n "not __fish_use_subcommand" -a "(__relutope_options)"
"""


def add(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    parser.set_defaults(run=run)
    parser.add_argument("shell", choices=("bash", "zsh", "fish"))


def run(arguments: argparse.Namespace) -> int:
    """Run the command; the exit status."""
    from .command import COMMANDS

    code = {"bash": _BASH, "zsh": _ZSH, "fish": _FISH}[arguments.shell]
    print(code % {"commands": " ".join(COMMANDS)})
    return 0
