"""How far a deployed forward pass can be from the exact network."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..common.arithmetic import ieee_arithmetic
from ..common.arrays import ReadOnlyArrays
from ..domain.box import Box, FlatBox
from ..errors import InvalidDomainError
from ..network.conversion import as_network
from ..network.core import bound_boxes, core_network
from ..network.network import Network
from ..network.weights import is_sparse
from ..search.domains import checked_domain, on_free_inputs

__all__ = ["RoundingGap", "rounding_gap"]

FloatArray = NDArray[np.float64]
_UNIT = 2.0**-53


@ieee_arithmetic
@dataclass(frozen=True, eq=False)
class RoundingGap(ReadOnlyArrays):
    """Result of `rounding_gap`.

    Attributes
    ----------
    bound : ndarray of float64, shape (m,)
        No output of the forward pass is further than this from the exact one; ``inf`` where it
        could overflow.
    dtype : str
        In which the forward pass computes.
    """

    bound: FloatArray
    dtype: str

    def __repr__(self) -> str:
        return f"RoundingGap(at most {self.bound.max():.3g} in {self.dtype})"


@ieee_arithmetic
def rounding_gap(
    network: Any, domain: Box | FlatBox | str | Path, dtype: str = "float32"
) -> RoundingGap:
    """A certified bound of what rounding does to the outputs of a forward pass, over a box.

    What relutope says holds for the network over the reals with exactly the stored weights. A
    deployed network rounds; this bounds by how much its outputs can differ, whatever the order of
    its sums, with or without fused multiply-add, with subnormal numbers kept or flushed to zero.
    Where an output is further than the bound from where a decision changes, both decide alike.

    Parameters
    ----------
    network : Network, torch.nn.Module, sequence of (W, b), or path of a file
        As for `decompose`. Weights that `dtype` does not hold are rounded to it once.
    domain : Box, FlatBox, or path of a ``.vnnlib`` file
        Bounded. Inputs are numbers of `dtype` in it.
    dtype : {"float32", "float64", "float16"}
        Every operation rounds to the nearest number of this type, sums included. Matrix units that
        round to less (TF32, bfloat16) are not covered.

    Returns
    -------
    RoundingGap

    Raises
    ------
    ValueError
        If `dtype` is unknown.
    InvalidDomainError
        If the domain is no bounded box, or does not fit.

    See Also
    --------
    compare : two networks, both exact.

    Notes
    -----
    Running error analysis (Higham, *Accuracy and Stability of Numerical Algorithms*, ch. 3): a sum
    of k products and a bias, in any order, errs by at most ``gamma |W| |h|`` with
    ``gamma = (k + 1) u / (1 - (k + 1) u)``; the errors of the units before are enlarged by ``|W|``.
    The sizes of the units are certified bounds over the box. The bound is itself rounded up.

    Examples
    --------
    >>> import relutope as rt
    >>> net = [([[1, 0.5], [0.25, -1]], [0, 0]), ([[1, 1]], [0])]
    >>> bool(0 < rt.rounding_gap(net, rt.Box(-1, 1)).bound[0] < 1e-6)
    True
    """
    if dtype not in ("float16", "float32", "float64"):
        raise ValueError(f"`dtype` must be 'float16', 'float32' or 'float64', got {dtype!r}")
    net, given = as_network(network), checked_domain(domain)
    if isinstance(given, Box):
        given = given.with_dim(net.input_dim)
    if not isinstance(given, (Box, FlatBox)) or not np.isfinite([given.lower, given.upper]).all():
        raise InvalidDomainError("`domain` must be a bounded box to bound rounding over it")
    if len(given.lower) != net.input_dim:
        on_free_inputs(net, given)  # says what does not fit
    with np.errstate(all="ignore"):
        return RoundingGap(_bound(net, given.lower, given.upper, dtype), dtype)


def _bound(net: Network, lower: FloatArray, upper: FloatArray, dtype: str) -> FloatArray:
    """Propagates sizes of units and bounds of their errors, layer by layer."""
    kind = np.finfo(dtype)
    unit, tiny, largest = float(kind.eps) / 2, float(kind.tiny), float(kind.max)
    of_neurons = _largest_after(net, lower, upper)
    size, error, start = np.maximum(np.abs(lower), np.abs(upper)), np.zeros(len(lower)), 0
    pairs = zip(net.sparse_layers, net.bias_low, [*net.hidden_widths, 0], strict=True)
    for (W, b), low, neurons in pairs:
        k = W.shape[1]
        up = 1 + 8 * (k + 8) * _UNIT  # covers the rounding of these lines
        gamma = (k + 1) * unit / (1 - (k + 1) * unit) if (k + 1) * unit < 0.5 else np.inf
        entries = W.data if is_sparse(W) else W
        rounded = entries.astype(dtype).astype(np.float64)
        deployed = _like(W, np.abs(rounded))
        moved = _like(W, np.abs(entries - rounded))
        bias = np.abs(b.astype(dtype).astype(np.float64))
        computed = (deployed @ (size + error) + bias) * up
        flushed = 2 * tiny * (np.sum(size + error) + deployed.sum(axis=1) + 2 * k + 2) * up
        of_bias = np.abs(b - b.astype(dtype).astype(np.float64)) + np.abs(low)
        new = deployed @ error + moved @ size + of_bias + gamma * computed + flushed
        exact = (_like(W, np.abs(entries)) @ size + np.abs(b) + np.abs(low)) * up
        error = np.where(computed * (1 + gamma) + flushed < largest, new * up, np.inf)
        error = np.where(np.isnan(error), np.inf, error)
        size = exact
        size[:neurons] = np.minimum(exact[:neurons], of_neurons[start : start + neurons])
        start += neurons
    return np.asarray(error)


def _like(W: Any, entries: FloatArray) -> Any:
    """A matrix with the zeros of W and other entries."""
    if not is_sparse(W):
        return entries
    result = W.astype(np.float64)
    result.data = entries
    return result


def _largest_after(net: Network, lower: FloatArray, upper: FloatArray) -> FloatArray:
    """Certified bounds of all neurons after their ReLU."""
    unknown = np.full((1, net.n_neurons), np.inf)
    rows = (np.zeros((1, net.input_dim)), np.zeros((1, net.output_dim)), np.zeros(1), [False])
    boxes = (lower[None, :].copy(), upper[None, :].copy())
    _, above, *_ = bound_boxes(core_network(net), rows, boxes, (-unknown, unknown))
    return np.asarray(np.maximum(above[0], 0.0))
