"""Bent hyperplanes: where the preactivations of neurons vanish."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast, overload

import numpy as np

from ..common.arguments import checked_count, checked_index, worker_threads
from ..common.arithmetic import ieee_arithmetic
from ..common.arrays import IntArray, Value, read_only
from ..complex.cell_complex import CellComplex
from ..complex.cells import ComplexLike, complex_of, has_cells
from ..complex.lattice import Masks
from ..domain.box import Box, FlatBox
from ..domain.polytope import Polytope
from ..network.conversion import NetworkLike, as_network
from ..search.domains import checked_domain, on_free_inputs
from ..search.problem import Outputs, Problem
from ..search.solution import solve
from .sets import full_masks
from .subcomplex import Subcomplex

if TYPE_CHECKING:
    import scipy.sparse as sp

__all__ = ["BentHyperplanes", "bent_hyperplane", "bent_hyperplanes"]

Domain = Box | FlatBox | Polytope | str | Path | None


@ieee_arithmetic
def bent_hyperplane(
    source: ComplexLike | NetworkLike,
    neuron: int,
    domain: Domain = None,
    *,
    threads: int | None = None,
) -> Subcomplex:
    """The closed set on which a neuron's preactivation is zero, exactly.

    For a neuron of the first layer it is a hyperplane; in later layers it bends where it meets
    those of the layers before [1]_, may have several components, closed ones among them, and of
    degenerate networks it contains the whole cells on which the neuron vanishes.

    Parameters
    ----------
    source : Complex or Slice; or Network, torch.nn.Module, path, ...
        A complex, over any domain; or a network, of which only the layers before the neuron and
        the neuron itself are decomposed.
    neuron : int
        A column of ``complex.patterns``; negative ones count from the end.
    domain : Box, FlatBox, Polytope, or path of a ``.vnnlib`` file, optional
        Where to look, of a network; all of R^n by default.
    threads : int, optional
        Worker threads, for a network.

    Returns
    -------
    Subcomplex
        With its faces, components and Betti numbers. Of a complex it is a set of its faces: sets of
        several neurons are joined by ``|`` and intersected by ``&``. Of a network it is the same
        set of points, in faces that no other neuron of its layer and none of a later one cuts.

    Raises
    ------
    IndexError
        If there is no such neuron.
    ValueError
        If `domain` or `threads` is given beside a complex.
    InvalidNetworkError, UnsupportedLayerError, InvalidDomainError, EngineError
        If a network or its domain cannot be used.

    See Also
    --------
    bent_hyperplanes, region, Network.preactivation

    Notes
    -----
    Where only the facets are wanted at which the neuron changes its sign,
    ``decision_boundary(net.preactivation(neuron), domain)`` makes no cells but those beside them.
    It leaves out what a degenerate network may have besides: the inside of cells on which the
    neuron vanishes, and points that it touches from one side.

    References
    ----------
    .. [1] B. Hanin, D. Rolnick, Deep ReLU networks have surprisingly few activation patterns,
       NeurIPS 2019.

    Examples
    --------
    ``|x| + |y| - 1`` vanishes on the boundary of a diamond, a circle:

    >>> import relutope as rt
    >>> rows = [[1, 0], [-1, 0], [0, 1], [0, -1]]
    >>> net = [(rows, [0] * 4), ([[1] * 4], [-1]), ([[1]], [0])]
    >>> rt.bent_hyperplane(rt.decompose(net), 4).betti()
    array([1, 1, 0])
    >>> rt.bent_hyperplane(net, 4, rt.Box(-2, 2)).f_vector.tolist()
    [4, 4, 0]
    """
    if has_cells(source):
        cx = _complex(source, domain, threads)
        which = checked_index(neuron, cx.n_neurons, "neurons", "neuron")
    else:
        network = as_network(cast(NetworkLike, source)).preactivation(neuron)
        cx, which = _decomposed(network, domain, "sign", threads), -1
    return Subcomplex(cx, full_masks(cx.lattice, cx.vertex_signs[:, which] == 0))


@ieee_arithmetic
def bent_hyperplanes(
    source: ComplexLike | NetworkLike,
    layer: int | None = None,
    domain: Domain = None,
    *,
    threads: int | None = None,
) -> BentHyperplanes:
    """The bent hyperplanes of all neurons, or of those of one layer, exactly.

    Parameters
    ----------
    source : Complex or Slice; or Network, torch.nn.Module, path, ...
        A complex, over any domain; or a network, of which only the layers up to `layer` are
        decomposed.
    layer : int, optional
        A hidden layer, counted from 1; all of them by default.
    domain : Box, FlatBox, Polytope, or path of a ``.vnnlib`` file, optional
        Where to look, of a network; all of R^n by default.
    threads : int, optional
        Worker threads, for a network.

    Returns
    -------
    BentHyperplanes
        A sequence of `Subcomplex`, one for each neuron, all in one complex.

    Raises
    ------
    ValueError
        If there is no such layer, or `domain` or `threads` is given beside a complex.
    InvalidNetworkError, UnsupportedLayerError, InvalidDomainError, EngineError
        If a network or its domain cannot be used.

    See Also
    --------
    bent_hyperplane, relutope.plotting.plot_bent_hyperplanes

    Examples
    --------
    Two lines, and the diamond ``|x| + |y| = 1`` around their crossing:

    >>> import relutope as rt
    >>> rows = [[1, 0], [-1, 0], [0, 1], [0, -1]]
    >>> net = [(rows, [0] * 4), ([[1] * 4], [-1]), ([[1]], [0])]
    >>> found = rt.bent_hyperplanes(net, domain=rt.Box(-2, 2))
    >>> found.betti.tolist()
    [[1, 0, 0], [1, 0, 0], [1, 0, 0], [1, 0, 0], [1, 1, 0]]
    >>> rt.bent_hyperplanes(net, 2, rt.Box(-2, 2))[0].f_vector.tolist()
    [4, 4, 0]
    """
    if has_cells(source):
        cx = _complex(source, domain, threads)
    else:
        network = as_network(cast(NetworkLike, source))
        network = network if layer is None else network.truncated(layer)
        cx = _decomposed(network, domain, None, threads)
    widths = cx.network.hidden_widths
    of_layer = np.repeat(np.arange(1, len(widths) + 1), widths)
    if layer is None:
        return BentHyperplanes(cx, np.arange(len(of_layer)), of_layer)
    chosen = checked_count("layer", layer, highest=len(widths))
    neurons = np.flatnonzero(of_layer == chosen)
    return BentHyperplanes(cx, neurons, of_layer[neurons])


@ieee_arithmetic
class BentHyperplanes(Value, Sequence[Subcomplex]):
    """The bent hyperplanes of several neurons. Made by `bent_hyperplanes`.

    Parameters
    ----------
    complex : Complex
    neurons, layers : ndarray of int64, shape (k,)

    Attributes
    ----------
    complex : Complex
        The complex whose faces they consist of.
    neurons : ndarray of int64, shape (k,)
        The neurons, as columns of ``complex.patterns``.
    layers : ndarray of int64, shape (k,)
        Their hidden layers, counted from 1.
    """

    def __init__(self, complex: CellComplex, neurons: IntArray, layers: IntArray) -> None:
        self.complex = complex
        self.neurons: IntArray = read_only(neurons.astype(np.int64))
        self.layers: IntArray = read_only(layers.astype(np.int64))

    def _parts(self) -> tuple[object, ...]:
        return self.complex, self.neurons, self.layers

    @cached_property
    def _faces(self) -> list[sp.csc_array]:
        """For each dimension, which faces vanish with which neuron: those whose vertices all do."""
        import scipy.sparse as sp

        lattice = self.complex.lattice
        of_all = sp.csr_array(self.complex.vertex_signs == 0).astype(np.int32)
        zero = of_all.tocsc()[:, self.neurons]
        found, zero = [zero], zero.tocsr()
        for j in range(1, lattice.top + 1):
            vertices = lattice.vertices(j)
            ones = np.ones(len(vertices.indices), dtype=np.int32)
            shape = (lattice.n_faces(j), zero.shape[0])
            own = (vertices.indices.copy(), vertices.indptr.copy())  # scipy may sort them in place
            at = (sp.csr_array((ones, *own), shape=shape) @ zero).tocoo()
            whole = at.data == vertices.lengths[at.row]
            places = tuple(axis[whole] for axis in (at.row, at.col))
            found.append(sp.csc_array((at.data[whole], places), shape=at.shape))
        return found

    @cached_property
    def f_vectors(self) -> IntArray:
        """Numbers of faces of each dimension 0..n, shape (k, n + 1)."""
        lattice = self.complex.lattice
        numbers = np.zeros((len(self), self.complex.dim + 1), dtype=np.int64)
        for j, faces in enumerate(self._faces):
            column = np.repeat(np.arange(len(self)), np.diff(faces.indptr))
            proper = faces.indices < lattice.n_proper(j)
            numbers[:, j + lattice.shift] = np.bincount(column[proper], minlength=len(self))
        return read_only(numbers)

    @cached_property
    def n_components(self) -> IntArray:
        """Numbers of connected components, shape (k,)."""
        from scipy.sparse import csr_array
        from scipy.sparse.csgraph import connected_components

        # A vertex is there once for each neuron that vanishes at it.
        points, edges = self._faces[:2]
        count = points.shape[0]
        node = np.repeat(np.arange(len(self)), np.diff(points.indptr)) * count + points.indices
        ends = self.complex.lattice.vertices(1).indices.reshape(-1, 2)[edges.indices]
        own = np.repeat(np.arange(len(self)), np.diff(edges.indptr)) * count
        first, second = (np.searchsorted(node, own + end) for end in ends.T)
        shape = (len(node), len(node))
        ones = np.ones(len(first), dtype=np.int8)
        label = connected_components(csr_array((ones, (first, second)), shape=shape), False)[1]
        _, at = np.unique(label, return_index=True)
        counted = np.bincount(node[at] // max(count, 1), minlength=len(self))
        return read_only(counted.astype(np.int64))

    @cached_property
    def betti(self) -> IntArray:
        """Betti numbers over GF(2), shape (k, n + 1), as of `Subcomplex.betti`."""
        lattice, n = self.complex.lattice, self.complex.dim
        if lattice.top > 2:
            rows = [own.betti() for own in self]
            return read_only(np.array(rows, dtype=np.int64).reshape(-1, n + 1))
        # A compact part of the plane has none but the first two, whose difference is the Euler
        # characteristic.
        numbers = np.zeros((len(self), n + 1), dtype=np.int64)
        numbers[:, 0] = self.n_components
        if lattice.top == 2:
            euler = sum((-1) ** j * np.diff(faces.indptr) for j, faces in enumerate(self._faces))
            numbers[:, 1] = self.n_components - euler
        return read_only(numbers)

    @overload
    def __getitem__(self, i: int) -> Subcomplex: ...
    @overload
    def __getitem__(self, i: slice) -> list[Subcomplex]: ...
    def __getitem__(self, i: int | slice) -> Subcomplex | list[Subcomplex]:
        if isinstance(i, slice):
            return [self[k] for k in range(*i.indices(len(self)))]
        i = checked_index(i, len(self), "bent hyperplanes")
        masks: Masks = self.complex.lattice.nothing()
        for mask, faces in zip(masks, self._faces, strict=True):
            mask[faces.indices[faces.indptr[i] : faces.indptr[i + 1]]] = True
        return Subcomplex(self.complex, masks)

    def __iter__(self) -> Iterator[Subcomplex]:
        return (self[i] for i in range(len(self)))

    def __len__(self) -> int:
        return len(self.neurons)

    def __repr__(self) -> str:
        return f"BentHyperplanes(of {len(self):,} neurons; {self.complex!r})"


def _complex(source: Any, domain: Domain, threads: int | None) -> CellComplex:
    if domain is not None or threads is not None:
        raise ValueError(
            "`source` is a complex, whose domain is known; give no other argument beside it, or a "
            "network instead"
        )
    return complex_of(source)


def _decomposed(
    network: Any, domain: Domain, outputs: Outputs | None, threads: int | None
) -> CellComplex:
    """The complex of a network that a caller has cut short."""
    network, inside = on_free_inputs(network, checked_domain(domain))
    problem = Problem.of_outputs(network, inside, outputs)
    return CellComplex(solve(problem, threads=worker_threads(threads)))
