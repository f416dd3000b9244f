"""Linear algebra modulo primes and over the integers, against Python's own integers."""

from __future__ import annotations

import itertools
from fractions import Fraction

import numpy as np
import pytest

from relutope.common.integer_kernels import integers, kernel_of
from relutope.common.modular import (
    Echelon,
    inverses,
    low_bits,
    primes,
    product,
    ranks,
    reduced,
    residues,
)

P = next(primes())


def matrix(rng, rows, columns, rank, prime=P):
    """Residues of a product through `rank` dimensions."""
    left = rng.integers(0, prime, (rows, rank)).astype(object)
    right = rng.integers(0, prime, (rank, columns)).astype(object)
    return (left @ right % prime).astype(np.float64)


def test_primes():
    first = list(itertools.islice(primes(), 20))
    assert first == sorted(first, reverse=True)
    assert 2**25 < first[-1] < first[0] < 2**26
    assert all(p % d for p in first for d in range(2, 8193))


def test_reduced_is_the_remainder():
    rng = np.random.default_rng(0)
    edges = [k * P + d for k in (-(2**25), -1, 0, 1, 7, 2**25) for d in (-1, 0, 1)]
    values = np.array([*edges, *rng.integers(-(2**51), 2**51, 1000)])
    assert reduced(values.astype(np.float64), P).tolist() == [int(v) % P for v in values]


@pytest.mark.parametrize("inner", [1, 5, 8191, 8193, 20000])
def test_products(inner):
    """The largest residues, so that sums are as long as they can be."""
    A, B = np.full((2, inner), P - 1.0), np.full((inner, 3), P - 2.0)
    assert (product(A, B, P) == (P - 1) * (P - 2) * inner % P).all()


def test_residues_of_doubles():
    values = np.array([0.0, -1.5, 5e-324, 1e308, 0.1, -(2.0**60) - 256])
    for value, residue in zip(values.tolist(), residues(values, P).tolist(), strict=True):
        exact = Fraction(value)
        assert residue == exact.numerator * pow(exact.denominator, -1, P) % P
    assert low_bits(np.array([0.0, 3.0, 0.375])) == 3
    assert low_bits(np.array([2.0**70])) == 0
    assert integers(values, 1074).tolist() == [int(Fraction(v) * 2**1074) for v in values.tolist()]


def test_inverses():
    values = np.array([1.0, 2.0, P - 1.0, 12345.0])
    assert reduced(values * inverses(values, P), P).tolist() == [1.0] * 4


@pytest.mark.parametrize("shape", [(3, 3), (7, 2), (2, 7), (5, 6)], ids=str)
def test_ranks(shape):
    rng = np.random.default_rng(0)
    wanted = [k % (min(shape) + 1) for k in range(12)]
    stack = np.stack([matrix(rng, *shape, rank) for rank in wanted])
    kept = stack.copy()
    assert ranks(stack, P).tolist() == wanted
    np.testing.assert_array_equal(stack, kept)


@pytest.mark.parametrize("rank", [0, 3, 90])
def test_echelons_and_kernels(rank):
    rng = np.random.default_rng(rank)
    rows = matrix(rng, 200, 100, rank)
    echelon = Echelon(100, P)
    taken = np.concatenate([echelon.add(rows[:30]), 30 + echelon.add(rows[30:])])
    assert echelon.rank == len(taken) == rank
    again = Echelon(100, P)
    again.add(rows[taken])
    assert again.rank == rank
    basis, free = echelon.kernel()
    assert basis.shape == (100, 100 - rank)
    assert not product(rows, basis, P).any()
    np.testing.assert_array_equal(basis[free], np.eye(100 - rank))


def test_integer_kernels():
    rng = np.random.default_rng(0)
    for rank in range(5):
        left = rng.integers(-9, 10, (6, rank)).astype(object) * 10**30
        right = rng.integers(-9, 10, (rank, 7)).astype(object)
        rows = np.zeros((6, 7), dtype=object) + (left @ right if rank else 0)
        vectors = kernel_of(rows)
        assert vectors.shape == (7, 7 - rank)
        assert not (rows @ vectors).any()
        reduced_ = Echelon(7, P)
        reduced_.add((vectors.T % P).astype(np.float64))
        assert reduced_.rank == 7 - rank
