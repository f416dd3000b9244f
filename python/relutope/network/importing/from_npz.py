"""Networks from archives of arrays."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ...common.archive import Archive
from ...errors import InvalidFileError, InvalidNetworkError
from ..network import Network

__all__ = ["network_of_npz"]


def network_of_npz(path: Path) -> Network:
    """Reads arrays ``W0``, ``b0``, ``W1``, ``b1``, ... and perhaps ``linear_units``.

    Raises
    ------
    InvalidNetworkError
        If the file is no such archive, is damaged, or the arrays are no network.
    """
    try:
        with Archive(path) as archive:
            arrays = {name: archive.array(name) for name in archive.entries}
    except InvalidFileError as error:
        raise InvalidNetworkError(f"`path`: no .npz file: {error}") from None
    count = sum(f"W{k}" in arrays and f"b{k}" in arrays for k in range(len(arrays)))
    expected = {f"{name}{k}" for name in "Wb" for k in range(count)}
    if not count or expected != set(arrays) - {"linear_units"}:
        raise InvalidNetworkError(
            f"`path`: {path} must hold arrays W0, b0, W1, b1, ... and perhaps linear_units; it "
            f"holds {', '.join(sorted(arrays)) or 'none'}"
        )
    layers = [(arrays[f"W{k}"], arrays[f"b{k}"]) for k in range(count)]
    units: Any = arrays.get("linear_units")  # the network checks them
    return Network(layers, units)
