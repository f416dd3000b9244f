"""The viewer's scripts and the engine as text, for pages that refer to nothing outside."""

from __future__ import annotations

import base64
import gzip
import json
import re
from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from typing import Any

from ...errors import MissingDependencyError

__all__ = [
    "NOTEBOOK",
    "PAGE",
    "WORKER",
    "bundle",
    "engine_arguments",
    "engine_bytes",
    "has_engine",
    "live_scripts",
    "notebook_module",
    "style",
]

WORKER = (
    "network.js",
    "engine.js",
    "cells.js",
    "spectrum.js",
    "picture.js",
    "training.js",
    "frame.js",
    "worker.js",
)
"""Modules of the engine's worker, each after those that it imports."""
PAGE = (
    "frame.js",
    "raster.js",
    "colours.js",
    "maps.js",
    "svg.js",
    "layers.js",
    "view.js",
    "providers.js",
    "dom.js",
    "live.js",
)
"""Modules of a live figure."""
NOTEBOOK = (*PAGE, "notebook.js")
"""Modules of a live figure in a notebook."""

_IMPORT = re.compile(r'^import\s*\{[^}]*\}\s*from\s*"\./[^"]+";\n', re.MULTILINE)
_EXPORT = re.compile(r"^export\s+(?=async\s|class\s|function\s|const\s|let\s)", re.MULTILINE)


def bundle(names: Sequence[str], package: str = __package__) -> str:
    """Modules as one script without imports and exports, in the order given.

    Their top-level names are different; a test sees to it.

    Parameters
    ----------
    names : sequence of str
    package : str
        Where they are; the viewer by default.

    Returns
    -------
    str
    """
    text = "\n".join(_read(name, package) for name in names)
    return _EXPORT.sub("", _IMPORT.sub("", text))


def has_engine() -> bool:
    """Whether the WebAssembly core was built into this installation."""
    return files(__package__).joinpath("relutope.wasm").is_file()


def engine_bytes() -> bytes:
    """The WebAssembly core.

    Raises
    ------
    MissingDependencyError
        If this installation was made without it.
    """
    if not has_engine():
        raise MissingDependencyError(
            "this installation of relutope was built without its WebAssembly core; see "
            "`cpp/wasm/build` in the sources"
        )
    return files(__package__).joinpath("relutope.wasm").read_bytes()


def style() -> str:
    """The live figures' style sheet."""
    return _read("live.css")


@cache
def live_scripts() -> str:
    """The script element that brings a page's live figures to life; empty without the engine.

    Every element ``<div class="relutope-live" data-recording="NAME">`` becomes a figure of the
    recording in ``<script type="application/json" id="NAME">``; what it contains is shown until
    then, and stays where scripts, workers or WebAssembly are off.
    """
    if not has_engine():
        return ""
    start = f"mountAll({engine_arguments()});"
    return f'<script type="module">\n{_unclosed(bundle(PAGE))}\n{start}\n</script>'


@cache
def notebook_module() -> str:
    """The module that anywidget loads: a live figure, the engine inside.

    Raises
    ------
    MissingDependencyError
        If this installation was made without the WebAssembly core.
    """
    render = f"(context) => renderLive(context, {engine_arguments()})"
    return f"{bundle(NOTEBOOK)}\nexport default {{ render: {render} }};\n"


def engine_arguments() -> str:
    """The engine and its worker, as arguments of a call."""
    packed = base64.b64encode(gzip.compress(engine_bytes(), mtime=0)).decode("ascii")
    return f'"{packed}", {in_script(bundle(WORKER))}'


def in_script(value: Any) -> str:
    """JSON that can stand inside a script element."""
    return json.dumps(value, allow_nan=False).replace("<", "\\u003c")


def _unclosed(script: str) -> str:
    if re.search(r"</script|<!--", script, re.IGNORECASE):
        raise AssertionError("a module contains what would end its script element")
    return script


def _read(name: str, package: str = __package__) -> str:
    return files(package).joinpath(name).read_text(encoding="utf-8")
