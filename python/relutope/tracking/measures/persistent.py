"""Measures of persistence diagrams: entropy, Betti curves, distances between records.

All but the random orders filter by the one output f. Dimensions k go from 0 to n - 1.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from ..snapshot import Measure, Snapshot, Value, require_one_output

if TYPE_CHECKING:
    from ...topology.pairs import Pair

Level = Literal["sublevel", "superlevel"]
LEVELS: tuple[Level, Level] = ("sublevel", "superlevel")

__all__ = [
    "MEASURES",
    "BettiCurves",
    "RandomCurves",
    "distances",
    "entropy",
    "sizes",
    "superlevel",
]


def sizes(snap: Snapshot, filtration: Level) -> dict[str, Value]:
    """Number of classes and sum of the finite lifetimes of one diagram, per dimension."""
    _one_output(snap, filtration)
    pairs = snap.diagram(filtration)
    row: dict[str, Value] = {}
    for k in snap.dims:
        lengths = [abs(death - birth) for dim, (birth, death) in pairs if dim == k]
        row[f"{filtration}_pairs_{k}"] = len(lengths)
        finite = float(sum(length for length in lengths if np.isfinite(length)))
        row[f"{filtration}_total_{k}"] = finite
    return row


def superlevel(snap: Snapshot) -> dict[str, Value]:
    """Persistence of the superlevel sets of f: ``superlevel_pairs_k``, ``superlevel_total_k``.

    As the measure "sublevel": all classes, and the total persistence of the finite ones.
    """
    return sizes(snap, "superlevel")


def entropy(snap: Snapshot) -> dict[str, Value]:
    """Persistent entropy, in nats: ``sublevel_entropy_k`` and ``superlevel_entropy_k``.

    Of the finite lifetimes; see :func:`relutope.topology.persistent_entropy`.
    """
    from ...topology import persistent_entropy

    _one_output(snap, "entropy")
    return {
        f"{filtration}_entropy_{k}": persistent_entropy(snap.diagram(filtration), k)
        for filtration in LEVELS
        for k in snap.dims
    }


@dataclass(frozen=True)
class BettiCurves:
    """A measure: Betti numbers of the sets f <= t and f >= t at several levels t.

    Without `levels`, t goes in equal steps from the smallest to the largest value of f at a vertex
    of the complex, ``f_min`` and ``f_max``; columns ``sublevel_betti_k_at_p`` and
    ``superlevel_betti_k_at_p``, p the percentage of the way, 0 to 100. With `levels`, the same t at
    every record, and columns ``sublevel_betti_k_level_t`` and ``superlevel_betti_k_level_t``.

    Parameters
    ----------
    levels : tuple of float, optional
    points : int
        Number of levels from ``f_min`` to ``f_max``, at least 2.

    Notes
    -----
    Levels are compared with values of f that are rounded to the nearest double; for the exact
    answer at one level take :func:`relutope.region`. Without vertices there are no columns.

    Examples
    --------
    >>> import relutope as rt
    >>> snap = Snapshot(rt.decompose([([[1], [-1]], [0, 0]), ([[1, 1]], [0])], rt.Box(-1, 1)))
    >>> BettiCurves(levels=(0.5,))(snap)  # |x| <= 1/2 and |x| >= 1/2
    {'sublevel_betti_0_level_0.5': 1, 'superlevel_betti_0_level_0.5': 2}
    """

    levels: tuple[float, ...] | None = None
    points: int = 11

    def __post_init__(self) -> None:
        if self.points < 2:
            raise ValueError(f"`points`: got {self.points}, expected at least 2")
        if self.levels is not None and not np.isfinite(self.levels).all():
            raise ValueError(f"`levels`: got {self.levels}, expected finite numbers")

    def __call__(self, snap: Snapshot) -> dict[str, Value]:
        """The row of one snapshot."""
        from ...topology import betti_curve

        _one_output(snap, "betti curves")
        row: dict[str, Value] = {}
        if self.levels is not None:
            grid, names = np.array(self.levels), [f"level_{float(t)}" for t in self.levels]
        else:
            values = snap.complex.vertex_values[0]
            values = values[np.isfinite(values)]
            if len(values) == 0:
                return row
            row |= {"f_min": float(values.min()), "f_max": float(values.max())}
            grid, names = np.linspace(values.min(), values.max(), self.points), _shares(self.points)
        for filtration in LEVELS:
            for k in snap.dims:
                curve = betti_curve(snap.diagram(filtration), grid, k)
                row |= _numbered(f"{filtration}_betti_{k}", names, curve)
        return row


@dataclass(frozen=True)
class RandomCurves:
    """A measure: mean Betti curves of cells that arrive in random order, with a confidence band.

    Columns ``random_betti_k_at_p``, the mean over the draws when p percent of the cells have
    arrived, and the ends of its pointwise interval, ``random_betti_k_at_p_low`` and ``..._high``;
    see :func:`relutope.topology.random_betti_curves`. Any number of outputs. The draws are those of
    the measure "random": the tracker's `draws`, at least 2, and `seed`.

    Parameters
    ----------
    points : int
        Number of times from 0 to 1, at least 2.
    confidence : float
        Level of the band, between 0 and 1.
    """

    points: int = 11
    confidence: float = 0.95

    def __post_init__(self) -> None:
        if self.points < 2:
            raise ValueError(f"`points`: got {self.points}, expected at least 2")
        if not 0 < self.confidence < 1:
            raise ValueError(
                f"`confidence`: got {self.confidence}, expected a number between 0 and 1"
            )

    def __call__(self, snap: Snapshot) -> dict[str, Value]:
        """The row of one snapshot."""
        from ...topology import random_betti_curves

        if snap.draws < 2:
            raise ValueError(
                f"measure 'random curves' needs `draws` of at least 2 for its band, got "
                f"{snap.draws}; the measure 'random' takes one"
            )
        found = random_betti_curves(
            snap.complex,
            snap.draws,
            grid=np.linspace(0, 1, self.points),
            confidence=self.confidence,
            seed=snap.seed,
        )
        names = _shares(self.points)
        row: dict[str, Value] = {}
        for k in snap.dims:
            for curve, end in ((found.mean, ""), (found.low, "_low"), (found.high, "_high")):
                row |= _numbered(f"random_betti_{k}", [name + end for name in names], curve[k])
        return row


def distances(snap: Snapshot) -> dict[str, Value]:
    """How far the diagrams have moved since the previous record of this measure, and the first.

    ``sublevel_bottleneck_k`` and ``sublevel_wasserstein_k`` (order 1) are the distances to the
    diagram of step ``diagram_since``, the last one that this measure was asked at;
    ``sublevel_bottleneck_first_k`` and ``sublevel_wasserstein_first_k`` those to its first one; and
    the same for ``superlevel``. In units of f; ``inf`` between diagrams with different numbers of
    classes that never die. No columns at the first record. Needs gudhi.
    """
    _one_output(snap, "distances")
    now = {filtration: list(snap.diagram(filtration)) for filtration in LEVELS}
    memory = snap.memory
    row: dict[str, Value] = {}
    if memory:
        row["diagram_since"] = memory["last_step"]
        for filtration, pairs in now.items():
            row |= _moved(filtration, "", pairs, memory["last"][filtration], snap.dims)
            row |= _moved(filtration, "first_", pairs, memory["first"][filtration], snap.dims)
    memory.setdefault("first", now)
    memory |= {"last": now, "last_step": snap.step}
    return row


def _moved(
    filtration: str, since: str, now: Sequence[Pair], before: Sequence[Pair], dims: Iterable[int]
) -> dict[str, Value]:
    from ...topology import bottleneck_distance, wasserstein_distance

    row: dict[str, Value] = {}
    for k in dims:
        row[f"{filtration}_bottleneck_{since}{k}"] = bottleneck_distance(now, before, k)
        row[f"{filtration}_wasserstein_{since}{k}"] = wasserstein_distance(now, before, k)
    return row


def _shares(points: int) -> list[str]:
    return [f"at_{100 * j / (points - 1):g}" for j in range(points)]


def _numbered(prefix: str, names: Iterable[str], curve: NDArray[Any]) -> dict[str, Value]:
    return {f"{prefix}_{name}": v for name, v in zip(names, curve.tolist(), strict=True)}


def _one_output(snap: Snapshot, measure: str) -> None:
    require_one_output(
        snap,
        measure,
        "take 'topology' or 'random', or track a network whose last layer is the row, or the "
        "difference of rows, you mean",
    )


MEASURES: dict[str, Measure] = {
    "superlevel": superlevel,
    "entropy": entropy,
    "betti curves": BettiCurves(),
    "random curves": RandomCurves(),
    "distances": distances,
}
