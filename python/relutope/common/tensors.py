"""Arrays from what users have, tensors of torch included."""

from __future__ import annotations

from typing import Any

import numpy as np

__all__ = ["detached"]


def detached(value: Any) -> Any:
    """A torch tensor, whatever its device, type or gradients, as an array of the same numbers.

    Anything else is returned as it is.
    """
    if not (hasattr(value, "detach") and hasattr(value, "cpu")):
        return value
    plain = value.detach().cpu()
    if not plain.is_floating_point():
        return plain.numpy()
    if plain.element_size() == 1 or str(plain.dtype) == "torch.bfloat16":  # unknown to NumPy
        plain = plain.float()
    # NumPy converts on this thread; torch's own threads may take subnormal numbers for zero.
    return np.asarray(plain.numpy(), dtype=np.float64)
