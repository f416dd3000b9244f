"""``relutope doctor``: versions and capabilities, for bug reports."""

from __future__ import annotations

import argparse
import importlib.metadata
import importlib.util
import os
import platform
import shutil
import sys
from typing import Any

from .. import __version__
from .outcome import FAILED, answer
from .problem_options import add_output

__all__ = ["ABOUT", "add", "run"]

ABOUT = """\
Versions, processor, floating-point environment, threads and optional parts; paste it into a bug
report. Exit status 1 if the core gives a wrong answer here."""

OPTIONAL = {
    "torch": "study",
    "matplotlib": "study",
    "gudhi": "study",
    "scikit-learn": "study",
    "networkx": "study",
    "pyarrow": "study",
    "tqdm": "study",
    "pandas": "",
    "onnx": "onnx",
    "pycddlib": "verify",
    "uvicorn": "app",
}
"""Packages and the extra that installs each."""


def add(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    parser.set_defaults(run=run)
    add_output(parser, "doctor")


def run(arguments: argparse.Namespace) -> int:
    """Run the command; the exit status."""
    from ..plotting.viewer import has_engine

    found: dict[str, Any] = {
        "relutope": __version__,
        "python": sys.version.split()[0],
        "system": platform.platform(),
        "processor": _processor(),
        "vectors": _vectors(),
        "threads": len(os.sched_getaffinity(0))
        if hasattr(os, "sched_getaffinity")
        else os.cpu_count(),
        "denormals": "kept" if 5e-324 / 1.0 > 0 else "flushed to zero by this process",
        "rounding": "to nearest" if 1.0 + 2.0**-53 == 1.0 and 1.0 - 2.0**-54 == 1.0 else "changed",
    }
    found |= {name: _version(name) for name in ("numpy", "scipy")}
    for name, extra in OPTIONAL.items():
        there = _version(name)
        hint = f" (pip install 'relutope[{extra}]')" if extra else ""
        found[name] = there or f"not installed{hint}"
    found["ffmpeg"] = shutil.which("ffmpeg") or "not installed (for films in MP4)"
    found["webassembly"] = "there" if has_engine() else "not compiled (for pages in the browser)"
    found["core"] = _core_answer()
    answer(arguments, "\n".join(f"{name:14}{value}" for name, value in found.items()), **found)
    return 0 if found["core"] == "right" else FAILED


def _version(name: str) -> str | None:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return None


def _processor() -> str:
    """Name and vector units of the processor, where the system tells."""
    fields = _processor_fields()
    words = fields.get("flags", "").split()
    flags = " ".join(unit for unit in ("avx2", "fma", "avx512f") if unit in words)
    name = ", ".join([platform.machine(), *filter(None, [fields.get("model name")])])
    return name + (f" ({flags})" if flags else "")


def _vectors() -> str:
    """Which of the core's kernels the loader takes; see cpp/predicates/clones.hpp."""
    cloned = platform.machine() == "x86_64" and platform.libc_ver()[0] == "glibc"
    if cloned and "avx2" in _processor_fields().get("flags", "").split():
        return "avx2 kernels (if GCC compiled the core)"
    return "plain kernels"


def _processor_fields() -> dict[str, str]:
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as file:
            lines = dict(line.split(":", 1) for line in file if ":" in line)
    except OSError:
        return {}
    return {key.strip(): value.strip() for key, value in lines.items()}


def _core_answer() -> str:
    """Whether the core finds the 7 cells of three lines in general position."""
    import relutope as rt

    three = [([[1.0, 0.0], [0.0, 1.0], [1.0, 1.0]], [0.0, 0.0, -1.0]), ([[1.0, 1.0, 1.0]], [0.0])]
    cells = rt.decompose(three).n_cells
    return "right" if cells == 7 else f"wrong: {cells} cells instead of 7"
