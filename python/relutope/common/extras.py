"""Packages that only some uses need."""

from __future__ import annotations

import sys
from importlib.util import find_spec

from ..errors import MissingDependencyError

__all__ = ["require"]


def require(package: str, what: str, extra: str | None = "study") -> None:
    """Checks that a package can be imported, for an error that says how to install it.

    Parameters
    ----------
    package : str
        The package as it is imported.
    what : str
        What needs it.
    extra : str, optional
        The extra of relutope that brings it; None if none does, then its own name is said.

    Raises
    ------
    MissingDependencyError
        If it is not installed.

    Examples
    --------
    >>> require("numpy", "counting")
    >>> require("no_such_package", "counting")
    Traceback (most recent call last):
        ...
    relutope.errors.MissingDependencyError: counting needs no_such_package, which is ...
    """
    try:
        found = sys.modules.get(package) is not None or find_spec(package) is not None
    except ImportError:  # of a parent
        found = False
    if not found:
        install = f"'relutope[{extra}]'" if extra else package.split(".")[0]
        raise MissingDependencyError(
            f"{what} needs {package}, which is not installed: pip install {install}"
        )
