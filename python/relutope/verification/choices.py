"""Which cells are verified, and by what."""

from __future__ import annotations

import importlib
import operator
from collections.abc import Sequence
from typing import Any, cast

import numpy as np

from ..errors import MissingDependencyError

__all__ = ["FEW_DIMENSIONS", "chosen_cells", "exact_cdd"]

FEW_DIMENSIONS = 6  # the generators of a cell are too many beyond


def exact_cdd() -> Any:
    """The exact module of pycddlib."""
    try:
        return importlib.import_module("cdd.gmp")
    except ImportError as error:
        raise MissingDependencyError(
            "`verify` needs the exact module `cdd.gmp` of pycddlib, which is not there: install "
            "the system packages of cddlib and GMP (Debian, Ubuntu: libcdd-dev libgmp-dev), then "
            "`pip install pycddlib` (pycddlib-standalone does not do: it has no `cdd.gmp`), or "
            "take method='certificates'"
        ) from error


def chosen_cells(n_cells: int, sample: int | Sequence[int] | None, seed: int) -> list[int]:
    """The cells to verify, increasing."""
    if sample is None:
        return list(range(n_cells))
    if np.ndim(sample) == 0 and hasattr(sample, "__index__") and not isinstance(sample, bool):
        sample = operator.index(cast("int", sample))
        if sample < 1:
            raise ValueError(
                f"`sample` must be a positive number of cells or a list of cells, got {sample}"
            )
        size = min(int(sample), n_cells)
        return [
            int(i)
            for i in np.sort(np.random.default_rng(seed).choice(n_cells, size, replace=False))
        ]
    chosen = sorted(_numbers(sample))
    if not chosen or chosen[0] < 0 or chosen[-1] >= n_cells:
        raise ValueError(
            f"`sample` must name cells from 0 to {n_cells - 1}, got {chosen[:1]} to {chosen[-1:]}"
        )
    return chosen


def _numbers(sample: Any) -> set[int]:
    try:
        return {operator.index(i) for i in sample}
    except TypeError:
        raise TypeError(
            f"`sample` must be a number of cells or a list of cells, got {sample!r}"
        ) from None
