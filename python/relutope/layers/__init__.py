"""Layers seen from inside: images of regions, codes of neurons, classes along the depth."""

from __future__ import annotations

from .codes import NeuralCode, Pseudomonomial, neural_code
from .images import LayerImage, layer_images
from .overlap import ClassOverlap, class_overlap

__all__ = [
    "ClassOverlap",
    "LayerImage",
    "NeuralCode",
    "Pseudomonomial",
    "class_overlap",
    "layer_images",
    "neural_code",
]
