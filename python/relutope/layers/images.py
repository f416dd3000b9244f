"""Layers seen from inside: the image of a region under the first layers, and its topology."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ..common.arguments import checked_count, checked_seconds
from ..common.arithmetic import ieee_arithmetic
from ..common.arrays import IntArray, ReadOnlyArrays
from ..complex.cell_complex import CellComplex
from ..errors import CellLimitError, StoppedError
from ..topology.chains import check_field
from ..topology.subcomplex import Subcomplex
from .contacts import contacts_of
from .families import witnesses
from .hidden_points import HiddenPoints
from .pieces import Pieces, pieces_of
from .unions import betti_of_union

__all__ = ["LayerImage", "layer_images"]

Integers = NDArray[np.object_]


@ieee_arithmetic
@dataclass(frozen=True, eq=False)
class LayerImage(ReadOnlyArrays):
    """What a layer makes of a region; see `layer_images`.

    Attributes
    ----------
    layer : int
        The hidden layer, counted from 1; 0 is the region itself.
    units : int
        Dimension of the space that the image lies in.
    betti : ndarray of int64, shape (n + 1,)
        Betti numbers of the image.
    dim : int
        The image's dimension: the largest of a piece of it.
    n_pieces : int
        How many convex polytopes the image was put together from.
    injective : bool
        Whether different points of the region stay different, so that the image is the same space.
    """

    layer: int
    units: int
    betti: IntArray
    dim: int
    n_pieces: int
    injective: bool

    def __repr__(self) -> str:
        kind = ", injective" if self.injective else ""
        return (
            f"LayerImage(layer {self.layer}: Betti numbers {self.betti.tolist()}, dimension "
            f"{self.dim} in {self.units} units{kind})"
        )


@ieee_arithmetic
def layer_images(
    region: Subcomplex,
    layers: Iterable[int] | None = None,
    *,
    field: int = 2,
    max_pieces: int = 2000,
    max_seconds: float | None = None,
) -> list[LayerImage]:
    """The image of a region under the first layers of its network, and its Betti numbers, exactly.

    What layers do to the topology of a class [1]_: after each hidden layer, ReLU included, the
    region's image is a union of polytopes in the space of the layer's units. Parts may be glued to
    each other, folded, or shrunk to points, so that holes and components come and go.

    Parameters
    ----------
    region : Subcomplex
        Bounded, for instance ``rt.region(cx, "class", label=1)`` or ``cx.subcomplex(cells)``.
    layers : iterable of int, optional
        Hidden layers of ``region.complex.network``, counted from 1; 0 is the region itself. By
        default 0 and all layers of the network, without those that only compare its outputs.
    field : int
        The prime p: Betti numbers are over GF(p).
    max_pieces : int
        Stop with an error if a layer's image has more pieces than this.
    max_seconds : float, optional
        Stop with an error after this time.

    Returns
    -------
    list of LayerImage

    Raises
    ------
    ValueError
        If the region is empty or unbounded, there is no such layer, or `field` is no prime.
    CellLimitError
        If an image has more than `max_pieces` pieces, or too many of them overlap.
    StoppedError
        After `max_seconds`.
    MissingDependencyError
        If gudhi is not installed and an image is not injective.

    See Also
    --------
    region, Network.truncated, class_overlap

    Notes
    -----
    The region is cut into pieces on which the layers are affine: cells of the first k layers where
    they lie in it as a whole, smaller ones elsewhere. Their images are polytopes with rational
    vertices. Which of them meet is proven pair by pair: by directions that separate, by ranks
    modulo a prime, and where these leave it open by linear programs in integers. If no two points
    are identified, the image is the region. Otherwise its Betti numbers are those of the nerve of
    the polytopes, of which families up to n + 2 count; they are decided in the same ways.

    The cost grows with the number of pairs that meet, and where many pieces overlap (narrow layers,
    late ones) faster: thousands of pieces that stay apart are fast, hundreds that all overlap are
    not.

    References
    ----------
    .. [1] G. Naitzat, A. Zhitnikov, L.-H. Lim, Topology of deep neural networks, JMLR 21 (2020).

    Examples
    --------
    Outside of a diamond around the origin. After the second layer, ``(relu(x), relu(y))`` and the
    like, there is still a hole; the third lays all on a segment:

    >>> import relutope as rt
    >>> net = [([[1, 0], [0, 1], [-1, 0], [0, -1]], [0] * 4),
    ...        ([[1, 0, 0, 0], [0, 1, 0, 0], [1, 1, 1, 1]], [0, 0, -1]),
    ...        ([[1, 1, 0]], [0]), ([[1]], [0])]
    >>> cx = rt.decompose(net, rt.Box(-2, 2))
    >>> outside = cx.subcomplex(cx.patterns[:, 6])
    >>> [image.betti.tolist() for image in rt.layer_images(outside)]
    [[1, 1, 0], [1, 1, 0], [1, 1, 0], [1, 0, 0]]
    """
    prime = check_field(field)
    most = checked_count("max_pieces", max_pieces)
    cx = region.complex
    chosen = _layers(cx, layers)
    corners = _corners(region)
    tick = _clock(checked_seconds("max_seconds", max_seconds))
    exact = cx.exact_vertices
    hidden = HiddenPoints(cx.network, [exact[v] for v in corners.tolist()])
    place = np.full(cx.n_finite_vertices, -1, dtype=np.int64)
    place[corners] = np.arange(len(corners))
    whole = region.betti(field=prime)
    found, still = {}, True
    for layer in sorted(set(chosen)):
        if layer == 0:
            dims = [k for k in range(cx.dim + 1) if len(region.faces(k))]
            count = len(pieces_of(region, 0))
            found[0] = LayerImage(0, cx.dim, whole, max(dims), count, True)
            continue
        pieces = _placed(pieces_of(region, layer), place)
        if len(pieces) > most:
            raise CellLimitError(
                f"the image under layer {layer} has {len(pieces):,} pieces, more than `max_pieces` "
                f"({most:,}); take a smaller region",
                len(pieces),
            )
        points = hidden.after(layer)
        found[layer] = image = _image(layer, pieces, points, cx.dim, whole, still, prime, tick)
        still = image.injective
    return [found[layer] for layer in chosen]


def _image(
    layer: int,
    pieces: Pieces,
    points: Integers,
    n: int,
    whole: IntArray,
    may_be_injective: bool,
    field: int,
    tick: Callable[[], None],
) -> LayerImage:
    """The image under one layer; that of a layer after one that is not injective is not either."""
    known: dict[tuple[int, ...], int] = {}
    name = np.array([known.setdefault(tuple(row), len(known)) for row in points.tolist()])
    units = points.shape[1] - 1
    kept = _not_contained(pieces, name)
    contacts = contacts_of(kept, points, name, n, tick)
    dim = int(contacts.dim.max())
    injective = (
        may_be_injective
        and len(kept) == len(pieces)
        and bool(contacts.injective.all())
        and not contacts.crossing
    )
    if injective:
        return LayerImage(layer, units, whole, dim, len(pieces), True)
    sets = witnesses(kept, points, name, contacts, size=n + 2, tick=tick)
    return LayerImage(layer, units, betti_of_union(sets, n, field), dim, len(kept), False)


def _not_contained(pieces: Pieces, name: IntArray) -> Pieces:
    """Without the pieces whose images are spanned by points that span another's."""
    names = [frozenset(name[own].tolist()) for own in pieces.vertices]
    holding: dict[int, list[int]] = {}
    kept = []
    for i in sorted(range(len(pieces)), key=lambda k: (-len(names[k]), k)):
        rarest = min((holding.get(v, []) for v in names[i]), key=len)
        if any(names[i] <= names[k] for k in rarest):
            continue
        kept.append(i)
        for v in names[i]:
            holding.setdefault(v, []).append(i)
    kept.sort()
    return Pieces(
        [pieces.vertices[i] for i in kept],
        pieces.fineness[kept],
        pieces.group[kept],
        pieces.dim[kept],
    )


def _placed(pieces: Pieces, place: IntArray) -> Pieces:
    return replace(pieces, vertices=[place[own] for own in pieces.vertices])


def _corners(region: Subcomplex) -> IntArray:
    """The vertices of a region, if it has any and all are finite."""
    cx = region.complex
    every = range(cx.dim + 1)
    if cx.lineality_dim or not all(cx.faces(k).bounded[region.faces(k)].all() for k in every):
        raise ValueError("`region` is unbounded; decompose over a bounded domain")
    corners = region.faces(0)
    if not len(corners):
        raise ValueError("`region` is empty")
    return corners


def _layers(cx: CellComplex, layers: Iterable[int] | None) -> list[int]:
    depth = len(cx.network.hidden_widths)
    if layers is None:
        return list(range(own_depth(cx) + 1))
    return [checked_count("layers", k, 0, depth) for k in layers]


def own_depth(cx: CellComplex) -> int:
    """Number of hidden layers, without those whose neurons compare outputs."""
    widths = cx.network.hidden_widths
    if not cx.n_output_neurons:
        return len(widths)
    own = cx.n_neurons - cx.n_output_neurons
    depth = int(np.searchsorted(np.cumsum(widths), own, side="left")) + 1
    return depth if own else 0


def _clock(limit: float | None) -> Callable[[], None]:
    """Raises StoppedError once the time is over."""
    start = time.perf_counter()

    def tick() -> None:
        spent = time.perf_counter() - start
        if limit is not None and spent > limit:
            raise StoppedError(f"layer_images stopped after {spent:.3g} seconds", 0, spent, 0.0)

    return tick
