"""Closed sets that a network's outputs cut out of its domain, as subcomplexes.

The cells are first cut by the equations of the set, which become further hidden neurons; no weight
is changed, so the set is exact.
"""

from __future__ import annotations

from typing import Any, Literal, TypeAlias, get_args

import numpy as np
from numpy.typing import NDArray

from ..common.arithmetic import ieee_arithmetic
from ..complex.cell_complex import CellComplex
from ..complex.cells import ComplexLike, complex_of
from ..complex.lattice import FaceLattice, Masks
from .subcomplex import Subcomplex

__all__ = ["Region", "check_region", "region"]

Region: TypeAlias = Literal[
    "all", "bounded", "superlevel", "sublevel", "level", "class", "class boundary"
]
BY_LEVEL = ("superlevel", "sublevel", "level")
BY_CLASS = ("class", "class boundary")


@ieee_arithmetic
def region(
    complex: ComplexLike, of: Region, level: float = 0.0, *, label: int | None = None
) -> Subcomplex:
    """A closed subset of the domain, as a union of faces of a complex.

    Parameters
    ----------
    complex : Complex
        The complex, over any domain.
    of : {"all", "bounded", "superlevel", "sublevel", "level", "class", "class boundary"}
        Which set:

        - ``all``: the whole domain;
        - ``bounded``: the union of the closed bounded cells;
        - ``superlevel``, ``sublevel``, ``level``: the points with f >= level, f <= level, or
          f = level (the decision boundary, for level 0). One output only.
        - ``class``: the points where output `label` is largest, ties included. Several outputs.
        - ``class boundary``: the points of this set where another output is as large; without a
          `label` all points where several outputs are largest.
    level : float
        Exactly this double is compared with f.
    label : int, optional
        Index of an output.

    Returns
    -------
    Subcomplex
        Of the complex itself for ``all`` and ``bounded``; of the complex refined by the set's
        equations for the others, which is ``region(...).complex``. All classes and their
        boundaries are subcomplexes of the same refined complex.

    Raises
    ------
    ValueError
        If `of` is unknown or does not fit the number of outputs, `level` is not finite, or there
        is no output `label`.

    See Also
    --------
    betti, decision_regions, Complex.subcomplex

    Notes
    -----
    Classes are found with one neuron per output but the first, ``f_k - max(f_0, ..., f_(k-1))``.

    Examples
    --------
    Where the largest of x, y and 0 is y, and its boundary, two half-lines from the origin:

    >>> import relutope as rt
    >>> cx = rt.decompose([([[1, 0], [-1, 0], [0, 1], [0, -1]], [0] * 4),
    ...                    ([[1, -1, 0, 0], [0, 0, 1, -1], [0] * 4], [0] * 3)])
    >>> rt.region(cx, "class", label=1).betti(), rt.region(cx, "class boundary", label=1).betti()
    (array([1, 0, 0]), array([1, 0, 0]))
    >>> rt.region(cx, "class boundary", label=1).betti(compactify=True)
    array([1, 1, 0])
    """
    complex = complex_of(complex)
    check_region(complex, of, level, label)
    if of == "all":
        return Subcomplex(complex, [~mask for mask in complex.lattice.nothing()])
    if of == "bounded":
        return Subcomplex.closure_of(complex, cells=complex.bounded)
    if of in BY_CLASS:
        refined = complex.refined_by_class
        return Subcomplex(refined, _class_masks(refined, complex.network.output_dim, of, label))
    refined = complex.refine_by_output(level)
    sign = refined.vertex_signs[:, -1]
    inside = {"superlevel": sign >= 0, "sublevel": sign <= 0, "level": sign == 0}[of]
    return Subcomplex(refined, full_masks(refined.lattice, inside))


def check_region(complex: CellComplex, of: Any, level: float, label: Any) -> None:
    """Raises ValueError unless `region` can be called like this."""
    if of not in get_args(Region):
        raise ValueError(f"`of` is {of!r}; use one of {', '.join(get_args(Region))}")
    outputs = complex.network.output_dim
    if of in BY_LEVEL:
        if outputs != 1:
            raise ValueError(
                f"`of` is {of!r}, which needs one output, but the network has {outputs}; "
                "decompose a network whose last layer is the row, or the difference of rows, you "
                "mean"
            )
        if not np.isfinite(level):
            raise ValueError(f"`level` is {level}; give a finite number")
    if of in BY_CLASS and outputs < 2:
        raise ValueError(
            f"`of` is {of!r}, which needs several outputs, but the network has one; its two "
            "classes are 'superlevel' and 'sublevel'"
        )
    if label is None:
        if of == "class":
            raise ValueError("`of` is 'class', which needs a `label`")
    elif of not in BY_CLASS:
        raise ValueError(f"`label` is {label!r}, but `of` is {of!r}, which has no label")
    elif not isinstance(label, int | np.integer) or not 0 <= label < outputs:
        raise ValueError(f"`label` is {label!r}; the network's outputs are 0 to {outputs - 1}")


def full_masks(lattice: FaceLattice, inside: NDArray[np.bool_]) -> Masks:
    """The faces all of whose vertices are `inside`."""
    masks = []
    for j in range(lattice.top + 1):
        vertices = lattice.vertices(j)
        masks.append(np.logical_and.reduceat(inside[vertices.indices], vertices.indptr[:-1]))
    return masks


def _class_masks(refined: CellComplex, outputs: int, of: Region, label: int | None) -> Masks:
    """Faces on which `label` wins, or ties with another."""
    lattice = refined.lattice
    # Column k of `ahead`: the sign of f_k - max(f_0, ..., f_(k-1)); f_0 is always ahead at first.
    ahead = refined.vertex_signs[:, refined.n_neurons - refined.n_output_neurons :]
    ahead = np.column_stack([np.ones(len(ahead), dtype=np.int8), ahead])

    def wins(k: int) -> Masks:
        return full_masks(lattice, (ahead[:, k] >= 0) & (ahead[:, k + 1 :] <= 0).all(axis=1))

    if of == "class":
        assert label is not None
        return wins(label)
    classes = [wins(k) for k in range(outputs)]
    pairs = [
        [a & b for a, b in zip(classes[i], classes[k], strict=True)]
        for k in range(outputs)
        for i in range(k)
        if label in (None, i, k)
    ]
    return [np.logical_or.reduce(masks) for masks in zip(*pairs, strict=True)]
