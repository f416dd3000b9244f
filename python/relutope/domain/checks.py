"""Whether what a user gives is a domain."""

from __future__ import annotations

from typing import Any

from ..errors import InvalidDomainError
from .box import Box, FlatBox
from .polytope import Polytope

__all__ = ["check_domain"]


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
