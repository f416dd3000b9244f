"""The file format of a complex, version 3: an archive of arrays with a header.

Members, in this order:

``header.json``
    ``format`` ("relutope-complex"), ``version`` (3), ``relutope`` (the version that wrote it),
    ``network`` (SHA-256 of the layers), ``layers`` (their number), ``linear_units``, ``domain``
    ("R^n", "box" or "polytope"), ``cells`` (their number) and ``stats``.
``W0.npy``, ``b0.npy``, ``b_low0.npy``, ``W1.npy``, ...
    Weights and biases; a bias is ``b + b_low``, exactly.
``lower.npy``, ``upper.npy``, or ``A.npy``, ``b.npy``
    The domain, if it is not R^n.
the arrays of `CellArrays`
    Under their names.

Reading checks every type, shape and range, and that the arrays describe cells: see `stored_checks`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..common.archive import Archive, write_archive
from ..common.files import replacing
from ..common.version import VERSION
from ..domain.box import Box
from ..domain.polytope import Polytope
from ..errors import InvalidFileError, RelutopeError
from ..network.network import Network
from ..search.cell_arrays import CellArrays
from ..search.problem import Outputs, Problem, Solution
from .kernel import Kernel
from .stored_checks import check_arrays

__all__ = ["HEADER", "read", "save"]

FORMAT = "relutope-complex"
FORMAT_VERSION = 3
HEADER = "header.json"
_DOMAINS = {"R^n": (), "box": ("lower", "upper"), "polytope": ("A", "b")}


def save(cx: Kernel, path: str | Path) -> None:
    """See `Complex.save`: writes one file, which is complete and on disk, or not there at all.

    Time and threads are no properties of the complex, so the same complex gives the same bytes.
    """
    network, domain, cells = cx.network, cx.domain, cx.solution.arrays
    kind = "R^n" if domain is None else "box" if isinstance(domain, Box) else "polytope"
    layers = network.exact_layers()
    arrays: dict[str, NDArray[Any]] = {}
    for k, (W, b, low) in enumerate(layers):
        arrays |= {f"W{k}": W, f"b{k}": b, f"b_low{k}": low}
    arrays |= {name: getattr(domain, name) for name in _DOMAINS[kind]}
    arrays |= {field.name: getattr(cells, field.name) for field in fields(CellArrays)}
    stats = {name: v for name, v in cx.stats.items() if name not in ("seconds", "threads")}
    header = {
        "format": FORMAT,
        "version": FORMAT_VERSION,
        "relutope": VERSION,
        "network": network_hash(network),
        "layers": len(layers),
        "linear_units": network.linear_units,
        "domain": kind,
        "cells": len(cells.facet_begin) - 1,
        "stats": stats,
    }
    with replacing(path) as fresh, open(fresh, "wb") as file:
        write_archive(file, {HEADER: header}, arrays)


def network_hash(network: Network) -> str:
    """SHA-256 of shapes, linear units, weights and biases, in hexadecimal."""
    digest = hashlib.sha256(repr(network.linear_units).encode())
    for layer in network.exact_layers():
        for array in layer:
            digest.update(repr(array.shape).encode())
            digest.update(np.ascontiguousarray(array, dtype="<f8").data)
    return digest.hexdigest()


def read(path: str | Path) -> Solution:
    """Reads and checks what `save` has written.

    Raises
    ------
    InvalidFileError
        Names the file and what is wrong with it.
    FileNotFoundError
        If there is no such file.
    """
    place = Path(path)
    if not place.is_file():
        raise FileNotFoundError(f"`path`: there is no file {str(place)!r}")
    try:
        with Archive(place) as archive, archive.decoding():
            return _Reader(archive).stored()
    except InvalidFileError as error:
        raise InvalidFileError(f"`path`: {error}") from None


class _Reader:
    def __init__(self, archive: Archive) -> None:
        self.archive = archive
        if HEADER not in archive.entries:
            raise self.wrong("it holds no complex: header.json is missing")
        header = archive.json(HEADER)
        self.header: Mapping[str, Any] = header if isinstance(header, dict) else {}
        if self.header.get("format") != FORMAT:
            raise self.wrong("it holds no complex")
        version = self.header.get("version")
        if version != FORMAT_VERSION:
            raise self.wrong(
                f"it has version {version!r} of the format, written by relutope "
                f"{self.header.get('relutope')!r}; this relutope reads version {FORMAT_VERSION}"
            )

    def wrong(self, reason: str) -> InvalidFileError:
        return InvalidFileError(f"{self.archive.path}: {reason}")

    def entry(self, name: str, kind: type) -> Any:
        """A value of the header."""
        value = self.header.get(name)
        if type(value) is not kind:
            raise self.wrong(f"`{name}` of its header is {value!r}")
        return value

    def array(self, name: str, dtype: Any, shape: tuple[int | None, ...]) -> NDArray[Any]:
        """An array of this type and shape; None stands for any size."""
        found, size = self.archive.described(name)
        fits = len(size) == len(shape) and all(
            want is None or have == want for have, want in zip(size, shape, strict=True)
        )
        if found != np.dtype(dtype) or not fits:
            raise self.wrong(f"{name} is of type {found} and shape {size}, expected {shape}")
        return np.ascontiguousarray(self.archive.array(name))

    def length(self, name: str) -> int:
        """Length of an array of one axis, as it declares it."""
        shape = self.archive.described(name)[1]
        if len(shape) != 1:
            raise self.wrong(f"{name} has shape {shape}, expected one axis")
        return shape[0]

    def stored(self) -> Solution:
        network = self.network()
        stats = self.stats(network)
        problem = self.problem(network, stats.get("outputs"))
        arrays = self.arrays(network)
        issue = check_arrays(arrays, network.n_neurons, len(problem.infinite_sides))
        if issue:
            raise self.wrong(issue)
        return Solution(problem, arrays, stats)

    def network(self) -> Network:
        count = self.entry("layers", int)
        known = len(self.archive.entries)
        if not 2 <= count <= known:
            raise self.wrong(f"it has {count} layers")
        layers, lows = [], []
        inputs = None
        for k in range(count):
            W = self.array(f"W{k}", "<f8", (None, inputs))
            inputs = W.shape[0]
            layers.append((W, self.array(f"b{k}", "<f8", (inputs,))))
            lows.append(self.array(f"b_low{k}", "<f8", (inputs,)))
        if not all(np.isfinite(low).all() for low in lows):
            raise self.wrong("a bias is not finite")
        try:
            network = Network(layers, self.entry("linear_units", list), lows)
        except RelutopeError as error:
            raise self.wrong(f"its network cannot be used: {error}") from None
        if network_hash(network) != self.header.get("network"):
            raise self.wrong("its network is not the one that its header names")
        return network

    def problem(self, network: Network, outputs: Outputs | None) -> Problem:
        kind = self.entry("domain", str)
        if kind not in _DOMAINS:
            raise self.wrong(f"its domain is {kind!r}")
        n = network.input_dim
        shapes: list[tuple[int | None, ...]] = [(None, n), (None,)]
        if kind == "box":
            shapes = [(n,), (n,)]
        given = [self.array(x, "<f8", s) for x, s in zip(_DOMAINS[kind], shapes, strict=False)]
        try:
            domain = None if kind == "R^n" else {"box": Box, "polytope": Polytope}[kind](*given)
            return Problem(network, domain, outputs)
        except RelutopeError as error:
            raise self.wrong(f"its domain cannot be used: {error}") from None

    def stats(self, network: Network) -> dict[str, Any]:
        stats: dict[str, Any] = self.entry("stats", dict)
        if stats.get("engine") not in ("vertex", "lp"):
            raise self.wrong("its stats name no engine")
        outputs, m = stats.get("outputs"), network.output_dim
        cuts = {None: 0, "sign": 1, "argmax": m - 1}
        if (outputs is not None and not isinstance(outputs, str)) or outputs not in cuts:
            raise self.wrong(f"its cells are cut by {outputs!r}")
        if not all(isinstance(v, (int, float, str)) for v in stats.values()):
            raise self.wrong("its stats are no numbers and words")
        return stats

    def arrays(self, network: Network) -> CellArrays:
        cells = self.entry("cells", int)
        words = max(1, -(-network.n_neurons // 64))
        facets, special = self.length("facet_id"), self.length("special_facet")
        zeros = self.length("zero_cell")
        shapes: dict[str, tuple[str, tuple[int | None, ...]]] = {
            "patterns": ("<u8", (cells, words)),
            "facet_begin": ("<i8", (cells + 1,)),
            "facet_id": ("<i4", (facets,)),
            "facet_neighbour": ("<i4", (facets,)),
            "special_facet": ("<i8", (special,)),
            "special_begin": ("<i8", (special + 1,)),
            "special_ids": ("<i4", (None,)),
            "zero_cell": ("<i8", (zeros,)),
            "zero_neuron": ("<i4", (zeros,)),
        }
        return CellArrays(**{name: self.array(name, *shapes[name]) for name in shapes})
