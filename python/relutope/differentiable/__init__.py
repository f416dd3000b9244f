"""Vertices, measures, distances, persistence as tensors with gradients by the parameters."""

from __future__ import annotations

from .distances import distances
from .geometry import Geometry, vertices
from .persistence_loss import persistence_loss

__all__ = ["Geometry", "distances", "persistence_loss", "vertices"]
