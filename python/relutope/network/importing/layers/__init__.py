"""The layers that can be read, one file per family; importing this fills the registry."""

from . import (
    activations,
    arithmetic,
    arrangement,
    convolutions,
    cuts,
    last,
    maxima,
    normalisation,
    padding,
    pooling,
    products,
    reductions,
    refused,
    resizing,
)

__all__ = [
    "activations",
    "arithmetic",
    "arrangement",
    "convolutions",
    "cuts",
    "last",
    "maxima",
    "normalisation",
    "padding",
    "pooling",
    "products",
    "reductions",
    "refused",
    "resizing",
]
