"""A study under way."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ...decomposition.complex import Complex
from ...decomposition.decomposing import decompose
from ...domain.box import Box
from ...network.conversion import as_network
from ...network.network import Network
from ...tracking.tracker import Tracker
from .. import datasets
from .options import Options

if TYPE_CHECKING:
    import torch

__all__ = ["Study"]


@dataclass
class Study:
    """A study under way: its settings, data, model and what has been recorded.

    `recorded` holds the network at all recorded steps, for the live figure, and `checkpoints` at
    a few of them, for pictures of the way.
    """

    options: Options
    data: datasets.Dataset
    train_rows: NDArray[np.int64]
    test_rows: NDArray[np.int64]
    domain: Box
    model: torch.nn.Sequential
    tracker: Tracker
    film: frozenset[int]
    steps: frozenset[int]
    recorded: dict[int, Network] = field(default_factory=dict)
    checkpoints: dict[int, Network] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)

    @property
    def complex(self) -> Complex:
        """The complex of the last record; of the trained network if an earlier run made that."""
        if self.tracker.complex is None:
            self.tracker.complex = decompose(self.model, self.domain)
        return self.tracker.complex

    @property
    def last(self) -> Mapping[str, float]:
        """The last row of the table."""
        return self.tracker.rows[-1]

    def file(self, name: str) -> Path:
        return self.options.out / name

    def keep(self, step: int, model: torch.nn.Module, metrics: Mapping[str, float]) -> None:
        """Callback: remember the network at the recorded steps, and at those of the film."""
        if step in self.steps:
            self.recorded[step] = as_network(model)
            if step in self.film:
                self.checkpoints[step] = self.recorded[step]
