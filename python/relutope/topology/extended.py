"""Extended persistence."""

from __future__ import annotations

from typing import NamedTuple

from ..common.arithmetic import ieee_arithmetic
from ..complex.cells import ComplexLike
from .filtrations import persistence
from .heights import Output
from .pairs import PersistencePairs

__all__ = ["ExtendedPersistence", "extended_persistence"]


class ExtendedPersistence(NamedTuple):
    """The pairs of an extended persistence by kind; see `extended_persistence`.

    Attributes
    ----------
    ordinary : PersistencePairs
        Classes that are born and die while sublevel sets grow, birth < death.
    relative : PersistencePairs
        Classes relative to superlevel sets, that are born and die while these grow, birth > death.
    extended : PersistencePairs
        Classes of the domain: the one component, from the least to the greatest value.
    """

    ordinary: PersistencePairs
    relative: PersistencePairs
    extended: PersistencePairs

    def __repr__(self) -> str:
        sizes = ", ".join(f"{len(pairs):,} {name}" for name, pairs in self._asdict().items())
        return f"ExtendedPersistence({sizes})"


@ieee_arithmetic
def extended_persistence(
    complex: ComplexLike,
    *,
    output: Output | None = None,
    neuron: int | None = None,
    label: int | None = None,
    field: int = 2,
) -> ExtendedPersistence:
    """Return the extended persistent homology over GF(p) of a function on the domain.

    The sublevel sets grow until they are the whole domain; then the homology is taken relative to
    superlevel sets, which grow in turn [1]_. Every class dies, and critical points in which a
    contour opens downwards are paired too.

    Parameters
    ----------
    complex : Complex or Slice
        The complex, over any domain.
    output, neuron, label
        The function, as for `critical_cells`.
    field : int
        The prime p.

    Returns
    -------
    ExtendedPersistence
        As gudhi's `extended_persistence` of a simplex tree gives it, but exact; its fourth list is
        always empty.

    Raises
    ------
    ValueError, IndexError
        As for `critical_cells`.

    See Also
    --------
    persistence, critical_cells

    Notes
    -----
    Domains are convex. Their reduced homology is zero, so the long exact sequence makes a class of
    a superlevel set, k dimensions in the reduced homology, one of dimension k + 1 relative to the
    set: the relative pairs are those of the superlevel sets, a dimension higher. Values are
    compared exactly, as by `persistence`, and pairs of zero length are left out but for the
    extended one.

    References
    ----------
    .. [1] D. Cohen-Steiner, H. Edelsbrunner, J. Harer, "Extending persistence using Poincaré and
       Lefschetz duality", Found. Comput. Math. 9 (2009).

    Examples
    --------
    ``||x| + |y| - 1|`` is 0 on a ring, 1 at the origin, and 3 in the corners of the box.

    >>> import relutope as rt
    >>> from relutope.topology import extended_persistence
    >>> net = [([[1, 0], [-1, 0], [0, 1], [0, -1]], [0] * 4),
    ...        ([[1] * 4, [-1] * 4], [-1, 1]), ([[1, 1]], [0])]
    >>> pairs = extended_persistence(rt.decompose(net, rt.Box(-2, 2)))
    >>> pairs.extended, pairs.ordinary
    ([(0, (0.0, 3.0))], [(1, (0.0, 1.0))])
    >>> pairs.relative
    [(1, (1.0, 0.0)), (1, (3.0, 1.0)), (1, (3.0, 1.0)), (1, (3.0, 1.0)), (2, (1.0, 0.0))]
    """
    rising, falling = (
        persistence(complex, way, output=output, neuron=neuron, label=label, field=field)
        for way in ("sublevel", "superlevel")
    )
    least, ordinary = _without_domain(rising, float("inf"))
    greatest, relative = _without_domain(falling, -float("inf"))
    return ExtendedPersistence(
        PersistencePairs(ordinary),
        PersistencePairs((dim + 1, ends) for dim, ends in relative),
        PersistencePairs([(0, (least, greatest))]),
    )


def _without_domain(
    pairs: PersistencePairs, never: float
) -> tuple[float, list[tuple[int, tuple[float, float]]]]:
    """The birth of the component that never dies, and the other pairs.

    It is the first; the death of another may be rounded to `never` if it is beyond all doubles.
    """
    births = [birth for dim, (birth, death) in pairs if dim == 0 and death == never]
    first = min(births) if never > 0 else max(births)
    rest = list(pairs)
    rest.remove((0, (first, never)))
    return first, rest
