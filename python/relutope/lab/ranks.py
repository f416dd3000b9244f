"""Correlation of ranks."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

__all__ = ["rank_correlation"]


def rank_correlation(x: ArrayLike, y: ArrayLike) -> float:
    """Spearman's rank correlation of two series; NaN if one is constant or shorter than 3.

    Pairs with a NaN are left out.

    Examples
    --------
    >>> round(rank_correlation([1.0, 2.0, 3.0, 4.0], [1.0, 8.0, 27.0, 64.0]), 12)
    1.0
    """
    from scipy.stats import spearmanr

    a, b = np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)
    both = ~(np.isnan(a) | np.isnan(b))
    a, b = a[both], b[both]
    if len(a) < 3 or np.ptp(a) == 0 or np.ptp(b) == 0:
        return float("nan")
    return float(spearmanr(a, b).statistic)
