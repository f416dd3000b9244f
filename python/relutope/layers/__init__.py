"""Layers seen from inside: images of regions, codes of neurons, classes along the depth."""

from __future__ import annotations

from .images import LayerImage, layer_images

__all__ = ["LayerImage", "layer_images"]
