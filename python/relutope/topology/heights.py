"""Functions on a complex whose level sets are looked at: outputs, differences, neurons, margins."""

from __future__ import annotations

from typing import Any, NamedTuple, TypeAlias

from ..common.arguments import checked_index
from ..common.arrays import FloatArray, IntArray
from ..complex.cell_complex import CellComplex
from ..network.heights import (
    difference_of_outputs,
    margin_of_class,
    one_output,
    with_preactivation,
)
from ..network.network import Network
from ..search.problem import Problem
from ..search.solution import solve

__all__ = ["Height", "Output", "height_of", "varies_along_lines"]

Output: TypeAlias = int | tuple[int, int]


class Height(NamedTuple):
    """A function that is affine on each face of a complex, by its values at the vertices.

    Attributes
    ----------
    complex : Complex
        The given one, or a finer one if only that has the function affine on its cells.
    values : ndarray of float64, shape (v,)
        Exact rationals, rounded once; infinite at some vertices of the infinite box.
    rank : ndarray of int64, shape (v,)
        Orders the exact values, equal exactly when they are.
    along_lines : bool
        Whether the function changes, at a constant rate, along lines on which no cell does: the
        vertices, those of a slice across the lines, then say nothing of its level sets, each of
        which is a graph over that slice.
    """

    complex: CellComplex
    values: FloatArray
    rank: IntArray
    along_lines: bool


def height_of(
    complex: CellComplex,
    output: Output | None = None,
    neuron: int | None = None,
    label: int | None = None,
) -> Height:
    """The function that the arguments name.

    Raises
    ------
    ValueError
        If several are named, or none and the network has several outputs.
    IndexError
        If there is no such output or neuron.
    """
    network = complex.network
    if sum(given is not None for given in (output, neuron, label)) > 1:
        raise ValueError("`output`, `neuron` and `label` name one function each; give one of them")
    if neuron is not None:
        return _height(complex, with_preactivation(network, neuron))
    if label is not None:
        return _margin(complex, label)
    if output is None and network.output_dim != 1:
        raise ValueError(
            f"one function is needed, but the network has {network.output_dim} outputs; choose one "
            "by `output=k`, a difference by `output=(i, k)`, or a class by `label=k`"
        )
    if isinstance(output, tuple | list):
        if len(output) != 2:
            raise ValueError(f"`output` is {output!r}; give one index, or a pair for a difference")
        i, k = (_index(network, part, "output") for part in output)
        return _height(complex, difference_of_outputs(network, i, k))
    which = 0 if output is None else _index(network, output, "output")
    if network.output_dim == 1:
        return Height(complex, *complex.vertex_values, varies_along_lines(complex))
    return _height(complex, one_output(network, which))


def varies_along_lines(complex: CellComplex, network: Network | None = None) -> bool:
    """Whether the network's one output changes along lines on which no cell does.

    Only linear units can carry it there.
    """
    network = complex.network if network is None else network
    if not complex.lineality_dim or not any(network.linear_units) or network.output_dim > 1:
        return False
    as_neuron = Problem(network.minus_level(0.0), complex.domain)
    return as_neuron.lineality_dim < complex.lineality_dim


def _index(network: Network, value: Any, name: str) -> int:
    return checked_index(value, network.output_dim, "outputs", name)


def _height(complex: CellComplex, network: Network) -> Height:
    """The one output of another network with the same neurons."""
    solution = complex.solution
    problem = Problem(network, complex.domain)
    core = problem.search_vertices(solution.cells(), solution.threads, outputs=True)
    along = varies_along_lines(complex, network)
    return Height(complex, core.output[:, 0].copy(), core.output_rank[:, 0].copy(), along)


def _margin(complex: CellComplex, label: int) -> Height:
    """A class's output less the largest of the others, on cells that are cut where that changes."""
    network = complex.network
    if network.output_dim == 1:
        raise ValueError("`label` chooses one of several outputs, but the network has one")
    which = _index(network, label, "label")
    margin = margin_of_class(network, which)
    if network.output_dim == 2:
        return _height(complex, margin)
    finer = type(complex)(solve(Problem(margin, complex.domain), threads=complex.solution.threads))
    return Height(finer, *finer.vertex_values, varies_along_lines(finer))
