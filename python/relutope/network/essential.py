"""Which inputs a network depends on, up to linear combinations, exactly."""

from __future__ import annotations

from collections.abc import Callable
from math import gcd
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..common.exact import independent_columns
from ..common.modular import mantissas, residues
from .network import Network

__all__ = ["has_independent_rows", "independent_inputs", "visible_forms"]

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
_PRIME = (1 << 31) - 1  # products of two residues fit into an int64


def independent_inputs(network: Network, rows: FloatArray) -> list[int]:
    """Inputs on which some linear forms have the same rank as on all of them.

    The forms are `rows`, shape (k, n), and what the network's neurons see of the inputs by way of
    linear units alone: ``M_1 = W_1``, and ``M_(l+1) = W_(l+1) M_l`` with only the linear units'
    rows of ``M_l`` and columns of ``W_(l+1)``, of which the neurons' rows count. Moving along a
    direction v changes no neuron's sign anywhere iff ``M_l v`` vanishes at the neurons of every
    layer: if it does up to layer l, neurons of layer l + 1 change along v at the constant rate
    ``M_(l+1) v``.

    Returns
    -------
    list of int
        A basis among the columns, chosen greedily from the left.
    """
    W, neurons = network.layers[0][0], network.hidden_widths[0]
    seen = np.flatnonzero(np.concatenate([W, rows]).any(axis=0))  # on the others nothing depends
    is_simple = _are_among(W[neurons:], W[:neurons])  # as of leaky units: they show nothing more
    if is_simple:
        forms = np.concatenate([W[:neurons], rows])
        residues = _residues(forms[:, seen]) if len(forms) >= len(seen) else None
    else:
        residues = _composed(network, rows, _residues, _product_modulo_prime)[:, seen]
    if residues is not None and _has_full_column_rank(residues):
        return [int(k) for k in seen]
    if is_simple:
        return independent_columns(forms)
    return _greedy_basis(_composed(network, rows, _integers, np.matmul))


def visible_forms(network: Network, rows: FloatArray) -> FloatArray:
    """The forms of `independent_inputs`, each divided by its largest coefficient and rounded."""
    forms: FloatArray = _composed(network, rows, np.asarray, np.matmul)
    largest = np.abs(forms).max(axis=1, keepdims=True, initial=0.0)
    return forms / np.where(largest > 0, largest, 1.0)


def _are_among(some: FloatArray, rows: FloatArray) -> bool:
    """Whether each row of `some` is one of `rows`."""
    known = {row.tobytes() for row in rows}
    return all(row.tobytes() in known for row in some)


def _composed(
    network: Network,
    rows: FloatArray,
    convert: Callable[[FloatArray], Any],
    multiply: Callable[[Any, Any], Any],
) -> Any:
    """All forms below each other, in the numbers that `convert` makes of doubles.

    The forms of one layer may have a positive factor in common.
    """
    forms = [convert(rows)]
    carried = None
    hidden = zip(network.layers, network.hidden_widths, network.linear_units, strict=False)
    for (W, _), neurons, linear in hidden:
        reads = convert(W if carried is None else W[:, -len(carried) :])
        values = reads if carried is None else multiply(reads, carried)
        forms.append(values[:neurons])
        carried = values[neurons:]
        if linear == 0:
            break
    return np.concatenate(forms)


# -- modulo a prime: the rank there is never larger than over the rationals


def has_independent_rows(W: FloatArray) -> bool:
    """Whether the rows of `W` are certainly linearly independent.

    Shown modulo a prime, where the rank is never larger; so a True is proven, and a False is wrong
    for about one matrix in 10^9.
    """
    return W.shape[0] <= W.shape[1] and _has_full_column_rank(_residues(W).T)


def _has_full_column_rank(forms: IntArray) -> bool:
    for j in range(forms.shape[1]):
        places = np.flatnonzero(forms[:, j])
        if len(places) == 0:
            return False
        pivot = forms[places[0]] * pow(int(forms[places[0], j]), -1, _PRIME) % _PRIME
        forms = (forms - np.outer(forms[:, j], pivot) % _PRIME) % _PRIME
    return True


def _residues(values: FloatArray) -> IntArray:
    return residues(values, _PRIME)


def _product_modulo_prime(A: IntArray, B: IntArray) -> IntArray:
    columns = [(A * column % _PRIME).sum(axis=1) % _PRIME for column in B.T]
    return np.stack(columns, axis=1)


# -- over the integers


def _integers(values: FloatArray) -> NDArray[np.object_]:
    """Python integers: `values` times a power of two."""
    whole, exponents = mantissas(values)
    lowest = int(exponents.min(initial=0))
    shifted: NDArray[np.object_] = whole.astype(object) * 2 ** (exponents - lowest).astype(object)
    return shifted


def _greedy_basis(forms: NDArray[np.object_]) -> list[int]:
    """Columns of integers that are independent of those before them, by elimination."""
    work = [_primitive(row) for row in forms.tolist() if any(row)]
    basis = []
    for j in range(forms.shape[1]):
        pivot = next((row for row in work if row[j]), None)
        if pivot is None:
            continue
        basis.append(j)
        reduced = (
            [pivot[j] * a - row[j] * b for a, b in zip(row, pivot, strict=True)] for row in work
        )
        work = [_primitive(row) for row in reduced if any(row)]
    return basis


def _primitive(row: list[int]) -> list[int]:
    factor = gcd(*row)
    return [v // factor for v in row]
