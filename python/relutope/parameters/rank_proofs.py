"""The exact rank of a stack of Jacobians: a lower bound modulo a prime, and a kernel that is one.

If V are directions that certainly change nothing, and some columns of V form a nonsingular square,
then every direction that changes nothing is one of V's span plus one that is zero in these columns:
the rank of J is that of its other columns. V are scalings and what single rows cannot see. On all
networks that were looked at but narrow ones, the other columns are then independent, and one prime
has shown it.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..common.arrays import FloatArray, IntArray
from ..common.integer_kernels import Integers
from ..common.modular import BITS, Echelon, primes
from .factors import Layers
from .row_symmetries import row_symmetries
from .scalings import scaling_rows
from .stack import Stack

__all__ = ["exact_rank"]

_MOST_DIFFERING = 8


def exact_rank(stack: Stack) -> tuple[int, int]:
    """The rank over the rationals, and how many primes were looked at."""
    if not len(stack):
        return 0, 0
    tried = 0
    for prime in primes():
        tried += 1
        layers = stack.layers(prime)
        found = _eliminated(stack, layers, _other_columns(stack, layers))
        rank = found.echelon.rank
        if rank == len(found.columns):
            return rank, tried
        # A prime may divide what it should not; then its kernel is too large, and no true one.
        proven, used = _proven_kernel(stack, found)
        tried += used
        if proven:
            return rank, tried
    raise AssertionError("only finitely many primes divide a minor")


def _other_columns(stack: Stack, layers: Layers) -> IntArray:
    """All columns but those in which the known kernel forms a nonsingular square."""
    p = layers.prime
    vectors = row_symmetries(stack, layers)
    rows = np.concatenate([(vectors.T % p).astype(np.float64), scaling_rows(stack.network, layers)])
    # Biases first: a scaling is then told by the bias of its neuron alone.
    order = np.argsort(~stack.is_bias, kind="stable")
    echelon = Echelon(stack.n_parameters, p)
    echelon.add(rows[:, order])
    return np.setdiff1d(np.arange(stack.n_parameters), order[echelon.pivots])


@dataclass(frozen=True)
class _Elimination:
    """Rows that span the row space of some columns of J modulo a prime, and their echelon form."""

    columns: IntArray
    echelon: Echelon
    cells: IntArray  # that have rows in it
    rows: IntArray  # which of theirs


def _eliminated(stack: Stack, layers: Layers, columns: IntArray) -> _Elimination:
    """Cells enter at random, then those on which the kernel so far moves the function."""
    echelon = Echelon(len(columns), layers.prime)
    per_cell = stack.rows_per_cell
    cells: list[IntArray] = []
    taken: list[IntArray] = []
    order = np.random.default_rng(0).permutation(len(stack))
    tries = itertools.count(1)
    entering = order[: -(-2 * len(columns) // per_cell)]
    while len(entering):
        offset = per_cell * sum(map(len, cells))
        taken.append(offset + echelon.add(stack.rows(layers, entering)[:, columns]))
        cells.append(entering)
        missing = len(columns) - echelon.rank
        if not missing:
            break
        directions = np.zeros((stack.n_parameters, missing))
        directions[columns] = echelon.kernel()[0]
        moved = stack.moved(layers, directions)
        entering = moved[:: max(1, len(moved) // (missing + 8 * next(tries)))]
    every = np.concatenate([*cells, np.zeros(0, dtype=np.int64)])
    rows = np.concatenate([*taken, np.zeros(0, dtype=np.int64)])
    needed, which = np.unique(rows // per_cell, return_inverse=True)
    return _Elimination(columns, echelon, every[needed], which * per_cell + rows % per_cell)


def _kernels(stack: Stack, found: _Elimination) -> Iterator[tuple[int, FloatArray]]:
    """The kernel of the same rows modulo ever new primes, normalised on the same columns.

    Only columns are looked at in which the first kernel is not zero. Ends if other primes normalise
    on other columns.
    """
    basis, free = found.echelon.kernel()
    support = np.flatnonzero(basis.any(axis=1))
    whole = np.zeros_like(basis)
    first = Echelon(len(support), found.echelon.prime)
    layers = stack.layers(found.echelon.prime)
    columns = found.columns[support]
    differing = 0
    chosen = found.rows[first.add(stack.rows(layers, found.cells)[found.rows][:, columns])]
    for prime in primes():
        layers = stack.layers(prime)
        echelon = Echelon(len(support), prime)
        echelon.add(stack.rows(layers, found.cells)[chosen][:, columns])
        own, places = echelon.kernel()
        if np.array_equal(support[places], free):
            whole[support] = own
            yield prime, whole
        else:  # one of the two primes divides a minor; if many differ, it is the first
            differing += 1
            if differing > _MOST_DIFFERING:
                return


def _proven_kernel(stack: Stack, found: _Elimination) -> tuple[bool, int]:
    """Whether the kernel modulo a prime is one over the rationals, and how many primes it took."""
    attempts, combined, modulus, used = 1, None, 1, 0
    before: Integers | None = None
    for used, (prime, basis) in enumerate(_kernels(stack, found), 1):
        combined = _chinese(combined, modulus, basis, prime)
        modulus *= prime
        if used < attempts:
            continue
        attempts = 2 * attempts
        vectors = _integer_vectors(combined, modulus)
        if vectors is not None:
            verified, more = _is_kernel(stack, found.columns, vectors)
            used += more
            if verified:
                return True, used
            if before is not None and np.array_equal(vectors, before):
                return False, used  # the kernel of the chosen rows, which do not span
            before = vectors
        if math.log2(modulus) > _enough_bits(stack):
            return False, used
    return False, used


def _enough_bits(stack: Stack) -> float:
    """With so many bits any kernel of the chosen rows is found, by Cramer's rule."""
    P = stack.n_parameters
    return float(2 * P * (stack.bits + P.bit_length() + 2) + 2)


def _chinese(known: Integers | None, modulus: int, basis: FloatArray, prime: int) -> Integers:
    """Residues modulo ``modulus * prime`` from those modulo either."""
    new = basis.astype(np.int64).astype(object)
    if known is None:
        return new
    step = (new - known) * pow(modulus, -1, prime) % prime
    return np.asarray(known + modulus * step)


def _integer_vectors(residues: Integers, modulus: int) -> Integers | None:
    """Columns of rationals with small numerators and denominators, times these; None if there are
    none."""
    bound = math.isqrt(modulus // 2)
    columns = []
    for column in residues.T:
        found = _integer_vector(column, modulus, bound)
        if found is None:
            return None
        columns.append(found)
    return np.array(columns, dtype=object).T


def _integer_vector(column: Any, modulus: int, bound: int) -> list[int] | None:
    denominator = 1
    for residue in column:
        value = int(residue) * denominator % modulus
        if min(value, modulus - value) > bound:
            denominator *= _denominator(value, modulus, bound)
            if denominator > bound:
                return None
    scaled = [int(residue) * denominator % modulus for residue in column]
    result = [value - modulus if 2 * value > modulus else value for value in scaled]
    return result if max(map(abs, result)) <= bound else None


def _denominator(value: int, modulus: int, bound: int) -> int:
    """Of the fraction that Euclid's algorithm finds (Wang 1981)."""
    before, here, s, t = modulus, value, 0, 1
    while here > bound:
        quotient = before // here
        before, here, s, t = here, before - quotient * here, t, s - quotient * t
    return abs(t)


def _is_kernel(stack: Stack, columns: IntArray, vectors: Integers) -> tuple[bool, int]:
    """Whether integer vectors in some columns, the identity in part of them, change nothing."""
    largest = max(abs(int(v)) for v in vectors.ravel())
    needed = stack.bits + largest.bit_length() + stack.n_parameters.bit_length() + 2
    for used, prime in zip(itertools.count(1), primes(), strict=False):
        directions = np.zeros((stack.n_parameters, vectors.shape[1]))
        directions[columns] = vectors % prime
        if len(stack.moved(stack.layers(prime), directions)):
            return False, used
        if BITS * used > needed:
            return True, used
    raise AssertionError("there are more primes than any bound needs")
