"""A network and a domain in an archive of arrays, as the files of complexes and others hold them.

Members are ``header.json`` with ``format``, ``version``, ``relutope`` (the version that wrote it),
``network`` (SHA-256 of the layers), ``layers`` (their number), ``linear_units`` and ``domain``
("R^n", "box" or "polytope"); then ``W0.npy``, ``b0.npy``, ``b_low0.npy``, ``W1.npy``, ... (a bias
is ``b + b_low``, exactly), and ``lower.npy``, ``upper.npy``, or ``A.npy``, ``b.npy``, the domain.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..common.archive import Archive
from ..common.version import VERSION
from ..domain.box import Box
from ..domain.polytope import Polytope
from ..errors import InvalidFileError, RelutopeError
from ..network.network import Network
from ..network.output_neurons import n_output_neurons
from ..search.problem import Outputs, Problem

__all__ = ["HEADER", "ProblemReader", "network_members", "problem_members", "read_header"]

HEADER = "header.json"
_DOMAINS = {"R^n": (), "box": ("lower", "upper"), "polytope": ("A", "b")}


def problem_members(
    problem: Problem, format: str, version: int
) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
    """The header's part and the arrays that say what was solved."""
    domain = problem.domain
    kind = "R^n" if domain is None else "box" if isinstance(domain, Box) else "polytope"
    about, arrays = network_members(problem.network)
    arrays |= {name: getattr(domain, name) for name in _DOMAINS[kind]}
    header = {
        "format": format,
        "version": version,
        "relutope": VERSION,
        **about,
        "domain": kind,
    }
    return header, arrays


def network_members(
    network: Network, prefix: str = ""
) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
    """The header's part and the arrays of a network, all under names with this prefix."""
    layers = network.exact_layers()
    arrays: dict[str, NDArray[Any]] = {}
    for k, layer in enumerate(layers):
        names = (f"{prefix}{name}{k}" for name in ("W", "b", "b_low"))
        arrays |= dict(zip(names, layer, strict=True))
    about = {
        "network": network_hash(network),
        "layers": len(layers),
        "linear_units": network.linear_units,
    }
    return {prefix + name: value for name, value in about.items()}, arrays


def network_hash(network: Network) -> str:
    """SHA-256 of shapes, linear units, weights and biases, in hexadecimal."""
    digest = hashlib.sha256(repr(network.linear_units).encode())
    for layer in network.exact_layers():
        for array in layer:
            digest.update(repr(array.shape).encode())
            digest.update(np.ascontiguousarray(array, dtype="<f8").data)
    return digest.hexdigest()


def read_header(archive: Archive) -> Mapping[str, Any]:
    """What the header says; empty where there is none."""
    header = archive.json(HEADER) if HEADER in archive.entries else None
    return header if isinstance(header, dict) else {}


class ProblemReader:
    """Reads a header and what `problem_members` has written, checking types, shapes and ranges.

    Parameters
    ----------
    archive : Archive
    noun : str
        What the archive should hold, for errors.
    format, version
        As the header must have them.
    """

    def __init__(self, archive: Archive, noun: str, format: str, version: int) -> None:
        self.archive = archive
        if HEADER not in archive.entries:
            raise self.wrong(f"it holds no {noun}: header.json is missing")
        self.header = read_header(archive)
        if self.header.get("format") != format:
            raise self.wrong(f"it holds no {noun}")
        found = self.header.get("version")
        if found != version:
            raise self.wrong(
                f"it has version {found!r} of the format, written by relutope "
                f"{self.header.get('relutope')!r}; this relutope reads version {version}"
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

    def network(self, prefix: str = "") -> Network:
        """The network whose members have this prefix."""
        count = self.entry(f"{prefix}layers", int)
        known = len(self.archive.entries)
        if not 2 <= count <= known:
            raise self.wrong(f"it has {count} layers")
        layers, lows = [], []
        inputs = None
        for k in range(count):
            W = self.array(f"{prefix}W{k}", "<f8", (None, inputs))
            inputs = W.shape[0]
            layers.append((W, self.array(f"{prefix}b{k}", "<f8", (inputs,))))
            lows.append(self.array(f"{prefix}b_low{k}", "<f8", (inputs,)))
        if not all(np.isfinite(low).all() for low in lows):
            raise self.wrong("a bias is not finite")
        try:
            network = Network(layers, self.entry(f"{prefix}linear_units", list), lows)
        except RelutopeError as error:
            raise self.wrong(f"its network cannot be used: {error}") from None
        if network_hash(network) != self.header.get(f"{prefix}network"):
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

    def check_outputs(self, outputs: Any, network: Network) -> None:
        """Raises InvalidFileError unless cells of this network may have been cut so."""
        m = network.output_dim
        cuts = {"sign": m == 1, "argmax": m > 1}
        known = isinstance(outputs, str) and cuts.get(outputs, False)
        known = known and n_output_neurons(m) <= network.n_neurons
        if outputs is not None and not known:
            raise self.wrong(f"its cells are cut by {outputs!r}")
