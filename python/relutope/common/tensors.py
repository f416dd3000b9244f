"""Arrays from what users have, tensors of torch included."""

from __future__ import annotations

from typing import Any

__all__ = ["detached"]


def detached(value: Any) -> Any:
    """A torch tensor, whatever its device, type or gradients, as an array of the same numbers.

    Anything else is returned as it is.
    """
    if not (hasattr(value, "detach") and hasattr(value, "cpu")):
        return value
    plain = value.detach().cpu()
    return (plain.double() if plain.is_floating_point() else plain).numpy()
