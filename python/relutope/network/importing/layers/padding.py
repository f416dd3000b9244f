"""Padding, by constants or by what is there; negative padding cuts."""

from __future__ import annotations

from typing import Any

import numpy as np

from ....errors import InvalidNetworkError, UnsupportedLayerError
from ..registry import Value, constant, integers, onnx
from ..tensor import Tensor, checked_size, gathered

__all__: list[str] = []

_MODES = {"reflect": "reflect", "edge": "edge", "wrap": "wrap"}


@onnx("Pad")
def pad(
    x: Tensor,
    pads_input: Value | None = None,
    value_input: Value | None = None,
    axes_input: Value | None = None,
    *,
    mode: str = "constant",
    pads: Any = None,
    paddings: Any = None,
    value: float = 0.0,
) -> Tensor:
    """Widths as an input or, in older files, an attribute: all begins, then all ends."""
    given = pads if pads is not None else paddings
    widths = integers(given if pads_input is None else pads_input)
    axes = list(range(x.ndim)) if axes_input is None else integers(axes_input)
    if len(widths) != 2 * len(axes):
        raise InvalidNetworkError(f"pads {widths} do not fit {len(axes)} axes")
    around = [(0, 0)] * x.ndim
    for k, axis in enumerate(axes):
        around[axis] = (widths[k], widths[k + len(axes)])
    filling = (
        value if value_input is None else float(np.ravel(constant(value_input, "the value"))[0])
    )
    return padded(x, around, mode, filling)


def padded(x: Tensor, around: list[tuple[int, int]], mode: str, value: float) -> Tensor:
    """With (before, after) for each axis."""
    checked_size([n + before + after for n, (before, after) in zip(x.shape, around, strict=True)])
    cut = tuple(
        slice(max(-before, 0), n - max(-after, 0))
        for n, (before, after) in zip(x.shape, around, strict=True)
    )
    widths = [(max(before, 0), max(after, 0)) for before, after in around]
    if mode == "constant":
        order = np.arange(x.size).reshape(x.shape)[cut]
        return gathered([x, np.array([value])], np.pad(order, widths, constant_values=x.size))
    if mode not in _MODES:
        raise UnsupportedLayerError(f"the padding mode {mode!r} is not supported")
    kind: Any = _MODES[mode]
    return x.rearrange(lambda order: np.pad(order[cut], widths, mode=kind))
