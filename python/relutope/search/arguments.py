"""Arguments that several entry points take, checked."""

from __future__ import annotations

import os
from typing import Any

from ..domain.box import Box, FlatBox
from ..domain.polytope import Polytope
from ..errors import EngineError, InvalidDomainError

__all__ = ["check_domain", "check_engine", "worker_threads"]


def check_engine(engine: Any) -> None:
    """Raises EngineError unless it is the name of an engine or "auto"."""
    if engine not in ("auto", "vertex", "lp"):
        raise EngineError(f"`engine` must be 'auto', 'vertex' or 'lp', got {engine!r}")


def check_domain(domain: Any) -> None:
    """Raises InvalidDomainError unless it is one, or None."""
    if isinstance(domain, FlatBox):
        raise InvalidDomainError(
            "`domain` fixes some inputs, so it has no interior; decompose the network on it with "
            "relutope.slice(network, domain=domain)"
        )
    if domain is not None and not isinstance(domain, (Box, Polytope)):
        raise InvalidDomainError(
            "`domain` must be a relutope.Box, a relutope.Polytope or None (all of R^n), "
            f"got {type(domain).__name__}"
        )


def worker_threads(threads: int | None) -> int:
    """The number of threads asked for, or of processors that this process may use."""
    if threads is None:
        if hasattr(os, "sched_getaffinity"):
            return len(os.sched_getaffinity(0))
        return os.cpu_count() or 1
    if threads < 1:
        raise ValueError(f"`threads` must be at least 1, got {threads}")
    return threads
