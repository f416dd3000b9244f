"""Properties of networks: linear conditions on inputs and outputs, from VNN-LIB files or built."""

from __future__ import annotations

from .linear_property import Case, Condition, Property
from .loading import load_domain, load_property
from .vnnlib import parse_property

__all__ = ["Case", "Condition", "Property", "load_domain", "load_property", "parse_property"]
