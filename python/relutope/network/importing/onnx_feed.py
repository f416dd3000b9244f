"""The inputs that an ONNX model is run on."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from .onnx_model import Array

__all__ = ["Feed"]


@dataclass
class Feed:
    """How one input of the network is given to the model.

    Attributes
    ----------
    shapes : dict of str to tuple of int
        Of the inputs that are free.
    fixed : dict of str to ndarray
        The others.
    batch : int
        The fixed batch of which one is taken.
    whole : int
        The size of a first axis that could be a batch, but is read as part of one input.
    """

    shapes: dict[str, tuple[int, ...]] = field(default_factory=dict)
    fixed: dict[str, Array] = field(default_factory=dict)
    batch: int = 1
    whole: int = 1

    @property
    def sizes(self) -> list[int]:
        return [math.prod(shape) for shape in self.shapes.values()]
