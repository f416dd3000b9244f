"""Verdicts about networks: properties decided exactly, and where they are violated."""

from __future__ import annotations

from .checking import CheckResult, Counterexample, check
from .violating import ViolatingPolytope, Violations, violations

__all__ = [
    "CheckResult",
    "Counterexample",
    "ViolatingPolytope",
    "Violations",
    "check",
    "violations",
]
