"""What a reproduction runs: the options of the command and the settings behind them."""

from __future__ import annotations

import shlex
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any, Literal

from ...graph.couplings import WEIGHTS
from ...graph.dual import Weight
from ..study.options import InvalidOptionError
from .claims import settings as of_claims
from .claims.settings import (
    ApproximationSettings,
    BoundarySettings,
    CountSettings,
    DegreeSettings,
    GrokkingSettings,
    LatticeSettings,
    MigrationSettings,
    SamplingSettings,
)

Question = Literal[
    "fiedler",
    "homology",
    "approximation",
    "lattices",
    "counts",
    "boundaries",
    "migration",
    "grokking",
    "degrees",
    "sampling",
]

__all__ = [
    "DATA",
    "QUICK_SEEDS",
    "SEEDS",
    "FiedlerSettings",
    "HomologySettings",
    "InvalidOptionError",
    "Options",
    "Question",
    "Settings",
    "stream",
]

DATA: dict[str, tuple[str, ...]] = {
    "fiedler": ("all", "half-plane", "moons", "circles", "annuli", "xor", "checkerboard"),
    "homology": ("peaks", "ripple", "franke", "saddle", "sine"),
    **of_claims.DATA,
}
"""Data sets of each question, the default first."""
FIVE = ("half-plane", "moons", "circles", "annuli", "xor")
"""What "all" stands for in the Fiedler question; the primary hypothesis is on the first."""
SEEDS: dict[str, int] = {"fiedler": 28, "homology": 12, **of_claims.SEEDS}
"""Seeds of a run, unless told otherwise."""
QUICK_SEEDS = 3


@dataclass(frozen=True)
class FiedlerSettings:
    """How the classifiers are trained and looked at.

    Attributes
    ----------
    data : str
        A planar data set, without noise, or "all" for five of them: the first is followed through
        training and beside all null models, of the others the ends are compared with other cells.
    samples, held_out : int
        Training and held-out samples, drawn anew for each seed.
    hidden : tuple of int
    scale, spread : float
        Initial weights: He's with biases of deviation `spread`, enlarged by `scale`.
    lr, weight_decay, updates
        Full-batch AdamW on the mean squared error to the targets -1 and 1.
    records : int
        Steps of training at which the cells are computed, spaced logarithmically.
    null_draws : int
        Shuffled and untrained networks per seed.
    cuts : int
        Straight cuts per complex.
    pad : float
        The samples lie in the square [-1, 1]^2; the domain is larger by this on each side.
    weights, further_weights : tuple of str
        On the first data set, and on the others. Hamming distances are left out: neighbouring
        cells differ in one neuron, but for coincidences, so these are the unit weights again. So
        is ``bend``, which is 0 between cells that share an affine piece: other cells fall apart.
    """

    data: str = "all"
    samples: int = 20
    held_out: int = 1000
    hidden: tuple[int, ...] = (32, 32)
    scale: float = 4.0
    spread: float = 0.7
    lr: float = 0.005
    weight_decay: float = 0.06
    updates: int = 8000
    records: int = 8
    null_draws: int = 1
    cuts: int = 50
    pad: float = 0.4
    weights: tuple[Weight, ...] = tuple(w for w in WEIGHTS if w != "bend" and "hamming" not in w)
    further_weights: tuple[Weight, ...] = ("unit", "facet", "inverse-bend", "inverse-output")

    @property
    def data_sets(self) -> tuple[str, ...]:
        """The data sets one by one, that of the primary hypothesis first."""
        return FIVE if self.data == "all" else (self.data,)

    @property
    def weights_of(self) -> dict[str, tuple[Weight, ...]]:
        """The weights by data set."""
        first, *others = self.data_sets
        return {first: self.weights} | dict.fromkeys(others, self.further_weights)


@dataclass(frozen=True)
class HomologySettings:
    """How the regressors are trained and looked at.

    Attributes
    ----------
    data : str
        A function of one or two variables, without noise.
    samples, held_out : int
        Training and held-out samples, drawn anew for each seed.
    hidden : tuple of int
    lr, updates
        Full-batch Adam on the mean squared error; `lr` is high enough for spikes of the loss.
    stride : int
        The cells are computed at every so many updates.
    draws : int
        Random filtrations per record, the same seeds at every record.
    pad : float
        The domain is the bounding box of all samples widened by this share.
    dims : tuple of int
        Numbers of inputs of further networks, whose Betti numbers are set against their cells.
    widths : tuple of tuple of int
        For each of them, the widths h of two hidden layers.
    """

    data: str = "peaks"
    samples: int = 200
    held_out: int = 500
    hidden: tuple[int, ...] = (24, 24)
    lr: float = 0.02
    updates: int = 1500
    stride: int = 10
    draws: int = 6
    pad: float = 0.0
    dims: tuple[int, ...] = (2, 3, 4)
    widths: tuple[tuple[int, ...], ...] = ((16, 28), (10, 16), (7, 10))


Settings = (
    FiedlerSettings
    | HomologySettings
    | ApproximationSettings
    | LatticeSettings
    | CountSettings
    | BoundarySettings
    | MigrationSettings
    | GrokkingSettings
    | DegreeSettings
    | SamplingSettings
)

_KINDS: dict[Question, type[Settings]] = {
    "fiedler": FiedlerSettings,
    "homology": HomologySettings,
    "approximation": ApproximationSettings,
    "lattices": LatticeSettings,
    "counts": CountSettings,
    "boundaries": BoundarySettings,
    "migration": MigrationSettings,
    "grokking": GrokkingSettings,
    "degrees": DegreeSettings,
    "sampling": SamplingSettings,
}
_QUICK: dict[str, dict[str, Any]] = {
    "fiedler": {
        "hidden": (16, 16),
        "updates": 5000,
        "records": 7,
        "null_draws": 1,
        "cuts": 10,
        "weights": ("unit", "inverse-bend", "inverse-output"),
        "further_weights": ("unit", "inverse-output"),
    },
    "homology": {
        "hidden": (10, 10),
        "updates": 600,
        "samples": 80,
        "draws": 2,
        "lr": 0.05,
        "dims": (2, 3),
        "widths": ((8, 12), (5, 6)),
    },
    **of_claims.QUICK,
}


@dataclass(frozen=True)
class Options:
    """What to reproduce, on which data and seeds, and where to.

    Attributes
    ----------
    question : str
        A key of DATA.
    out : Path
        Folder for the results.
    data : str
        One of DATA[question]; the first by default.
    seeds : int, optional
        Number of seeds: `seed`, `seed` + 1, ...; by default as many as the question asks for.
    seed : int
    quick : bool
        A small version that shows how it works; its findings mean nothing.
    workers : int
        Processes; the results do not depend on it.
    """

    question: Question
    out: Path
    data: str = ""
    seeds: int | None = None
    seed: int = 0
    quick: bool = False
    workers: int = 2

    @property
    def n_seeds(self) -> int:
        """How many seeds are run."""
        if self.seeds is not None:
            return self.seeds
        return QUICK_SEEDS if self.quick else SEEDS[self.question]

    def check(self) -> None:
        """Raise InvalidOptionError for the first option out of range."""
        given = {"seeds": self.n_seeds, "seed": self.seed, "workers": self.workers}
        for (name, value), least in zip(given.items(), (1, 0, 1), strict=True):
            if value < least:
                raise InvalidOptionError(f"`{name}`: got {value}, expected at least {least}")
        known = DATA[self.question]
        if self.data and self.data not in known:
            raise InvalidOptionError(
                f"`data`: got {self.data!r}, expected one of {', '.join(known)}"
            )

    @property
    def all_seeds(self) -> list[int]:
        return list(range(self.seed, self.seed + self.n_seeds))

    def settings(self) -> Settings:
        """The settings that these options stand for."""
        kind = _KINDS[self.question]
        changes = _QUICK[self.question] if self.quick else {}
        return kind(**({"data": self.data or DATA[self.question][0]} | changes))

    def command(self) -> str:
        """The shell command that gives the same tables, without what does not change them."""
        words = ["relutope", "reproduce", self.question, "--data", self.settings().data]
        words += ["--seeds", str(self.n_seeds), "--seed", str(self.seed)]
        return shlex.join([*words, *(["--quick"] if self.quick else [])])


def plain(settings: Settings) -> dict[str, Any]:
    """Settings as JSON values."""
    values = asdict(settings)
    return {f.name: _listed(values[f.name]) for f in fields(settings)}


def _listed(value: Any) -> Any:
    return [_listed(one) for one in value] if isinstance(value, tuple) else value


def stream(seed: int, purpose: int) -> int:
    """A seed for one purpose within the run of `seed`, unrelated to those for other purposes.

    Examples
    --------
    >>> stream(0, 1) == stream(0, 1), len({stream(s, p) for s in range(9) for p in range(9)})
    (True, 81)
    """
    import numpy as np

    return int(np.random.SeedSequence([seed, purpose]).generate_state(1)[0])
