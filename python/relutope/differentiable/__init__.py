"""Vertices, measures and persistence of a complex as tensors with gradients by the parameters."""

from __future__ import annotations

from .geometry import Geometry, vertices
from .persistence_loss import persistence_loss

__all__ = ["Geometry", "persistence_loss", "vertices"]
