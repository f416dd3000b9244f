"""Vertices, lengths, areas and volumes of a complex, differentiable by the network's parameters."""

from __future__ import annotations

import math
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from ..common.arithmetic import ieee_arithmetic
from ..common.arrays import IntArray
from ..complex import geometry
from ..complex.cell_complex import CellComplex
from .active_forms import ActiveForms, Forms, checked_layers, gathered

if TYPE_CHECKING:
    from torch import Tensor

__all__ = ["Geometry", "vertices"]


@ieee_arithmetic
class Geometry:
    """What a complex measures, as tensors with gradients by the parameters of its network.

    The combinatorics are those of the exact complex. A vertex is the common zero of n affine forms
    whose coefficients depend on the parameters, so it has derivatives of every order (implicit
    function theorem, through `torch.linalg.solve`), and all that is made of vertices has them too.
    They hold as long as the combinatorics stay. At a vertex where more than n forms vanish they are
    one-sided: those of the lowest cell around it and of n forms that are independent there.

    Parameters
    ----------
    complex : Complex
        Made of `module` as it is now, without lines.
    module : torch.nn.Module or sequence of (W, b)
        Linear layers with ReLUs between them, in a `torch.nn.Sequential`; or tensors.

    Raises
    ------
    UnsupportedLayerError
        If the module has other layers.
    InvalidNetworkError
        If `complex` was made of another network.
    ValueError
        If the complex contains lines, so that it has no vertices.

    See Also
    --------
    vertices, distances, persistence_loss

    Examples
    --------
    The corner of the square cut off by ``x + y = 1``: its edge has length sqrt(2), and grows as the
    bias does.

    >>> import relutope as rt, torch
    >>> W, b = torch.ones(1, 2, dtype=torch.float64), torch.tensor([-1.0], requires_grad=True)
    >>> layers = [(W, b), (torch.ones(1, 1), torch.zeros(1))]
    >>> cx = rt.decompose([(W, b.detach()), ([[1.0]], [0.0])], rt.Box(0, 2))
    >>> length = rt.differentiable.Geometry(cx, layers).facet_measures.sum()
    >>> length.backward()
    >>> round(length.item(), 6), round(b.grad.item(), 6)
    (1.414214, -1.414214)
    """

    def __init__(self, complex: CellComplex, module: Any) -> None:
        import torch

        self.complex = complex
        self._layers = checked_layers(complex, module)
        values = [(W.detach().numpy(), b.detach().numpy()) for W, b in self._layers]
        self._active = ActiveForms(complex, values)
        self._torch = torch

    @cached_property
    def _forms(self) -> Forms:
        cx = self.complex
        return Forms(self._layers, cx.patterns[self._active.cells], outputs=cx.n_output_neurons > 0)

    @cached_property
    def vertices(self) -> Tensor:
        """As `Complex.vertices`, shape (v, n) and order."""
        torch, active, n = self._torch, self._active, self.complex.dim
        table, neurons = self._forms.table, self.complex.n_neurons
        of_neuron = active.rows < neurons
        place = np.where(of_neuron, 0, len(table) + active.rows - neurons)
        cell = np.broadcast_to(active.cell[:, None], place.shape)
        place[of_neuron] = self._forms.rows(active.rows[of_neuron], cell[of_neuron])
        forms = gathered(torch.cat([table, torch.as_tensor(active.sides)]), place)
        # Algebraically a solution from scratch; from the known place only the residual is rounded.
        known = torch.tensor(self.complex.vertices)
        normals = forms[:, :, :n]
        residual = (normals * known[:, None, :]).sum(dim=2) + forms[:, :, n]
        found: Tensor = known - _solved(normals, residual)
        return found

    @cached_property
    def values(self) -> Tensor:
        """The outputs at the vertices, shape (v, m)."""
        active = self.complex.patterns[self._active.cells[self._active.cell]]
        here, first = self.vertices, 0
        for W, b in self._layers[:-1]:
            own = np.ascontiguousarray(active[:, first : first + len(W)], dtype=np.float64)
            here = (here @ W.T + b) * self._torch.as_tensor(own)
            first += len(W)
        W, b = self._layers[-1]
        found: Tensor = here @ W.T + b
        return found

    @cached_property
    def edge_lengths(self) -> Tensor:
        """Lengths of the edges, in order of ``complex.faces(1)``; inf if unbounded."""
        if self.complex.dim == 1:
            return self.cell_volumes
        edges = self.complex.faces(1)
        ends = np.zeros((len(edges), 2), dtype=np.int64)
        ends[:] = edges.vertices.indices.reshape(-1, 2)
        lengths = self.vertices.new_full((len(edges),), math.inf)
        bounded = self._torch.tensor(edges.bounded)
        first, second = gathered(self.vertices, ends[edges.bounded].T)
        sides = first - second
        return lengths.index_put((bounded,), sides.norm(dim=1))

    @cached_property
    def facet_measures(self) -> Tensor:
        """As `Complex.facet_measure`, shape (n_edges,)."""
        if self.complex.dim == 1:
            return self.vertices.new_ones(self.complex.n_edges)
        simplices, edge, _ = geometry.facet_simplices(self.complex)
        return self._measures(simplices, edge, self.complex.n_edges)

    @cached_property
    def cell_volumes(self) -> Tensor:
        """As `Complex.cell_volumes`, shape (n_cells,); inf if unbounded."""
        simplices, cell = self.complex.triangulation()
        return self._measures(simplices, cell, self.complex.n_cells)

    def _measures(self, simplices: IntArray, owner: IntArray, owners: int) -> Tensor:
        torch = self._torch
        unbounded = (simplices >= self.complex.n_finite_vertices).any(axis=1)
        result = self.vertices.new_zeros(owners)
        corners = gathered(self.vertices, simplices[~unbounded])
        sides = corners[:, 1:] - corners[:, :1]
        measure = _parallelotopes(sides) / math.factorial(sides.shape[1])
        result = result.index_add(0, torch.as_tensor(owner[~unbounded]), measure)
        infinite = torch.as_tensor(np.isin(np.arange(owners), owner[unbounded]))
        return result.masked_fill(infinite, math.inf)

    @cached_property
    def centroids(self) -> Tensor:
        """The mean of each cell's vertices, shape (n_cells, n); nan if the cell is unbounded."""
        torch, own = self._torch, self.complex.cell_vertices
        finite = own.indices < self.complex.n_finite_vertices
        total = self.vertices.new_zeros(self.complex.n_cells, self.complex.dim)
        at = torch.as_tensor(own.row_of[finite])
        total = total.index_add(0, at, gathered(self.vertices, own.indices[finite]))
        count = torch.as_tensor(own.lengths.astype(np.float64))[:, None]
        unbounded = torch.as_tensor(~np.asarray(self.complex.bounded))[:, None]
        mean: Tensor = (total / count).masked_fill(unbounded, math.nan)
        return mean


def _parallelotopes(sides: Tensor) -> Tensor:
    """The k-dimensional measures of what k vectors span, shape (m, k, n).

    Written out up to three dimensions, which is several times as fast as `torch.linalg.det`.
    """
    import torch

    k, n = sides.shape[1:]
    found: Tensor
    if k == 1:
        found = sides[:, 0].norm(dim=1)
    elif (k, n) == (2, 2):
        (a, b), (c, d) = sides[:, 0].unbind(1), sides[:, 1].unbind(1)
        found = (a * d - b * c).abs()
    elif n == 3:
        normal = torch.linalg.cross(sides[:, 0], sides[:, 1])
        found = normal.norm(dim=1) if k == 2 else (normal * sides[:, 2]).sum(dim=1).abs()
    elif k == n:
        found = torch.linalg.det(sides).abs()
    else:
        found = torch.linalg.det(sides @ sides.transpose(1, 2)).clamp(min=0).sqrt()
    return found


def _solved(matrices: Tensor, right: Tensor) -> Tensor:
    """Solutions of small systems; up to three unknowns by Cramer's rule, which is faster."""
    import torch

    n = right.shape[1]
    found: Tensor
    if n > 3:
        found = torch.linalg.solve(matrices, right[:, :, None])[:, :, 0]
        return found
    if n == 1:
        return right / matrices[:, 0]
    if n == 2:
        (a, b), (c, d) = (matrices[:, k].unbind(1) for k in (0, 1))
        p, q = right.unbind(1)
        return torch.stack([d * p - b * q, a * q - c * p], dim=1) / (a * d - b * c)[:, None]
    rows = matrices.unbind(1)
    crossed = [torch.linalg.cross(rows[(k + 1) % 3], rows[(k + 2) % 3]) for k in range(3)]
    total = torch.stack([right[:, k : k + 1] * crossed[k] for k in range(3)]).sum(dim=0)
    found = total / (rows[0] * crossed[0]).sum(dim=1, keepdim=True)
    return found


def vertices(complex: CellComplex, module: Any) -> Tensor:
    """The vertices of a complex as a tensor with gradients by the parameters of its network.

    Parameters
    ----------
    complex : Complex
        Made of `module` as it is now.
    module : torch.nn.Module or sequence of (W, b)
        As for `Geometry`, which has more that is made of the vertices.

    Returns
    -------
    torch.Tensor of float64, shape (v, n)
        In the order of ``complex.vertices``, and equal to it but for rounding.

    Raises
    ------
    UnsupportedLayerError, InvalidNetworkError, ValueError
        As for `Geometry`.

    See Also
    --------
    Geometry

    Examples
    --------
    >>> import relutope as rt, torch
    >>> b = torch.tensor([0.5], requires_grad=True, dtype=torch.float64)
    >>> layers = [(torch.tensor([[2.0]]), b), (torch.ones(1, 1), torch.zeros(1))]
    >>> cx = rt.decompose([([[2.0]], [0.5]), ([[1.0]], [0.0])])
    >>> x = rt.differentiable.vertices(cx, layers)
    >>> x.sum().backward()
    >>> x.tolist(), b.grad.tolist()
    ([[-0.25]], [-0.5])
    """
    return Geometry(complex, module).vertices
