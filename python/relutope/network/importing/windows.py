"""Sliding windows of convolutions and poolings, over any number of axes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ...errors import InvalidNetworkError

__all__ = ["Axis", "adaptive_windows", "windows"]

Integers = NDArray[np.int64]

# What a window covers beside the input.
PADDING, BEYOND = -1, -2


@dataclass(frozen=True)
class Axis:
    """How windows slide along one axis; `ceil` adds a last window that leaves the padded input."""

    kernel: int
    stride: int = 1
    before: int = 0
    after: int = 0
    dilation: int = 1
    ceil: bool = False

    def positions(self, size: int) -> Integers:
        """What each window covers, shape (windows, kernel): indices, `PADDING` or `BEYOND`."""
        padded = size + self.before + self.after
        room = padded - self.dilation * (self.kernel - 1) - 1
        if room < 0 or min(self.kernel, self.stride, self.dilation) < 1:
            raise InvalidNetworkError(
                f"a window of {self.kernel} (dilation {self.dilation}, stride {self.stride}) does "
                f"not fit an axis of {size} (with padding: {padded})"
            )
        count = room // self.stride + 1
        if self.ceil and room % self.stride and count * self.stride < size + self.before:
            count += 1
        first = np.arange(count)[:, None] * self.stride - self.before
        where = first + np.arange(self.kernel) * self.dilation
        outside = np.where(where < size + self.after, PADDING, BEYOND)
        return np.where((where >= 0) & (where < size), where, outside)


def adaptive_windows(size: int, count: int) -> Integers:
    """`count` windows that cover an axis as evenly as can be, filled up with `BEYOND`."""
    first = np.arange(count) * size // count
    last = -(-np.arange(1, count + 1) * size // count)
    where = first[:, None] + np.arange(int((last - first).max()))
    return np.where(where < last[:, None], where, BEYOND)


def windows(sizes: Sequence[int], positions: Sequence[Integers]) -> Integers:
    """Windows over several axes at once, from those along each axis.

    Returns
    -------
    ndarray of int64, shape (windows, kernel)
        Indices into the flattened axes, `PADDING` or `BEYOND`; the last axis runs fastest.
    """
    index = np.zeros((1, 1), dtype=np.int64)
    for size, along in zip(sizes, positions, strict=True):
        before, here = index[:, None, :, None], along[None, :, None, :]
        joined = np.where((before < 0) | (here < 0), np.minimum(before, here), before * size + here)
        index = joined.reshape(index.shape[0] * along.shape[0], -1)
    return index
