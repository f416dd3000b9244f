"""Verdicts about networks: properties decided exactly, and where they are violated."""

from __future__ import annotations

from .checking import CheckResult, Counterexample, check
from .nearest_change import Robustness, robustness
from .violating import ViolatingPolytope, Violations, violations

__all__ = [
    "CheckResult",
    "Counterexample",
    "Robustness",
    "ViolatingPolytope",
    "Violations",
    "check",
    "robustness",
    "violations",
]
