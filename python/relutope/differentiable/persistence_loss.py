"""How far a function is from having given Betti numbers, as something to descend."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ..common.arithmetic import ieee_arithmetic
from ..decomposition.decomposing import decompose
from ..domain.box import Box
from ..domain.polytope import Polytope
from ..topology.filtrations import persistence
from .active_forms import layers_of
from .geometry import Geometry

if TYPE_CHECKING:
    from torch import Tensor

__all__ = ["persistence_loss"]


@ieee_arithmetic
def persistence_loss(
    module: Any,
    domain: Box | Polytope,
    target: Sequence[int],
    *,
    level: float = 0.0,
    margin: float = 0.0,
) -> Tensor:
    """How much births and deaths must change until a sublevel set has given Betti numbers.

    The sublevel sets ``f <= t`` of the one output f are persistent over t; those classes that are
    born by `level` and die after it are the homology of ``f <= level``. The loss is the least sum
    of changes of births and deaths after which there are `target` of them in each dimension, and it
    is zero when there are. Births and deaths are values of f at vertices, so the loss has gradients
    by the parameters [1]_.

    Parameters
    ----------
    module : torch.nn.Module or sequence of (W, b)
        As for `Geometry`, with one output.
    domain : Box or Polytope
        Bounded.
    target : sequence of int
        Wanted Betti numbers from dimension 0 on; the others are to be zero.
    level : float
    margin : float
        By how much births and deaths shall be beyond the level where they are moved.

    Returns
    -------
    torch.Tensor
        One number, float64. Classes that do not exist cannot be moved: where there are too few
        pairs, the loss asks for those that there are.

    Raises
    ------
    UnsupportedLayerError, InvalidNetworkError
        As for `Geometry`.
    ValueError
        If the network has several outputs, or `target` is out of range.

    See Also
    --------
    Geometry, relutope.persistence, relutope.betti

    References
    ----------
    .. [1] M. Carriere, F. Chazal, M. Glisse, Y. Ike, H. Kannan, Y. Umeda, Optimizing persistent
       homology based functions, ICML 2021.

    Examples
    --------
    ``||x| - 1| - 1/2`` is at most 0 on two intervals; one component costs lowering the hill between
    them, of height 1/2:

    >>> import relutope as rt
    >>> net = [([[1.0], [-1.0]], [0.0, 0.0]), ([[1.0, 1.0], [-1.0, -1.0]], [-1.0, 1.0])]
    >>> net.append(([[1.0, 1.0]], [-0.5]))
    >>> rt.differentiable.persistence_loss(net, rt.Box(-2, 2), [1]).item()
    0.5
    >>> rt.differentiable.persistence_loss(net, rt.Box(-2, 2), [2]).item()
    0.0
    """
    import torch

    wanted = [int(count) for count in target]
    if not wanted or min(wanted) < 0 or any(a != b for a, b in zip(wanted, target, strict=True)):
        raise ValueError(f"`target` must be Betti numbers, at least one, got {target!r}")
    layers = layers_of(module)
    if len(layers[-1][0]) != 1:
        raise ValueError(f"`module` must have one output, it has {len(layers[-1][0])}")
    cx = decompose([(W.detach().numpy(), b.detach().numpy()) for W, b in layers], domain)
    made = Geometry(cx, layers).values[:, 0]
    known = cx.vertex_values[0]
    place = {value: v for v, value in reversed(list(enumerate(known[: len(made)].tolist())))}
    total = made.sum() * 0.0
    for dim in range(cx.dim + 1):
        pairs = persistence(cx).array(dim)
        count = wanted[dim] if dim < len(wanted) else 0
        total = total + _cost(pairs, count, place, made, level, margin)
    return torch.as_tensor(total)


def _cost(
    pairs: Any, count: int, place: dict[float, int], made: Tensor, level: float, margin: float
) -> Any:
    """Of as many classes at the level as are wanted: the cheapest are moved across it."""
    born, dying = pairs[:, 0], pairs[:, 1]
    alive = (born <= level) & (level < dying)
    missing = count - int(alive.sum())
    cost: Any = 0.0
    if missing < 0:  # raise a birth above the level, or lower a death to it
        price = np.where(alive, np.minimum(level - born, dying - level), np.inf)
        for k in np.argsort(price, kind="stable")[:-missing]:
            if not np.isfinite(price[k]):
                break
            if level - born[k] <= dying[k] - level:
                cost = cost + (level + margin - made[place[born[k]]])
            else:
                cost = cost + (made[place[dying[k]]] - level + margin)
    if missing > 0:  # lower a birth to the level, or raise a death above it
        price = np.where(alive, np.inf, np.maximum(born - level, 0) + np.maximum(level - dying, 0))
        for k in np.argsort(price, kind="stable")[:missing]:
            if not np.isfinite(price[k]):
                break
            if born[k] > level:
                cost = cost + (made[place[born[k]]] - level + margin)
            if dying[k] <= level:
                cost = cost + (level + margin - made[place[dying[k]]])
    return cost
