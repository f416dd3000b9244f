"""A torch module as the reference that its network is compared with."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from .nodes import Floats
from .torch_state import on_this_thread, preserved

__all__ = ["Reference"]


@dataclass(frozen=True)
class Reference:
    """The module's own forward: in double precision where it can be run so, then in its own.

    Weights that hooks compute in single precision differ from those computed in double.
    """

    module: torch.nn.Module
    call: Callable[..., torch.Tensor]
    shapes: list[tuple[int, ...]]
    named: dict[str, tuple[int, ...]]
    fixed: dict[str, torch.Tensor]
    dtype: torch.dtype
    dtypes: set[torch.dtype]
    name: str = "the module's own forward"

    def outputs(self, X: Floats) -> Iterator[tuple[Floats, float]]:
        own = max((torch.finfo(d).eps / 2 for d in (self.dtype, *self.dtypes)), default=2.0**-53)
        for double in (True, False):
            if not double and self.dtype == torch.float64:
                return
            try:
                found = self.run(X, double)
            except Exception:  # code that insists on its own precision
                continue
            precise = double and self.dtypes <= {self.dtype}
            yield found, 2.0**-53 if precise else own

    def run(self, X: Floats, double: bool) -> Floats:
        """Outputs for the rows of `X`, one after the other."""
        with on_this_thread(), preserved(self.module):
            return self.rows(X, double)

    def rows(self, X: Floats, double: bool) -> Floats:
        dtype = torch.float64 if double else self.dtype
        state = None
        if double and self.dtype != torch.float64:
            numbers = {**dict(self.module.named_parameters()), **dict(self.module.named_buffers())}
            state = {k: v.detach().double() for k, v in numbers.items() if v.is_floating_point()}
        fixed = {k: v.to(dtype) if v.is_floating_point() else v for k, v in self.fixed.items()}
        results = []
        for row in X:
            args, kwargs = self.arguments(torch.from_numpy(row).to(dtype))
            results.append(self.call(args, fixed | kwargs, state).to(torch.float64).numpy())
        return np.stack(results)

    def arguments(self, row: torch.Tensor) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """One input as the module takes it."""
        shapes = [*self.shapes, *self.named.values()]
        parts = torch.split(row, [int(np.prod(shape)) for shape in shapes])
        made = [part.clone().reshape(shape) for part, shape in zip(parts, shapes, strict=True)]
        return tuple(made[: len(self.shapes)]), dict(
            zip(self.named, made[len(self.shapes) :], strict=True)
        )
