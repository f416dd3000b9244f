"""Combinatorial codes of neurons, and the relations that generate their neural ideal."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..common.arguments import check_choice, checked_count
from ..common.arithmetic import ieee_arithmetic
from ..common.arrays import BoolArray, IntArray, Value, read_only
from ..complex.cell_complex import CellComplex
from ..complex.cells import ComplexLike, complex_of
from ..errors import CellLimitError

__all__ = ["NeuralCode", "Pseudomonomial", "neural_code"]

Where: TypeAlias = Literal["cells", "points"]
Masks = NDArray[np.uint64]
Bytes = NDArray[np.uint8]
_MOST = 200_000
_BLOCK = 1 << 24  # comparisons at a time


@ieee_arithmetic
@dataclass(frozen=True, order=True)
class Pseudomonomial:
    """A product of ``x_i`` and ``1 - x_j``; see `NeuralCode.canonical_form`.

    Attributes
    ----------
    active : tuple of int
        The neurons i of factors ``x_i``.
    inactive : tuple of int
        The neurons j of factors ``1 - x_j``.
    """

    active: tuple[int, ...]
    inactive: tuple[int, ...]

    @property
    def kind(self) -> int:
        """1, 2 or 3.

        With U_i for the places where neuron i is active: 1 if the U_i of `active` have nothing in
        common; 2 if their intersection is covered by the U_j of `inactive`; 3 if these cover all.
        """
        return 1 if not self.inactive else 2 if self.active else 3

    @property
    def degree(self) -> int:
        """Number of factors."""
        return len(self.active) + len(self.inactive)

    def __str__(self) -> str:
        factors = [f"x{i}" for i in self.active] + [f"(1 - x{j})" for j in self.inactive]
        return " ".join(factors) or "1"


@ieee_arithmetic
class NeuralCode(Value):
    """The combinations of neurons that are active together.

    Parameters
    ----------
    words : array_like of bool, shape (words, neurons)
        Repeated words count once.
    neurons : array_like of int, optional
        The neurons' numbers; 0, 1, ... by default.

    Attributes
    ----------
    words : ndarray of bool, shape (k, neurons)
        The distinct words, in increasing lexicographic order.
    neurons : ndarray of int64

    See Also
    --------
    neural_code : of a layer of a complex.

    Examples
    --------
    >>> import relutope as rt
    >>> code = rt.NeuralCode([[0, 0], [1, 0], [1, 1]])      # the second only inside of the first
    >>> [str(relation) for relation in code.canonical_form()]
    ['x1 (1 - x0)']
    """

    def __init__(self, words: ArrayLike, neurons: ArrayLike | None = None) -> None:
        given = np.asarray(words)
        if given.ndim != 2 or not np.isin(given, (0, 1)).all():
            raise ValueError(f"`words` has shape {given.shape}; give a table of zeros and ones")
        count = given.shape[1]
        packed = np.packbits(given.astype(np.bool_), axis=1)
        self.words: BoolArray = read_only(_unpacked(_distinct(packed), count))
        numbers = np.arange(count) if neurons is None else np.asarray(neurons)
        if numbers.shape != (count,):
            raise ValueError(f"`neurons` has shape {numbers.shape}; expected ({count},)")
        self.neurons: IntArray = read_only(numbers.astype(np.int64))

    def _parts(self) -> tuple[object, ...]:
        return self.words, self.neurons

    @cached_property
    def facets(self) -> list[tuple[int, ...]]:
        """The maximal words, as sets of neurons: facets of the code's simplicial complex."""
        kept: list[tuple[int, ...]] = []
        rows: list[BoolArray] = []
        for word in sorted(self.words, key=lambda row: -int(row.sum())):
            if not any((word <= other).all() for other in rows):
                rows.append(word)
                kept.append(tuple(self.neurons[word].tolist()))
        return sorted(kept)

    def canonical_form(self, max_degree: int | None = None) -> tuple[Pseudomonomial, ...]:
        """The canonical form of the neural ideal: all minimal relations between the neurons.

        A product of ``x_i`` and ``1 - x_j`` vanishes on the code if in no word all the neurons i
        are active and all the j are not; it is minimal if no part of the product does [1]_. These
        relations determine the code.

        Parameters
        ----------
        max_degree : int, optional
            Only relations with at most so many factors, which are found faster.

        Returns
        -------
        tuple of Pseudomonomial
            By degree, then by neurons. Empty if all words occur.

        Raises
        ------
        CellLimitError
            If there are too many relations on the way; then bound the degree.

        Notes
        -----
        Words are taken in one by one: relations that vanish at a new word stay, others get one more
        factor in every way that makes them vanish, unless one that stayed divides the result (as
        Petersen, Youngs, Kruse, Miyata, Garcia, Garcia Puente 2018 do).

        References
        ----------
        .. [1] C. Curto, V. Itskov, A. Veliz-Cuba, N. Youngs, The neural ring, Bull. Math. Biol. 75
           (2013).
        """
        count = self.words.shape[1]
        most = 2 * count if max_degree is None else checked_count("max_degree", max_degree)
        if not len(self.words):
            return (Pseudomonomial((), ()),)
        if most <= 2:
            return self._shortest(most)
        n_words = -(-max(2 * count, 1) // 64)
        found: Masks = np.zeros((1, n_words), dtype=np.uint64)
        for word in self.words:
            vanishing = np.concatenate([~word, word])
            found = _with_word(found, np.flatnonzero(vanishing), count, most)
            if len(found) > _MOST:
                raise CellLimitError(
                    f"more than {_MOST:,} relations on the way; give a smaller `max_degree`",
                    len(found),
                )
        return self._named(found)

    def _shortest(self, most: int) -> tuple[Pseudomonomial, ...]:
        """Relations with one factor, or two: states of neurons that never occur (together)."""
        states = np.concatenate([self.words, ~self.words], axis=1).astype(np.float32)
        together = states.T @ states > 0  # sums of ones: right, also where they are rounded
        alone = np.flatnonzero(~together.diagonal())
        count = self.words.shape[1]
        opposite = (np.arange(2 * count) + count) % (2 * count)
        together[np.arange(2 * count), opposite] = True
        together[alone], together[:, alone] = True, True
        first, second = np.nonzero(np.triu(~together))
        pairs = zip(first.tolist(), second.tolist(), strict=True)
        found = [(i,) for i in alone.tolist()] + (list(pairs) if most == 2 else [])
        bits = np.zeros((len(found), 2 * count), dtype=np.bool_)
        for row, factors in zip(bits, found, strict=True):
            row[list(factors)] = True
        return self._made(bits)

    def _named(self, found: Masks) -> tuple[Pseudomonomial, ...]:
        bits = np.unpackbits(found.view(np.uint8), axis=1, bitorder="little").astype(np.bool_)
        return self._made(bits)

    def _made(self, bits: BoolArray) -> tuple[Pseudomonomial, ...]:
        count = self.words.shape[1]
        made = [
            Pseudomonomial(
                tuple(self.neurons[row[:count]].tolist()),
                tuple(self.neurons[row[count : 2 * count]].tolist()),
            )
            for row in bits
        ]
        return tuple(sorted(made, key=lambda relation: (relation.degree, relation)))

    def __len__(self) -> int:
        return len(self.words)

    def __repr__(self) -> str:
        return f"NeuralCode({len(self):,} words of {self.words.shape[1]} neurons)"


@ieee_arithmetic
def neural_code(complex: ComplexLike, layer: int = 1, *, of: Where = "cells") -> NeuralCode:
    """Which neurons of a layer are active together, exactly.

    Parameters
    ----------
    complex : Complex or Slice
        The complex, over any domain.
    layer : int
        The hidden layer, counted from 1.
    of : {"cells", "points"}
        Words of the insides of cells, or of all points: also of those at which neurons vanish,
        which are then not active.

    Returns
    -------
    NeuralCode

    Raises
    ------
    ValueError
        If there is no such layer, or `of` is unknown.

    See Also
    --------
    relutope.topology.neuron_nerve, class_overlap

    Examples
    --------
    Three lines in general position leave out one of the eight words:

    >>> import relutope as rt
    >>> cx = rt.decompose([([[1, 0], [0, 1], [1, 1]], [0, 0, -1]), ([[1] * 3], [0])])
    >>> code = rt.neural_code(cx)
    >>> code
    NeuralCode(7 words of 3 neurons)
    >>> [str(relation) for relation in code.canonical_form()]
    ['x2 (1 - x0) (1 - x1)']
    """
    check_choice("of", of, Where)
    cx = complex_of(complex)
    widths = cx.network.hidden_widths
    depth = checked_count("layer", layer, highest=len(widths)) - 1
    first = sum(widths[:depth])
    columns = slice(first, first + widths[depth])
    numbers = np.arange(columns.start, columns.stop)
    words = [_distinct(np.packbits(cx.patterns[:, columns], axis=1))]
    if of == "points":
        words += _words_of_faces(cx, columns)
    return NeuralCode(_unpacked(np.concatenate(words), len(numbers)), numbers)


def _words_of_faces(cx: CellComplex, columns: slice) -> list[Bytes]:
    """Where neurons are positive inside of faces: where they are at a vertex, never negative."""
    positive = np.packbits(cx.vertex_signs[:, columns] > 0, axis=1)
    found = []
    for k in range(cx.dim):
        vertices = cx.faces(k).vertices
        if len(vertices):
            at = np.bitwise_or.reduceat(positive[vertices.indices], vertices.indptr[:-1], axis=0)
            found.append(_distinct(at))
    return found


def _distinct(packed: Bytes) -> Bytes:
    """The distinct rows, in lexicographic order."""
    if not packed.shape[1]:
        return packed[:1]
    rows = np.ascontiguousarray(packed).view(np.dtype((np.void, packed.shape[1]))).ravel()
    return np.unique(rows).view(np.uint8).reshape(-1, packed.shape[1])


def _unpacked(packed: Bytes, count: int) -> BoolArray:
    return np.unpackbits(packed, axis=1, count=count).astype(np.bool_)


def _with_word(found: Masks, vanishing: IntArray, count: int, most: int) -> Masks:
    """The minimal products that vanish on one more word, at which the given factors do.

    Factor i is ``x_i``, and ``count + j`` is ``1 - x_j``; a product holds no neuron twice.
    """
    edge = _mask(vanishing, found.shape[1])
    hit = (found & edge).any(axis=1)
    if hit.all():
        return found
    kept, rest = found[hit], found[~hit]
    rest = rest[np.unpackbits(rest.view(np.uint8), axis=1).sum(axis=1) < most]
    made = [kept]
    for factor in vanishing.tolist():
        bit = _mask(np.array([factor]), found.shape[1])
        opposite = _mask(np.array([(factor + count) % (2 * count)]), found.shape[1])
        candidates = rest[~(rest & opposite).any(axis=1)]
        dividing = kept[(kept & bit).any(axis=1)] & ~bit
        made.append(candidates[~_divided(candidates, dividing)] | bit)
    return np.concatenate(made)


def _divided(products: Masks, by: Masks) -> BoolArray:
    """Whether one of some products divides each."""
    found = np.zeros(len(products), dtype=np.bool_)
    step = max(1, _BLOCK // max(len(by), 1))
    for start in range(0, len(products), step):
        part = ~products[start : start + step]
        left = np.zeros((len(part), len(by)), dtype=np.bool_)
        for word in range(products.shape[1]):
            left |= (by[None, :, word] & part[:, None, word]) != 0
        found[start : start + step] = ~left.all(axis=1)
    return found


def _mask(places: IntArray, words: int) -> Masks:
    mask = np.zeros(words, dtype=np.uint64)
    for place in places.tolist():
        mask[place // 64] |= np.uint64(1) << np.uint64(place % 64)
    return mask
