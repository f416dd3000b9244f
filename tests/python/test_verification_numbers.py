"""The numbers that verification is made of: doubles by their bits, products, signs and ranks."""

from __future__ import annotations

import ctypes
import platform
import subprocess
import sys
from fractions import Fraction

import numpy as np
import pytest

from relutope.verification.bits import dyadic, is_finite, keys, nearest, scaled
from relutope.verification.integers import (
    object_array,
    product,
    rank,
    rank_modulo_prime,
    residues,
    signs_at,
)

SPECIAL = [0.0, -0.0, 5e-324, -5e-324, 2.0**-1022, 2.0**-1022 - 5e-324, 1.0, -1.5, 0.1]
SPECIAL += [np.finfo(float).max, -np.finfo(float).max, 2.0**-1074 * 3, 2.0**1023]


def random_doubles(count, seed=0):
    bits = np.random.default_rng(seed).integers(0, 2**64, count, dtype=np.uint64)
    doubles = bits.view(np.float64)
    return np.r_[SPECIAL, doubles[np.isfinite(doubles)]]


def test_doubles_are_integers_times_powers_of_two():
    x = random_doubles(3000)
    m, e = dyadic(x)
    for a, b, v in zip(m.tolist(), e.tolist(), x.tolist(), strict=True):
        assert Fraction(a) * Fraction(2) ** b == Fraction(v)
        assert a % 2 == 1 or (a, b) == (0, 0)
    z, q = scaled(x)
    assert [Fraction(v, q) for v in z.tolist()] == [Fraction(v) for v in x.tolist()]


def test_what_is_no_number_is_refused():
    x = np.array([1.0, np.inf, -np.inf, np.nan])
    assert is_finite(x).tolist() == [True, False, False, False]
    with pytest.raises(ValueError, match="not finite"):
        dyadic(x)
    with pytest.raises(TypeError, match="float32"):
        dyadic(np.float32([1.0]))


def test_fractions_are_rounded_as_python_rounds_them():
    rng = np.random.default_rng(1)
    x = random_doubles(2000, 2)
    exact = [Fraction(v) for v in x.tolist()]
    between = [
        (a + Fraction(b)) / 2 for a, b in zip(exact, np.nextafter(x, 0).tolist(), strict=True)
    ]
    odd = [v * int(rng.integers(1, 99)) / int(rng.integers(1, 99)) for v in exact]
    for v in [*exact, *between, *odd]:
        try:
            expected = float(v)
        except OverflowError:
            expected = np.inf if v > 0 else -np.inf
        assert nearest(v.numerator, v.denominator) == keys(np.array(expected)).item(), v


FLUSHED = """
import ctypes, sys
import numpy as np
from relutope.verification.bits import dyadic, keys, nearest

fenv = (ctypes.c_uint32 * 8)()
libm = ctypes.CDLL("libm.so.6")
assert libm.fegetenv(fenv) == 0
fenv[7] |= 0x8040 | int(sys.argv[1])  # MXCSR: flush to zero, denormals are zero, rounding
assert libm.fesetenv(fenv) == 0
tiny = np.array([3, 1], dtype=np.int64).view(np.float64)
assert (tiny == 0).all(), "denormals are not zero"
m, e = dyadic(tiny)
assert (m.tolist(), e.tolist()) == ([3, 1], [-1074, -1074])
assert [nearest(3, 2**1074), nearest(-1, 2**1074)] == [3, 1 - 2**63]
assert nearest(1, 10) == 0x3FB999999999999A
assert nearest(-1, 10) == 0x3FB999999999999A - 2**63
assert keys(tiny).tolist() == [3, 1]
"""


@pytest.mark.skipif(
    platform.machine() != "x86_64" or sys.platform != "linux", reason="sets MXCSR through glibc"
)
@pytest.mark.parametrize("rounding", [0x0000, 0x2000, 0x4000, 0x6000])
def test_flags_of_the_process_change_nothing(rounding):
    assert ctypes.CDLL("libm.so.6").fegetenv
    subprocess.run([sys.executable, "-c", FLUSHED, str(rounding)], check=True, timeout=120)


def random_integers(rng, shape, bits):
    values = [
        int(rng.integers(-1, 2)) * int.from_bytes(rng.bytes(bits // 8), "little")
        for _ in range(shape[0] * shape[1])
    ]
    return object_array(np.array(values, dtype=object).reshape(shape).tolist(), shape[1])


@pytest.mark.parametrize(
    ("shape", "bits"),
    [
        ((3, 4, 5), (64, 320)),
        ((60, 50, 40), (48, 600)),
        ((70, 60, 30), (16, 16)),
        ((50, 50, 50), (8, 8)),
    ],
)
def test_products_in_pieces_are_products(shape, bits):
    rng = np.random.default_rng(0)
    A, B = random_integers(rng, shape[:2], bits[0]), random_integers(rng, shape[1:], bits[1])
    assert (product(A, B) == A @ B).all()


def test_products_of_extreme_pieces():
    """All pieces at their ends: the largest sums that doubles must hold."""
    for a, b in [(-(2**32), 2**48 - 1), (-(2**31), -(2**47)), (2**16 - 1, -1), (-1, -1), (0, 7)]:
        A, B = np.full((40, 60), a, dtype=object), np.full((60, 40), b, dtype=object)
        assert (product(A, B) == 60 * a * b).all()


@pytest.mark.parametrize("bits", [8, 64, 640])
def test_signs_of_long_and_short_numbers(bits):
    rng = np.random.default_rng(bits)
    forms, points = random_integers(rng, (40, 6), bits), random_integers(rng, (30, 6), 3 * bits)
    points[:5] = 0
    exact = [[(v > 0) - (v < 0) for v in row] for row in (forms @ points.T).tolist()]
    assert signs_at(forms, points).tolist() == exact


def test_signs_that_the_leading_bits_do_not_show():
    """10^60 + d at (1, -1): equal leading bits, and a tie that is a true zero."""
    big = 10**60
    forms = object_array([[big + d, big] for d in (-1, 0, 1)], 2)
    points = object_array([[1, -1], [-1, 1], [3, -3]], 2)
    assert signs_at(forms, points).tolist() == [[-1, 1, -1], [0, 0, 0], [1, -1, 1]]


def test_ranks():
    rows = [[1, 2, 3], [2, 4, 6], [0, 1, 1], [1, 3, 4]]
    table = residues(object_array(rows, 3))
    assert rank(rows) == 2
    assert rank_modulo_prime(table, 3) == 2
    assert rank_modulo_prime(table, 1) == 1
    multiples = [[(1 << 31) - 1, 0], [0, 1]]
    assert (rank(multiples), rank_modulo_prime(residues(object_array(multiples, 2)), 2)) == (2, 1)
