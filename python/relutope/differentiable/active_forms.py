"""Which forms a vertex is cut out by, and the forms as tensors."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..common.arrays import BoolArray, FloatArray, IntArray
from ..complex.cell_complex import CellComplex
from ..domain.box import Box
from ..errors import InvalidNetworkError, UnsupportedLayerError

__all__ = ["ActiveForms", "Forms", "checked_layers", "gathered", "layers_of"]


def layers_of(module: Any) -> list[tuple[Any, Any]]:
    """The layers (W, b) of a module as tensors of doubles, with gradients.

    Raises
    ------
    UnsupportedLayerError
        If the module is anything but linear layers with ReLUs between them.
    """
    import torch
    from torch import nn

    if not isinstance(module, nn.Module):
        try:
            return [(torch.as_tensor(W).double(), torch.as_tensor(b).double()) for W, b in module]
        except (TypeError, ValueError):
            raise UnsupportedLayerError(
                f"`module` must be a torch.nn.Module or layers (W, b), got {type(module).__name__}"
            ) from None
    found: list[tuple[Any, Any]] = []
    relu = True
    for part in _leaves(module):
        if isinstance(part, nn.Linear):
            if not relu:
                raise UnsupportedLayerError("`module` has two linear layers with no ReLU between")
            bias = torch.zeros(part.out_features) if part.bias is None else part.bias
            found.append((part.weight.double(), bias.double()))
            relu = False
        elif isinstance(part, nn.ReLU):
            relu = True
        elif not isinstance(part, nn.Flatten | nn.Identity | nn.Dropout):
            raise UnsupportedLayerError(
                f"`module` has a {type(part).__name__}; gradients are known through "
                "torch.nn.Linear and torch.nn.ReLU in a torch.nn.Sequential"
            )
    if relu or len(found) < 2:
        raise UnsupportedLayerError("`module` must end with a linear layer after a ReLU")
    return found


def _leaves(module: Any) -> list[Any]:
    from torch import nn

    if isinstance(module, nn.Sequential):
        return [leaf for part in module for leaf in _leaves(part)]
    return [module]


def gathered(table: Any, rows: IntArray) -> Any:
    """Rows of a tensor, whose gradients are added up several times as fast as by indexing."""
    import torch

    flat = table.index_select(0, torch.as_tensor(np.ascontiguousarray(rows).reshape(-1)))
    return flat.reshape(*rows.shape, *table.shape[1:])


class Forms:
    """The preactivations of all neurons on given cells, and on demand the outputs, as tensors.

    The forms of a layer are the same on all cells that agree on the layers before, and are made
    once for them.

    Parameters
    ----------
    layers : list of (W, b)
    patterns : ndarray of bool, shape (cells, N)
        Rows increase lexicographically.
    outputs : bool
        Whether the outputs are wanted, which there are many of: one for each cell.

    Attributes
    ----------
    table : torch.Tensor, shape (rows, n + 1)
        Coefficients, then the constant.
    """

    def __init__(
        self, layers: list[tuple[Any, Any]], patterns: BoolArray, *, outputs: bool
    ) -> None:
        import torch

        W, b = layers[0]
        here = torch.cat([W, b[:, None]], dim=1)[:, None, :]
        group = np.zeros(len(patterns), dtype=np.int64)  # of cells that agree so far
        made, self._first_row, self._group = [], [], []
        rows, first = 0, 0
        for W, b in [*layers[1 : len(layers) - (not outputs)], (None, None)]:
            width, groups = here.shape[:2]
            self._first_row.append(rows + groups * np.arange(width))
            self._group.append(group)
            made.append(here.reshape(width * groups, -1))
            rows += width * groups
            if W is None:
                break
            own = patterns[:, first : first + width]
            first += width
            # Patterns are sorted, so cells that agree so far follow each other.
            new = (own[1:] != own[:-1]).any(axis=1) | (group[1:] != group[:-1])
            example = np.flatnonzero(np.concatenate([[True], new]))
            active = torch.as_tensor(own[example].T.astype(np.float64))
            passed = here.index_select(1, torch.as_tensor(group[example])) * active[:, :, None]
            # The form 1 has the bias as its weight: a product is faster than a sum over all cells.
            one = here.new_zeros(1, len(example), here.shape[2])
            one[:, :, -1] = 1.0
            flat = torch.cat([passed, one]).reshape(width + 1, -1)
            here = (torch.cat([W, b[:, None]], dim=1) @ flat).reshape(len(W), len(example), -1)
            group = np.cumsum(np.concatenate([[False], new]))
        self.table = torch.cat(made)
        self._layer_of = np.repeat(np.arange(len(made)), [len(f) for f in self._first_row])

    def rows(self, form: IntArray, cell: IntArray) -> IntArray:
        """Rows of `table`; forms are neurons, then outputs."""
        first, group = np.concatenate(self._first_row), np.stack(self._group)
        return first[form] + group[self._layer_of[form], cell]


class ActiveForms:
    """For each finite vertex of a complex: a cell around it, and n forms that vanish there alone.

    The cell is the lowest one. Where more than n forms vanish, those are taken that QR
    decomposition with pivoting takes from their normals on that cell.

    Attributes
    ----------
    cells : ndarray of int64
        The cells that are needed, increasing.
    cell : ndarray of int64, shape (v,)
        Of each vertex, as a position in `cells`.
    rows : ndarray of int64, shape (v, n)
        Neurons, or N + side for sides of the domain.
    sides : ndarray, shape (s, n + 1)
        The domain's sides ``w . x + c = 0`` as rows (w, c).
    """

    def __init__(self, cx: CellComplex, layers: list[tuple[FloatArray, FloatArray]]) -> None:
        if cx.lineality_dim:
            raise ValueError("`complex` contains lines, so it has no vertices; look at a Box")
        own, count, N = cx.cell_vertices, cx.n_finite_vertices, cx.n_neurons
        around = np.full(cx.solution.vertex_complex.num_vertices, cx.n_cells)
        np.minimum.at(around, own.indices, own.row_of)
        self.cells, self.cell = np.unique(around[:count], return_inverse=True)
        self.sides, ids = _sides(cx)
        on_side = cx.solution.vertex_complex.on_facets(
            cx.solution.cells(), np.arange(count).tolist(), ids.tolist()
        )
        zero = np.concatenate([cx.vertex_signs[:count] == 0, on_side[:count]], axis=1)
        self.rows = self._chosen(cx, layers, zero, N)

    def _chosen(
        self, cx: CellComplex, layers: list[tuple[FloatArray, FloatArray]], zero: BoolArray, N: int
    ) -> IntArray:
        import torch

        n = cx.dim
        rows = np.zeros((len(zero), n), dtype=np.int64)
        many = zero.sum(axis=1) > n
        rows[~many] = np.nonzero(zero[~many])[1].reshape(-1, n)
        if not many.any():
            return rows
        needed = np.unique(self.cell[many])
        tensors = [(torch.as_tensor(W), torch.as_tensor(b)) for W, b in layers]
        own = cx.patterns[self.cells[needed]]
        forms = Forms(tensors, own, outputs=cx.n_output_neurons > 0)
        normals, place = forms.table.numpy()[:, :n], np.searchsorted(needed, self.cell)
        for v in np.flatnonzero(many):
            candidates = np.flatnonzero(zero[v])
            of_neurons = normals[forms.rows(candidates[candidates < N], place[v])]
            of_sides = self.sides[candidates[candidates >= N] - N, :n]
            rows[v] = candidates[_independent(np.concatenate([of_neurons, of_sides]), n)]
        return rows


def _independent(normals: FloatArray, n: int) -> IntArray:
    from scipy.linalg import qr

    size = np.linalg.norm(normals, axis=1)
    unit = normals / np.where(size > 0, size, 1.0)[:, None]
    return np.sort(qr(unit.T, mode="r", pivoting=True)[-1][:n])


def _sides(cx: CellComplex) -> tuple[FloatArray, IntArray]:
    """The domain's finite sides as rows (w, c), and the names that facets have by them."""
    n, problem = cx.dim, cx.solution.problem
    rows, ids = [], []
    if isinstance(cx.domain, Box):
        for k in range(n):
            for upper, bound in enumerate((cx.domain.lower[k], cx.domain.upper[k])):
                if np.isfinite(bound):
                    rows.append(np.concatenate([np.eye(n)[k], [-bound]]))
                    ids.append(-1 - (2 * k + upper))
    for row, halfspace in enumerate(problem.halfspaces):
        rows.append(halfspace)
        ids.append(-1 - (2 * n + row))
    return np.array(rows).reshape(-1, n + 1), np.array(ids, dtype=np.int64)


def checked_layers(cx: CellComplex, module: Any) -> list[tuple[Any, Any]]:
    """The module's layers.

    Raises
    ------
    InvalidNetworkError
        If they are not those that the complex was made of.
    """
    layers = layers_of(module)
    if cx.n_output_neurons and cx.stats.get("outputs") != "sign":
        raise InvalidNetworkError(
            "`complex` is cut by argmax, whose maxima are no layers of `module`; decompose without "
            "`outputs`, or with 'sign'"
        )
    # The output that cuts the complex is a neuron and, beside it, a linear unit.
    depth, expected = len(layers), cx.network.layers
    if any(cx.network.linear_units[: depth - 1]):
        raise InvalidNetworkError(
            "`complex` is of a network with linear units, which no ReLU of `module` stands for"
        )
    cut = cx.n_output_neurons
    same = len(expected) == depth + cut and all(
        np.array_equal(W.detach().numpy(), V[: len(W)])
        and np.array_equal(b.detach().numpy(), d[: len(b)])
        and len(V) == len(W) + (cut if k == depth - 1 else 0)
        for k, ((W, b), (V, d)) in enumerate(zip(layers, expected, strict=False))
    )
    if not same:
        raise InvalidNetworkError(
            "`module` is not the network that `complex` was made of; decompose it again after each "
            "change of its parameters"
        )
    return layers
