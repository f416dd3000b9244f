"""What the studies run, in full and quick."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ....graph.dual import Weight

__all__ = [
    "DATA",
    "QUICK",
    "SEEDS",
    "ApproximationSettings",
    "BoundarySettings",
    "CountSettings",
    "DegreeSettings",
    "DelayedSettings",
    "GrokkingSettings",
    "LatticeSettings",
    "MigrationSettings",
    "SamplingSettings",
]


@dataclass(frozen=True)
class ApproximationSettings:
    """Networks as in the Fiedler question, and the grids that they are sampled on.

    Attributes
    ----------
    data : str
    hidden : tuple of int
    updates : int
    grids : tuple of int
        Points along each side.
    weights : tuple of str
    draws : int
        Random orders per Betti curve.
    """

    data: str = "half-plane"
    hidden: tuple[int, ...] = (32, 32)
    updates: int = 8000
    grids: tuple[int, ...] = (50, 100, 200)
    weights: tuple[Weight, ...] = ("inverse-output", "unit")
    draws: int = 4


@dataclass(frozen=True)
class BoundarySettings:
    """Networks of equal numbers of neurons and several depths.

    Attributes
    ----------
    data : str
        "shell" or "half-space": labels of uniform points of [-1, 1]^n.
    samples, updates : int
    dims : tuple of int
        Numbers n of inputs.
    neurons : tuple of tuple of int
        For each n, the numbers of neurons in all hidden layers together.
    depths : tuple of int
        Numbers of hidden layers; they divide the numbers of neurons.
    """

    data: str = "shell"
    samples: int = 40
    updates: int = 1000
    dims: tuple[int, ...] = (2, 3)
    neurons: tuple[tuple[int, ...], ...] = ((24, 48), (12, 24))
    depths: tuple[int, ...] = (1, 2, 3, 4)


@dataclass(frozen=True)
class LatticeSettings:
    """Networks of several sizes in several dimensions, before and after training.

    Attributes
    ----------
    data : str
        "half-space" or "shell": labels of uniform points of [-1, 1]^n.
    samples, held_out, updates : int
    dims : tuple of int
        Numbers n of inputs.
    widths : tuple of tuple of int
        For each n, the widths h of the two hidden layers.
    """

    data: str = "half-space"
    samples: int = 40
    held_out: int = 500
    updates: int = 600
    dims: tuple[int, ...] = (2, 3, 4, 5)
    widths: tuple[tuple[int, ...], ...] = (
        (12, 18, 27, 40),
        (12, 18, 27, 40),
        (9, 13, 18, 24),
        (8, 10, 13, 16),
    )


@dataclass(frozen=True)
class DegreeSettings:
    """Random networks, generic and degenerate.

    Attributes
    ----------
    data : str
        "random": nothing is learnt.
    dims, widths : tuple of int
        Numbers of inputs, and of neurons in each hidden layer for each of them.
    depths : tuple of int
        Numbers of hidden layers.
    """

    data: str = "random"
    dims: tuple[int, ...] = (2, 3, 4)
    widths: tuple[int, ...] = (10, 7, 6)
    depths: tuple[int, ...] = (1, 2, 3)


@dataclass(frozen=True)
class SamplingSettings:
    """Networks trained on principal components of real data.

    Attributes
    ----------
    data : str
        A real table.
    samples, updates : int
    dims, widths : tuple of int
        Numbers of components, and of neurons in each of the two hidden layers for each of them.
    """

    data: str = "breast-cancer"
    samples: int = 100
    updates: int = 600
    dims: tuple[int, ...] = (3, 4, 5, 6)
    widths: tuple[int, ...] = (12, 8, 6, 7)


@dataclass(frozen=True)
class CountSettings:
    """Networks of several sizes, depths and dimensions, through training.

    Attributes
    ----------
    data : str
        "half-space" or "shell": labels of uniform points of [-1, 1]^n.
    samples, points : int
        Training samples, and uniform points whose distance to the nearest facet is taken.
    steps : tuple of int
        Updates at which cells are counted; training ends with the last.
    dims : tuple of int
        Numbers n of inputs.
    neurons : tuple of tuple of int
        For each n, the numbers of neurons in all hidden layers together.
    depths : tuple of int
        Numbers of hidden layers; they divide the numbers of neurons.
    primary : int
        The n of the primary claim.
    """

    data: str = "half-space"
    samples: int = 40
    points: int = 500
    steps: tuple[int, ...] = (0, 10, 100, 1000)
    dims: tuple[int, ...] = (1, 2, 3, 4, 5)
    neurons: tuple[tuple[int, ...], ...] = (
        (24, 48, 96, 192),
        (24, 48, 96, 144),
        (24, 36, 48, 60),
        (18, 24, 30, 36),
        (12, 18, 24, 30),
    )
    depths: tuple[int, ...] = (1, 2, 3)
    primary: int = 2


@dataclass(frozen=True)
class DelayedSettings:
    """Networks that memorise a few rows of a real table and generalise much later.

    Attributes
    ----------
    data : str
        A real table.
    dims : tuple of int
        Numbers n of principal components.
    samples, weight_decay, updates : tuple
        Training samples, decay and updates for each n.
    hidden : tuple of int
    scale, spread : float
        Initial weights: He's with biases of deviation `spread`, enlarged by `scale`.
    lr : float
        Of full-batch AdamW on the mean squared error to the targets -1 and 1.
    """

    data: str = "digits-0-1"
    dims: tuple[int, ...] = (2, 3, 4)
    samples: tuple[int, ...] = (12, 10, 8)
    weight_decay: tuple[float, ...] = (0.006, 0.005, 0.01)
    updates: tuple[int, ...] = (25000, 60000, 25000)
    hidden: tuple[int, ...] = (32, 32)
    scale: float = 4.0
    spread: float = 0.7
    lr: float = 0.02


@dataclass(frozen=True)
class MigrationSettings(DelayedSettings):
    """Where to look for facets.

    Attributes
    ----------
    points, uniform : int
        Held-out samples and points of the boundary, and uniform points, around which to look.
    half_width : float
        Of the cubes around them; the data fill [-1, 1]^n.
    """

    points: int = 30
    uniform: int = 60
    half_width: float = 0.1


@dataclass(frozen=True)
class GrokkingSettings(DelayedSettings):
    """Fiedler cuts through training; of networks with four inputs, 180,000 cells are too many.

    Attributes
    ----------
    weights : tuple of str
    """

    dims: tuple[int, ...] = (2, 3)
    samples: tuple[int, ...] = (12, 10)
    weight_decay: tuple[float, ...] = (0.006, 0.005)
    updates: tuple[int, ...] = (25000, 60000)
    weights: tuple[Weight, ...] = ("inverse-output", "unit")


DATA = {
    "approximation": ("half-plane", "moons", "circles", "annuli", "xor"),
    "lattices": ("half-space", "shell"),
    "counts": ("half-space", "shell"),
    "boundaries": ("shell", "half-space"),
    "migration": ("digits-0-1",),
    "grokking": ("digits-0-1",),
    "degrees": ("random",),
    "sampling": ("breast-cancer", "wine", "digits-3-8"),
}
SEEDS = {"approximation": 28, "lattices": 50, "counts": 24}
SEEDS |= {"boundaries": 24, "migration": 24, "grokking": 24, "degrees": 100, "sampling": 24}
QUICK: dict[str, dict[str, Any]] = {
    "approximation": {"hidden": (16, 16), "updates": 1500, "grids": (30, 60), "draws": 2},
    "counts": {
        "steps": (0, 10, 100),
        "points": 100,
        "dims": (1, 2),
        "neurons": ((12, 24), (12, 24)),
    },
    "boundaries": {"updates": 100, "dims": (2,), "neurons": ((12, 24),)},
    "migration": {
        "dims": (2,),
        "samples": (12,),
        "weight_decay": (0.02,),
        "updates": (8000,),
        "points": 10,
        "uniform": 20,
    },
    "grokking": {"dims": (2,), "samples": (12,), "weight_decay": (0.02,), "updates": (8000,)},
    "degrees": {"dims": (2, 3), "widths": (6, 4)},
    "sampling": {"updates": 200, "dims": (3,), "widths": (8,)},
    "lattices": {"updates": 100, "dims": (2, 3), "widths": ((6, 9, 13), (4, 6, 8))},
}
