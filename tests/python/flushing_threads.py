"""Reads subnormal weights in a process whose torch threads all flush them to zero.

``python tests/python/flushing_threads.py KIND`` with the kind "Linear", "computed weights" or
"tensors". Run in a process of its own, since threads keep the flags as long as they live.
"""

from __future__ import annotations

import sys
from typing import Any

import numpy as np
import torch

import relutope as rt

SIZE = 300
INTEGERS = {
    torch.float64: np.int64,
    torch.float32: np.int32,
    torch.bfloat16: np.int16,
    torch.float16: np.int16,
}


class Computed(torch.nn.Module):
    """Its weights come out of torch's arithmetic, as those of parametrisations do."""

    def __init__(self, inner: torch.nn.Linear, outer: torch.nn.Linear) -> None:
        super().__init__()
        self.inner, self.outer = inner, outer

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        hidden = torch.nn.functional.linear(x, self.inner.weight * 2, self.inner.bias)
        return self.outer(torch.relu(hidden))


def subnormal(dtype: torch.dtype) -> torch.Tensor:
    """Made of bits: 5 / 16 of the smallest normal number."""
    integer = INTEGERS[dtype]
    mantissa = round(-np.log2(torch.finfo(dtype).eps))
    bits = np.full((SIZE, SIZE), 5 << (mantissa - 4), dtype=integer)
    return torch.from_numpy(bits).view(dtype)


def network(kind: str, weight: torch.Tensor) -> Any:
    dtype = weight.dtype
    inner, outer = torch.nn.Linear(SIZE, SIZE, dtype=dtype), torch.nn.Linear(SIZE, 1, dtype=dtype)
    inner.weight = torch.nn.Parameter(weight)
    if kind == "tensors":
        return rt.Network([(m.weight, m.bias) for m in (inner, outer)])
    if kind == "computed weights":
        return rt.Network.from_torch(Computed(inner, outer), SIZE)
    return rt.Network.from_torch(torch.nn.Sequential(inner, torch.nn.ReLU(), outer))


def main(kind: str) -> int:
    assert torch.set_flush_denormal(True), "this processor cannot flush"
    torch.set_num_threads(4)
    flushed = subnormal(torch.float64) * 1
    torch.set_flush_denormal(False)
    assert not np.frombuffer(flushed.numpy().tobytes(), dtype=np.int64).all(), "nothing flushes"
    lost = []
    for dtype in INTEGERS:
        smallest = torch.finfo(dtype).smallest_normal
        expected = np.full((SIZE, SIZE), smallest * (10 if kind == "computed weights" else 5) / 16)
        for flush in (False, True):
            torch.set_flush_denormal(flush)
            layers = network(kind, subnormal(dtype)).layers
            torch.set_flush_denormal(False)
            if layers[0][0].tobytes() != expected.tobytes():
                lost.append(f"{dtype}, flushing {flush}")
    print("; ".join(lost) or "all kept")
    return bool(lost)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1]))
