"""Spikes of a loss, and what a measure does around them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

__all__ = ["FACTOR", "WINDOW", "aligned", "control_steps", "responses", "spike_steps"]

WINDOW = 50
"""Updates before and after a spike that are looked at."""

FACTOR = 5.0
"""A spike is so many times the median loss of the WINDOW before it."""

BURN_IN = 0.1
"""Share of the run at its start that is left out: there the loss falls steeply."""

BEFORE, AT, AFTER = (-50, -15), (-5, 15), (15, 50)  # updates relative to the spike, ends included


def spike_steps(losses: Floats) -> list[int]:
    """Steps at which the loss spikes.

    A spike is the largest loss within WINDOW updates on either side and at least FACTOR times the
    median of the WINDOW updates before it; nothing in the first tenth, or within WINDOW of an end.

    Parameters
    ----------
    losses : float64 (updates + 1,)

    Examples
    --------
    >>> losses = np.ones(1001)
    >>> losses[400:403] = 2.5, 9.0, 3.0
    >>> spike_steps(losses)
    [401]
    """
    return [
        t
        for t in range(_first(len(losses)), len(losses) - WINDOW)
        if losses[t] == losses[t - WINDOW : t + WINDOW + 1].max()
        and losses[t] >= FACTOR * np.median(losses[t - WINDOW : t])
        and losses[t] > losses[t - 1]
    ]


def _first(n: int) -> int:
    return max(WINDOW, int(np.ceil(BURN_IN * n)))


def control_steps(n: int, spikes: Sequence[int], count: int, seed: int) -> list[int]:
    """`count` random steps of a run of n losses, where a spike could be but none is near.

    Steps within WINDOW of a spike are left out; where that leaves none, only the spikes themselves
    are. Drawn with replacement.
    """
    possible = np.arange(_first(n), n - WINDOW)
    distance = np.abs(possible[:, None] - np.asarray(spikes, dtype=int)[None, :])
    nearest = distance.min(axis=1, initial=n)
    far = possible[nearest > WINDOW]
    pool = far if len(far) else possible[nearest > 0]
    return [int(t) for t in np.random.default_rng(seed).choice(pool, count)]


def aligned(steps: Floats, values: Floats, events: Sequence[int], offsets: Floats) -> Floats:
    """A measure around events, as a relative change from its mean before them.

    Parameters
    ----------
    steps, values : float64 (r,)
        Steps of the records, increasing, and the measure at them.
    events : sequence of int
    offsets : float64 (k,)
        Updates relative to an event; the record nearest to each is taken.

    Returns
    -------
    float64 (k,)
        Mean over the events; NaN without events.
    """
    if len(events) == 0:
        return np.full(len(offsets), np.nan)
    rows = [
        _nearest(steps, values, event + offsets) / _mean(steps, values, event, BEFORE) - 1.0
        for event in events
    ]
    return np.asarray(np.mean(rows, axis=0))


def _nearest(steps: Floats, values: Floats, wanted: Floats) -> Floats:
    near: Floats = values[np.abs(steps[:, None] - wanted[None, :]).argmin(axis=0)]
    return near


def _mean(steps: Floats, values: Floats, event: int, window: tuple[int, int]) -> float:
    inside = (steps >= event + window[0]) & (steps <= event + window[1])
    return float(values[inside].mean())


def responses(
    steps: Floats, values: Floats, events: Sequence[int], relative: bool = True
) -> tuple[float, float]:
    """Mean relative change at the events and after them, against before; NaN without events.

    Before is 50 to 15 updates earlier, at is from 5 updates earlier to 15 later, after 15 to 50
    later. With `relative` false the change itself, for values around 0.
    """
    if len(events) == 0:
        return float("nan"), float("nan")
    units = [_mean(steps, values, t, BEFORE) if relative else 1.0 for t in events]
    found = [
        [(_mean(steps, values, t, w) - _mean(steps, values, t, BEFORE)) / unit for w in (AT, AFTER)]
        for t, unit in zip(events, units, strict=True)
    ]
    at, after = np.mean(found, axis=0)
    return float(at), float(after)
