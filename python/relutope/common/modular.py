"""Linear algebra modulo primes of 26 bits, and what it proves about rational matrices.

The rank modulo a prime is never larger than over the rationals. If it is r modulo several primes
whose product exceeds every (r + 1)-minor of a matrix of integers, each of these minors is zero, and
r is the rank. Residues are held as doubles: their products are exact, and matrices are multiplied
by BLAS in two halves.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from .arrays import FloatArray, IntArray

__all__ = [
    "BITS",
    "Echelon",
    "inverses",
    "low_bits",
    "mantissas",
    "primes",
    "product",
    "ranks",
    "reduced",
    "residues",
]

BITS = 25
"""Every one of `primes` exceeds 2 to this power."""

_HALF = 8192.0  # 2^13
_TERMS = 1 << 13  # so many products of a residue and half a residue are summed exactly


def primes() -> Iterator[int]:
    """The primes below 2^26, the largest first."""
    return (p for p in range((1 << 26) - 1, 1 << BITS, -2) if _is_prime(p))


def _is_prime(p: int) -> bool:
    """For odd p below 3,215,031,751 (Pomerance, Selfridge, Wagstaff 1980)."""
    odd, twos = p - 1, 0
    while odd % 2 == 0:
        odd, twos = odd // 2, twos + 1
    for base in (2, 3, 5, 7):
        x = pow(base, odd, p)
        if x not in (1, p - 1) and all((x := x * x % p) != p - 1 for _ in range(twos - 1)):
            return False
    return True


def mantissas(values: FloatArray) -> tuple[IntArray, IntArray]:
    """Integers m and e with ``values = m 2^e``."""
    fractions, exponents = np.frexp(values)
    whole = np.ldexp(fractions, 53).astype(np.int64)
    return whole, np.where(whole == 0, 0, exponents.astype(np.int64) - 53)


def low_bits(values: FloatArray) -> int:
    """The least k >= 0 for which ``2^k values`` are integers."""
    whole, exponents = mantissas(values[values != 0])
    zeros = np.frexp((whole & -whole).astype(np.float64))[1] - 1  # at the end of each mantissa
    return max(0, -int((exponents + zeros).min(initial=0)))


def residues(values: FloatArray, prime: int) -> IntArray:
    """Doubles ``m 2^e`` modulo an odd prime, in which 2 has an inverse."""
    whole, exponents = mantissas(values)
    distinct, which = np.unique(exponents, return_inverse=True)
    powers = np.array([pow(2, int(e), prime) for e in distinct], dtype=np.int64)
    return whole % prime * powers[which.reshape(values.shape)] % prime


def reduced(values: FloatArray, prime: int) -> FloatArray:
    """Integers of absolute value below 2^52 modulo the prime."""
    quotient = np.floor(values * (1.0 / prime))
    quotient *= -prime
    quotient += values
    quotient[quotient < 0] += prime  # the quotient may be one off
    quotient[quotient >= prime] -= prime
    return quotient


def product(A: FloatArray, B: FloatArray, prime: int) -> FloatArray:
    """The product of matrices of residues, or of stacks of them."""
    total = np.zeros(())
    for k in range(0, A.shape[-1], _TERMS):
        left, right = A[..., k : k + _TERMS], B[..., k : k + _TERMS, :]
        high = np.floor(left * (1 / _HALF))
        upper = reduced(high @ right, prime) * _HALF
        total = total + reduced(upper + reduced((left - high * _HALF) @ right, prime), prime)
    return reduced(total, prime) if A.shape[-1] > _TERMS else np.asarray(total)


def inverses(values: FloatArray, prime: int) -> FloatArray:
    """Of residues that are not zero, by Fermat's little theorem."""
    result, power = np.ones_like(values), values
    for bit in reversed(bin(prime - 2)[2:]):
        if bit == "1":
            result = reduced(result * power, prime)
        power = reduced(power * power, prime)
    return result


def ranks(matrices: FloatArray, prime: int) -> IntArray:
    """The rank of each matrix of residues, shape (k, rows, columns)."""
    left = matrices if matrices.shape[1] >= matrices.shape[2] else matrices.transpose(0, 2, 1)
    left = np.array(left, order="C")  # a copy: eliminated in place
    each = np.arange(len(left))
    found = np.zeros(len(left), dtype=np.int64)
    for column in range(left.shape[2]):
        place = (left[:, :, column] != 0).argmax(axis=1)
        own = each[left[each, place, column] != 0]
        if not len(own):
            continue
        found[own] += 1
        pivot = left[own, place[own]]
        factor = inverses(pivot[:, column], prime)
        pivot = reduced(pivot * factor[:, None], prime)
        part = left[own][:, :, column:]
        part = reduced(part - reduced(part[:, :, :1] * pivot[:, None, column:], prime), prime)
        left[own, :, column:] = part
    return found


class Echelon:
    """A matrix modulo a prime in reduced row echelon form, to which rows are added.

    Parameters
    ----------
    columns, prime : int

    Attributes
    ----------
    rows : ndarray of float64, shape (rank, columns)
        With the identity in the columns `pivots`.
    pivots : list of int
    """

    _BLOCK = 64

    def __init__(self, columns: int, prime: int) -> None:
        self.prime = prime
        self.rows = np.zeros((0, columns))
        self.pivots: list[int] = []

    @property
    def rank(self) -> int:
        return len(self.pivots)

    def add(self, rows: FloatArray) -> IntArray:
        """Adds rows of residues; which of them were independent of those before them."""
        taken = [
            start + self._add_block(rows[start : start + self._BLOCK])
            for start in range(0, len(rows), self._BLOCK)
        ]
        return np.concatenate(taken) if taken else np.zeros(0, dtype=np.int64)

    def _add_block(self, block: FloatArray) -> IntArray:
        p = self.prime
        block = reduced(block - product(block[:, self.pivots], self.rows, p), p)
        taken, pivots = [], []
        for k in range(len(block)):
            places = np.flatnonzero(block[k])
            if not len(places):
                continue
            column = int(places[0])
            block[k] = reduced(block[k] * pow(int(block[k, column]), -1, p), p)
            factors = block[:, column].copy()
            factors[k] = 0
            some = np.flatnonzero(factors)
            shift = reduced(factors[some, None] * block[k], p)
            block[some] = reduced(block[some] - shift, p)
            taken.append(k)
            pivots.append(column)
        new = block[taken]
        self.rows = reduced(self.rows - product(self.rows[:, pivots], new, p), p)
        self.rows = np.concatenate([self.rows, new])
        self.pivots += pivots
        return np.array(taken, dtype=np.int64)

    def kernel(self) -> tuple[FloatArray, NDArray[np.int64]]:
        """A basis of the kernel in columns, shape (columns, k), and the k columns that are free.

        The basis is the identity in the free ones.
        """
        columns = self.rows.shape[1]
        free = np.setdiff1d(np.arange(columns), self.pivots)
        basis = np.zeros((columns, len(free)))
        basis[free, np.arange(len(free))] = 1.0
        basis[self.pivots] = reduced(-self.rows[:, free], self.prime)
        return basis, free
