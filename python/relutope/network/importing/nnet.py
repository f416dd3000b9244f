"""Networks in the text format ``.nnet``, in which the ACAS Xu networks were published."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import numpy as np

from ...errors import InvalidNetworkError
from ..network import Network
from .imported import Imported, built
from .layers.arithmetic import divided
from .layers.products import matmul
from .tensor import Tensor

__all__ = ["network_of_nnet"]

# What the sizes in a file may come to; larger ones are a damaged file.
_MOST_NUMBERS = 1 << 26


def network_of_nnet(path: Path) -> Network:
    """Reads comment lines, sizes, input bounds, means and ranges, then the layers' W and b.

    Inputs are first normalised, ``(x - mean) / range``, and outputs last, ``y * range + mean``: the
    network maps the original units to the original units. Input bounds are not used.

    Raises
    ------
    InvalidNetworkError
        If the file does not hold the numbers that it announces.
    """
    return built(Network, lambda: Imported(_graph(path).node))


def _graph(path: Path) -> Tensor:
    numbers = _rows(path)
    try:
        depth, n, m = (int(v) for v in next(numbers)[:3])
        widths = [int(v) for v in next(numbers)[: depth + 1]]
        total = sum((a + 1) * b for a, b in pairwise(widths))
        if widths[:1] != [n] or widths[-1] != m or len(widths) != depth + 1 or min(widths) < 1:
            raise ValueError(f"widths {widths} for {depth} layers, {n} inputs and {m} outputs")
        if total > _MOST_NUMBERS:
            raise ValueError(f"{total} weights are too many")
        next(numbers)  # a flag that is not used
        _lower, _upper = next(numbers), next(numbers)
        mean, scale = next(numbers), next(numbers)
        if len(mean) < n + 1 or len(scale) < n + 1:
            raise ValueError("means and ranges do not fit the inputs")
        x = divided(Tensor.input([n]).add(mean[:n], -1.0), scale[:n])
        for k, width in enumerate(widths[1:]):
            W = np.stack([next(numbers)[: widths[k]] for _ in range(width)])
            b = np.array([next(numbers)[0] for _ in range(width)])
            x = matmul(W, x).add(b)
            x = x.relu() if k + 1 < depth else x
    except (ValueError, IndexError, StopIteration) as error:
        words = str(error) or "it ends too early"
        raise InvalidNetworkError(f"`path`: {path} is not an .nnet file: {words}") from None
    return x.scale(scale[n]).add(mean[n])


def _rows(path: Path) -> Iterator[np.ndarray]:
    with open(path, encoding="utf-8", errors="strict") as file:
        for line in file:
            if line.strip() and not line.lstrip().startswith("//"):
                words = line.strip().rstrip(",").split(",")
                if "_" in line or not line.isascii():  # Python takes 1_0 for 10
                    raise ValueError(f"{line.strip()[:60]!r} is no row of numbers")
                yield np.array([float(v) for v in words])
