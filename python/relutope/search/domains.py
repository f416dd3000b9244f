"""Whether what a user gives is a domain, and the network on what it leaves free."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ..domain.box import Box, FlatBox
from ..domain.polytope import Polytope
from ..errors import InvalidDomainError
from ..network.network import Network

__all__ = ["checked_domain", "on_free_inputs"]


def checked_domain(domain: Any) -> Box | FlatBox | Polytope | None:
    """The domain; a path is read by `load_domain`.

    Raises
    ------
    InvalidDomainError
        If it is no domain.
    """
    named = isinstance(domain, (str, Path))
    if named:
        from ..properties.loading import SUFFIXES, load_domain

        if Path(domain).name.lower().endswith(SUFFIXES):
            return load_domain(domain)
    if domain is not None and not isinstance(domain, (Box, FlatBox, Polytope)):
        raise InvalidDomainError(
            "`domain` must be a relutope.Box, a relutope.FlatBox, a relutope.Polytope, the path of "
            "a .vnnlib or .vnnlib.gz file or None (all of R^n), got "
            f"{repr(str(domain)) if named else type(domain).__name__}"
        )
    return domain


def on_free_inputs(
    network: Network, domain: Box | FlatBox | Polytope | None
) -> tuple[Network, Box | Polytope | None]:
    """The network as a function of the inputs that the domain does not fix, and their domain.

    Raises
    ------
    InvalidDomainError
        If the domain fixes inputs and has another number of axes than the network has inputs.
    """
    if not isinstance(domain, FlatBox):
        return network, domain
    if len(domain.lower) != network.input_dim:
        raise InvalidDomainError(
            f"`domain` has {len(domain.lower)} axes, but the network has {network.input_dim} inputs"
        )
    origin, basis = domain.embedding
    return network.after_affine(basis.T, origin), domain.box
