"""What one agreement is worth: beside other seeds, null models, and a straight cut."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from ...decisions.label_agreement import agreement, cell_labels
from ...decomposition.decomposing import decompose
from ...graph.couplings import partition
from ..null_models import shuffled_weights, untrained
from ..training import train

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ...decisions.label_agreement import Agreement
    from ...decomposition.complex import Complex
    from .under_way import Study

__all__ = ["Compared", "compare"]

DRAWS = 4
"""Networks of each null model."""


@dataclass(frozen=True)
class Compared:
    """Agreements of one kind of cut with the decision of its network.

    Attributes
    ----------
    name : str
    ari, accuracy : tuple of float
        Adjusted Rand index, and share of cells matched, of each network for which they are defined.
    asked : int
        How many networks.
    """

    name: str
    ari: tuple[float, ...]
    accuracy: tuple[float, ...]
    asked: int


def compare(study: Study, weight: str) -> list[Compared]:
    """Agreement of the Fiedler partition for other seeds and null models, and of a straight cut.

    Parameters
    ----------
    study : Study
        Trained, of two classes.
    weight : str
        One of its dual graph weights.

    Returns
    -------
    list of Compared
        The straight cut runs along the median of the first principal component of the samples; it
        knows neither the network nor the labels.
    """
    coupling, network = study.tracker.weights[weight], study.complex.network
    seeds = range(study.options.seed + 1, study.options.seed + 1 + study.options.other_seeds)
    nulls = range(study.options.seed, study.options.seed + DRAWS)
    trained = [_another(study, seed) for seed in seeds]
    found = [
        _collected("the same training, other seeds", [_fiedler(cx, coupling) for cx in trained])
    ]
    for name, model in (("untrained networks", untrained), ("shuffled weights", shuffled_weights)):
        cells = [decompose(model(network, seed), study.domain) for seed in nulls]
        found.append(_collected(name, [_fiedler(cx, coupling) for cx in cells]))
    found.append(_collected("straight cut, first component", [_straight(study)]))
    return [row for row in found if row.asked]


def _another(study: Study, seed: int) -> Complex:
    """The cells after the same training with another seed for split and weights."""
    from .preparing import prepare

    options = replace(study.options, seed=seed)
    other = prepare(options)
    train(
        other.model,
        other.data.X[other.train_rows],
        other.data.y[other.train_rows],
        loss="bce",
        epochs=options.epochs,
        lr=options.lr,
        weight_decay=options.weight_decay,
    )
    return decompose(other.model, other.domain)


def _fiedler(cx: Complex, coupling: Any) -> Agreement | None:
    if cx.n_cells < 2:
        return None
    result = partition(cx, coupling, 0)
    if np.isnan(result.vector).any():
        return None
    return agreement(result.partition, cell_labels(cx), cx.adjacency, cx.cell_volumes)


def _straight(study: Study) -> Agreement:
    cx, X = study.complex, study.data.X
    direction = np.linalg.svd(X - X.mean(axis=0), full_matrices=False)[2][0]
    beyond = cx.interior_points @ direction > np.median(X @ direction)
    return agreement(beyond, cell_labels(cx), cx.adjacency, cx.cell_volumes)


def _collected(name: str, found: Sequence[Agreement | None]) -> Compared:
    defined = [one for one in found if one is not None and not np.isnan(one.ari)]
    return Compared(
        name,
        tuple(one.ari for one in defined),
        tuple(one.accuracy for one in defined),
        len(found),
    )
