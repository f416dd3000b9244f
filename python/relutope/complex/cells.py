"""What a complex, an exploration and a slice have in common: cells, and which of them touch."""

from __future__ import annotations

from functools import singledispatch
from typing import Any, Protocol, TypeAlias

from ..common.arrays import BoolArray, FloatArray, IntArray
from ..common.ragged import Ragged
from ..network.network import Network
from .cell_complex import CellComplex
from .kernel import Kernel

__all__ = ["Cells", "ComplexLike", "cells_of", "complex_of", "has_cells"]


class Cells(Protocol):
    """Cells and the facets that they share, as far as they are known."""

    @property
    def network(self) -> Network: ...
    @property
    def n_cells(self) -> int: ...
    @property
    def n_edges(self) -> int: ...
    @property
    def n_neurons(self) -> int: ...
    @property
    def n_output_neurons(self) -> int: ...
    @property
    def patterns(self) -> BoolArray: ...
    @property
    def adjacency(self) -> IntArray: ...
    @property
    def facet_neurons(self) -> Ragged: ...
    @property
    def zero_neurons(self) -> tuple[IntArray, IntArray]: ...
    @property
    def interior_points(self) -> FloatArray: ...
    def affine_maps(self) -> tuple[FloatArray, FloatArray]: ...


@singledispatch
def cells_of(source: object) -> Cells:
    """The cells that `source` stands for: its own, or of a slice those of its complex.

    Raises
    ------
    TypeError
        If it has none.
    """
    raise TypeError(
        f"`complex` must be a Complex, an Exploration or a Slice, got {type(source).__name__}"
    )


@cells_of.register
def _(source: Kernel) -> Any:
    return source


class Sliced(Protocol):
    """A slice, which stands for its complex."""

    @property
    def complex(self) -> CellComplex: ...
    def embed(self, t: Any) -> FloatArray: ...


ComplexLike: TypeAlias = CellComplex | Sliced


def complex_of(source: object) -> CellComplex:
    """The whole complex that `source` is, or that a slice stands for.

    Raises
    ------
    TypeError
        If it has no cells, or only some of them.
    """
    cells = cells_of(source)
    if not isinstance(cells, CellComplex):
        raise TypeError(
            f"`complex` must be a Complex or a Slice, got {type(source).__name__}, which knows "
            "some of the cells only; decompose a smaller domain, or a slice"
        )
    return cells


def has_cells(source: object) -> bool:
    """Whether `cells_of` gives its cells."""
    return cells_of.dispatch(type(source)) is not cells_of.dispatch(object)
