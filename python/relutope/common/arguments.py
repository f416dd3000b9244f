"""Arguments that several entry points take, checked."""

from __future__ import annotations

import operator
import os
from pathlib import Path
from typing import Any, Literal, TypeAlias, get_args

import numpy as np

from ..errors import EngineError

__all__ = [
    "Engine",
    "check_choice",
    "check_engine",
    "checked_count",
    "checked_distance",
    "checked_folder",
    "checked_index",
    "checked_seconds",
    "checked_seed",
    "worker_threads",
]

Engine: TypeAlias = Literal["auto", "vertex", "lp"]


def check_choice(name: str, value: Any, choices: Any) -> None:
    """Raises ValueError unless `value` is one of the strings of a `Literal`, or of a sequence."""
    known = get_args(choices) or tuple(choices)
    if not isinstance(value, str) or value not in known:
        raise ValueError(f"`{name}` is {value!r}; use one of {', '.join(known)}")


def check_engine(engine: Any) -> None:
    """Raises EngineError unless it is the name of an engine or "auto"."""
    if not isinstance(engine, str) or engine not in get_args(Engine):
        raise EngineError(f"`engine` must be 'auto', 'vertex' or 'lp', got {engine!r}")


def checked_count(name: str, value: Any, lowest: int = 1, highest: int = 2**63 - 1) -> int:
    """`value` as an int; a bool or a float is none.

    Raises
    ------
    TypeError
        If it is no integer.
    ValueError
        If it is less than `lowest` or more than `highest`, which the core can hold.
    """
    count = _integer(name, value)
    if count < lowest:
        raise ValueError(f"`{name}` must be at least {lowest}, got {count}")
    if count > highest:
        raise ValueError(f"`{name}` must be at most {highest}, got {count}")
    return count


def checked_folder(name: str, value: Any) -> Path:
    """`value` as the path of a folder, which nothing is looked for in yet.

    Raises
    ------
    TypeError
        If it is no path.
    ValueError
        If it is empty, which would be the current folder, or names nothing that can be.
    """
    if not isinstance(value, str | os.PathLike) or isinstance(os.fspath(value), bytes):
        raise TypeError(f"`{name}` must be the path of a folder, got {value!r}")
    path = os.fspath(value)
    if not path or "\0" in path:
        raise ValueError(f"`{name}` must be the path of a folder, got {path!r}")
    return Path(path)


def checked_index(value: Any, count: int, what: str = "cells", name: str = "i") -> int:
    """`value` as a number from 0 to ``count - 1``; negative ones count from the end.

    Raises
    ------
    TypeError
        If it is no integer; a bool or a float is none.
    IndexError
        If there is no such number.
    """
    index = _integer(name, value)
    if not -count <= index < count:
        raise IndexError(f"`{name}` is {index}, but there are {count} {what}")
    return index % count


def checked_seed(value: Any, name: str = "seed") -> int:
    """`value` as a seed that every random generator takes, numpy's, torch's and the core's.

    Raises
    ------
    TypeError
        If it is no integer; a bool, a float or None is none.
    ValueError
        If it is negative, or has more than 64 bits.
    """
    return checked_count(name, value, 0, 2**64 - 1)


def _integer(name: str, value: Any) -> int:
    if isinstance(value, bool | np.bool_):
        raise TypeError(f"`{name}` must be an integer, got {value!r}")
    try:
        return operator.index(value)
    except TypeError:
        raise TypeError(
            f"`{name}` must be an integer, got {value!r} ({type(value).__name__})"
        ) from None


def checked_seconds(name: str, value: Any) -> float | None:
    """`value` as a time limit in seconds; None is none.

    Raises
    ------
    TypeError
        If it is no number.
    ValueError
        If it is not positive.
    """
    return None if value is None else _above(name, value, 0.0, "be positive", strict=True)


def checked_distance(name: str, value: Any) -> float:
    """`value` as a distance, which may be infinite.

    Raises
    ------
    TypeError
        If it is no number.
    ValueError
        If it is negative.
    """
    return _above(name, value, 0.0, "be a distance", strict=False)


def _above(name: str, value: Any, least: float, what: str, *, strict: bool) -> float:
    if isinstance(value, bool | np.bool_ | str):
        raise TypeError(f"`{name}` must be a number, got {value!r}")
    try:
        number = float(value)
    except (TypeError, ValueError):
        raise TypeError(f"`{name}` must be a number, got {value!r}") from None
    if not (number > least if strict else number >= least):
        raise ValueError(f"`{name}` must {what}, got {value}")
    return number


def worker_threads(threads: int | None) -> int:
    """The number of threads asked for, or of processors that this process may use."""
    if threads is None:
        if hasattr(os, "sched_getaffinity"):
            return len(os.sched_getaffinity(0))
        return os.cpu_count() or 1
    return checked_count("threads", threads, highest=2**31 - 1)
