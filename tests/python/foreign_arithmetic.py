"""The same networks in floating-point environments that a process may have set.

``python tests/python/foreign_arithmetic.py --fuzzed 1000`` decomposes every truth case and so many
random degenerate networks, with subnormal numbers and extreme scales among them, under
flush-to-zero with denormals-are-zero and under each rounding mode, and compares everything that is
exact with what comes out otherwise, byte by byte.  The exit status is the number of differences
(at most 100).
"""

from __future__ import annotations

import argparse
import ctypes
import ctypes.util
import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

import fuzz

# fesetround's numbers on x86-64 and aarch64.
ROUNDING = {
    "x86_64": {"down": 0x400, "up": 0x800, "to zero": 0xC00},
    "aarch64": {"up": 0x400000, "down": 0x800000, "to zero": 0xC00000},
}
MODES = ("flush to zero", "down", "up", "to zero")


@contextmanager
def foreign(mode: str) -> Iterator[None]:
    """Sets what the process computes with: "flush to zero" (with denormals-are-zero) or a rounding.

    Only calls of the package may be made inside: Python itself is wrong there.
    """
    import platform

    import torch

    libm = ctypes.CDLL(ctypes.util.find_library("m") or "libm.so.6")
    rounding = ROUNDING[platform.machine()].get(mode, 0)
    if mode == "flush to zero":
        assert torch.set_flush_denormal(True), "this processor cannot flush"
    libm.fesetround(rounding)
    try:
        yield
    finally:
        libm.fesetround(0)
        torch.set_flush_denormal(False)


def answers(network: Any, domain: Any, engine: str, points: np.ndarray) -> dict[str, bytes]:
    """Everything that is called exact, as bytes."""
    import relutope as rt

    net = network()
    box = domain()
    cx = rt.decompose(net, box, engine=engine, threads=2)
    found = {
        "patterns": cx.patterns,
        "adjacency": cx.adjacency,
        "zero sets": cx.facet_neurons.indices,
        "zero set ends": cx.facet_neurons.indptr,
        "bounded": cx.bounded,
        "interior points": cx.interior_points,
        "certified": cx.interior_certified,
        "located": cx.locate(points),
        "count": np.array(rt.count(net, box, engine=engine, threads=2).n_cells),
    }
    if engine == "vertex":
        found |= {
            "f-vector": cx.f_vector,
            "vertices": cx.vertices,
            "vertex signs": cx.vertex_signs,
            "Betti numbers": rt.betti(cx),
        }
    return {name: np.ascontiguousarray(value).tobytes() for name, value in found.items()}


def differences(
    network: Callable[[], Any], domain: Callable[[], Any], engine: str, points: np.ndarray
) -> list[str]:
    """What comes out otherwise in another environment; networks and domains are made there, too."""
    expected = answers(network, domain, engine, points)
    found = []
    for mode in MODES:
        error = None
        with foreign(mode):
            try:
                got = answers(network, domain, engine, points)
            except Exception as failure:
                got, error = expected, failure
        if error is not None:
            found.append(f"{mode}, {engine}: {type(error).__name__}: {error}")
        found += [
            f"{mode}, {engine}: other {name}" for name in expected if got[name] != expected[name]
        ]
    return found


def sample_differences(sample: fuzz.Sample) -> list[str]:
    """Those of a network of the fuzzer, by both engines."""
    import relutope as rt

    n = len(sample.layers[0][0][0])
    points = np.random.default_rng(0).uniform(-1, 1, (8, n))
    arrays = sample.arrays()

    def network() -> Any:
        return rt.Network(arrays, sample.linear_units or None)

    found = []
    for engine in ("vertex", "lp"):
        try:
            found += differences(network, sample.domain, engine, points)
        except rt.InvalidDomainError:  # flat domains are refused, with or without
            continue
    return found


def truth_differences(name: str) -> list[str]:
    """Those of a truth case, by the engine that is faster."""
    import relutope as rt
    from conftest import load_truth

    case = load_truth(name)
    box = case.exact_box
    lower, upper = (None, None) if box is None else tuple([float(v) for v in side] for side in box)
    points = np.random.default_rng(0).uniform(-1, 1, (8, case.dim))
    layers = case.layers
    return differences(
        lambda: rt.Network(layers),
        lambda: None if box is None else rt.Box(lower, upper),
        "vertex" if case.dim <= 6 else "lp",
        points,
    )


def scaled(sample: fuzz.Sample, exponent: int) -> fuzz.Sample:
    """The first layer times a power of two: at -1074 and a little above it is subnormal."""
    (W, b), *rest = sample.layers
    first = (np.ldexp(np.array(W), exponent).tolist(), np.ldexp(np.array(b), exponent).tolist())
    return fuzz.Sample([first, *rest], sample.box, sample.halfspaces, sample.linear_units)


def small_samples(seed: int) -> Iterator[fuzz.Sample]:
    """Networks of the fuzzer, every third one with a subnormal first layer, one with a huge one."""
    for index, sample in enumerate(fuzz.samples(seed)):
        entries = np.concatenate([np.ravel(part) for part in sample.layers[0]])
        size = np.abs(entries).max(initial=0)
        if index % 3 == 1 and 0 < size < 2.0**40:
            sample = scaled(sample, -1074 - int(np.frexp(size)[1]) + 4)
        elif index % 9 == 2 and 0 < size < 2.0**40:
            sample = scaled(sample, 900)
        yield sample


def main() -> int:
    from conftest import TRUTH

    parser = argparse.ArgumentParser(description="Compare what foreign environments give.")
    parser.add_argument("--fuzzed", type=int, default=1000)
    parser.add_argument("--truth", type=int, default=10**6, help="so many truth cases at most")
    parser.add_argument("--most-cells", type=int, default=10**6, help="of a truth case")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    start, total = time.perf_counter(), 0
    index = json.loads((TRUTH / "index.json").read_text()) if TRUTH.exists() else []
    names = [entry["file"] for entry in index if entry["num_cells"] <= options.most_cells]
    for name in names[: options.truth]:
        found = truth_differences(name)
        total += len(found)
        for text in found:
            print(f"{name}: {text}", flush=True)
    for number, sample in zip(range(options.fuzzed), small_samples(options.seed), strict=False):
        found = sample_differences(sample)
        total += len(found)
        for text in found:
            print(f"{number}: {text}\n  {sample.literal()}", flush=True)
    print(
        f"{min(len(names), options.truth)} truth cases and {options.fuzzed} fuzzed networks in "
        f"{len(MODES)} environments: {total} differences, {time.perf_counter() - start:.0f} s"
    )
    return min(total, 100)


if __name__ == "__main__":
    raise SystemExit(main())
