"""Deep, growing, repeated, degenerate and unbounded networks beside generic ones of the same shape.

python benchmarks/cliffs.py                    all parts, each line in CPU seconds of one thread
python benchmarks/cliffs.py deep repeated      these parts only
python benchmarks/cliffs.py explore NET.onnx   local search, of such networks too
"""

from __future__ import annotations

import itertools
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np

import relutope as rt
from common import best_and_median, random_layers, zoo

Layers = list[tuple[Any, Any]]
ENGINES = ("vertex", "lp")


def measured(layers: Layers, domain: Any, engine: str, repeats: int = 3) -> tuple[float, Any]:
    def work() -> Any:
        return rt.decompose(layers, domain, engine=engine, threads=1)

    _, median, cx = best_and_median(work, repeats=repeats)
    return median, cx


def exact(cx: Any) -> str:
    keys = ("signs_exact", "exact_vertices", "programs_exact", "programs_by_basis")
    return ", ".join(f"{key} {cx.stats[key]:,}" for key in keys if key in cx.stats)


def deep() -> None:
    """Time per cell and layer: goal at depth 100 at most 1.5 times that at depth 10."""
    for engine in ENGINES:
        first = 0.0
        for depth in (10, 20, 40, 60, 100):
            times, cells, notes = [], 0, []
            for seed in range(3, 8):
                layers = random_layers([2, *[6] * depth, 1], seed)
                seconds, cx = measured(layers, rt.Box(-1, 1), engine, repeats=2)
                times.append(1e6 * seconds / cx.n_cells / depth)
                cells += cx.n_cells
                notes.append(cx.stats["signs_exact"])
            median = float(np.median(times))
            first = first or median
            print(
                f"deep, width 6, {engine:6} depth {depth:3}: {cells:6,} cells, {median:7.3f} us a "
                f"cell and layer ({median / first:5.2f} times depth 10), exact signs {sum(notes)}",
                flush=True,
            )


def growing() -> None:
    """Each layer 2^k times the one before: goal 1.5 times the network with k = 0."""
    plain = random_layers([2, *[12] * 40, 1], 3)
    domain = rt.Box(-0.2, 0.2)
    base: dict[str, float] = {}
    for k in (0, -20, -10, 10, 20):
        layers = [(W * 2.0**k, b * 2.0 ** (k * l)) for l, (W, b) in enumerate(plain, 1)]
        line = f"growing, width 12, depth 40, by 2^{k}:"
        for engine in ENGINES:
            seconds, cx = measured(layers, domain, engine)
            base.setdefault(engine, seconds)
            line += f" {engine} {seconds:.3f} s, {seconds / base[engine]:.2f} times ({exact(cx)});"
        seconds = explored(layers, [0.001, 0.002], domain, 200)
        base.setdefault("explore", seconds)
        line += f" explore {seconds:.3f} s, {seconds / base['explore']:.2f} times"
        print(line, flush=True)


def repeated() -> None:
    """Every neuron k times: goal 1.5 times the plain network; scaled by 3 and rounded 10 times."""
    for n in (2, 3, 5, 8, 10):
        rng = np.random.default_rng(n)
        A, b = rng.standard_normal((10, n)), rng.standard_normal(10)
        second = (rng.standard_normal((4, 10)), rng.standard_normal(4))
        plain = [(A, b), second, (np.ones((1, 4)), [0.0])]
        rounded = 3 * A, 3 * b
        for engine in ENGINES if n <= 8 else ("lp",):
            base, cx = measured(plain, rt.Box(-1, 1), engine)
            line = f"repeated, {n:2} inputs, {engine:6}: once {base:7.3f} s ({cx.n_cells:,} cells)"
            for name, parts in (
                ("twice", (1.0, 1.0)),
                ("4 times, signs and powers", (1.0, -1.0, 2.0, -0.5)),
            ):
                W = np.vstack([s * A for s in parts])
                c = np.concatenate([s * b for s in parts])
                V = np.tile(second[0], len(parts))
                layers = [(W, c), (V, second[1]), plain[2]]
                seconds, more = measured(layers, rt.Box(-1, 1), engine)
                line += f"; {name} {seconds / base * cx.n_cells / more.n_cells:5.2f} a cell"
            if n <= 5:  # in more inputs there are very many thin cells
                W, c = np.vstack([A, rounded[0]]), np.concatenate([b, rounded[1]])
                layers = [(W, c), (np.tile(second[0], 2), second[1]), plain[2]]
                seconds, more = measured(layers, rt.Box(-1, 1), engine)
                ratio = seconds / base * cx.n_cells / more.n_cells
                line += f"; by 3, rounded {ratio:5.2f} a cell ({more.n_cells:,})"
            print(line, flush=True)


def degenerate_network(kind: str, widths: list[int], seed: int) -> Layers:
    rng = np.random.default_rng(seed)
    layers = []
    for a, b in itertools.pairwise(widths):
        if kind == "integers":
            W, c = rng.integers(-2, 3, (b, a)).astype(float), rng.integers(-1, 2, b).astype(float)
        elif kind == "no biases":
            W, c = rng.standard_normal((b, a)), np.zeros(b)
        elif kind == "powers of two":
            W = rng.integers(-1, 2, (b, a)) * 2.0 ** rng.integers(-40, 40, (b, a))
            c = np.zeros(b)
        else:  # float32, one neuron doubled
            W = rng.standard_normal((b, a)).astype(np.float32).astype(float)
            c = rng.standard_normal(b).astype(np.float32).astype(float)
            if b > 2:
                W[1], c[1] = W[0], c[0]
        layers.append((W, c))
    return layers


def degenerate() -> None:
    """Time per cell: goal at most 10 times that of a generic network of the same shape."""
    shapes = [([n, 6, 6, 4, 1], rt.Box(-1, 1)) for n in (2, 3, 4, 6, 8)]
    for widths, domain in [*shapes, ([8, 6, 6, 4, 2], rt.Box(-1, 1)), ([6, 6, 6, 4, 2], None)]:
        for engine in ENGINES:
            base, cx = measured(random_layers(widths, 1), domain, engine)
            per_cell = base / cx.n_cells
            where = "R^n" if domain is None else "box"
            print(
                f"generic {widths} in {where} {engine}: {1e6 * per_cell:7.2f} us, "
                f"{cx.n_cells:,} cells"
            )
            for kind in ("integers", "no biases", "powers of two", "doubled"):
                layers = degenerate_network(kind, widths, 1)
                seconds, cx = measured(layers, domain, engine, repeats=1)
                ratio = seconds / cx.n_cells / per_cell
                note = f"{cx.n_cells:7,} cells, {ratio:7.1f} times; {exact(cx)}"
                print(f"  {kind:14} {note}", flush=True)


LINE = """
import resource, sys, time
import numpy as np
import relutope as rt

n, work, engine = int(sys.argv[1]), sys.argv[2], sys.argv[3]
layers = [(np.ones((n, 1)), -(np.arange(n) + 0.5) / n), (np.ones((1, n)), np.zeros(1))]
before, start = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.perf_counter()
if work == "count":
    rt.count(layers, rt.Box([0.0], [1.0]), threads=1)
else:
    rt.decompose(layers, rt.Box([0.0], [1.0]), threads=1, engine=engine)
seconds = time.perf_counter() - start
more = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
print(f"{seconds:.2f} s, {more / 1024:,.0f} MiB, {1024 * more / n:,.0f} bytes a neuron")
"""


def line() -> None:
    """One input, 12,000 and 200,000 neurons: seconds, and memory, which is to be linear in them."""
    for n, work, engine in (
        (12_000, "count", "vertex"),
        (200_000, "count", "vertex"),
        (12_000, "decompose", "vertex"),
        (3_000, "decompose", "lp"),
        (12_000, "decompose", "lp"),
    ):
        try:
            run = subprocess.run(
                [sys.executable, "-c", LINE, str(n), work, engine],
                capture_output=True,
                text=True,
                timeout=200,
            )
            result = run.stdout.strip() or run.stderr.strip().splitlines()[-1]
        except subprocess.TimeoutExpired:
            result = "more than 200 s"
        print(f"{n:,} neurons in one dimension, {work} {engine}: {result}", flush=True)


def limited() -> None:
    """16 inputs, 80 neurons, max_cells=1000: goal seconds."""
    layers = random_layers([16, 40, 40, 1], 1)
    for engine in ENGINES:
        start = time.perf_counter()
        try:
            rt.decompose(layers, rt.Box(-1, 1), engine=engine, max_cells=1000, threads=1)
            result = "all cells"
        except rt.RelutopeError as error:
            result = f"{type(error).__name__}: {error}"
        print(f"{engine}: {time.perf_counter() - start:.1f} s, {result}", flush=True)


def unbounded() -> None:
    """Cells per second over R^n relative to the box: goal 70 %."""
    for name in ("deep-2d", "deep-3d", "deep-4d", "deep-5d", "deep-6d"):
        case = zoo.standard(name)
        engine = "vertex" if case.layers[0][0].shape[1] <= 5 else "lp"
        inside, box = measured(case.layers, rt.Box(*case.domain), engine)
        outside, cx = measured(case.layers, None, engine)
        share = (cx.n_cells / outside) / (box.n_cells / inside)
        print(
            f"{name} {engine}: R^n at {share:5.0%} of the box, {cx.n_cells:,} cells; {exact(cx)}",
            flush=True,
        )


def explored(network: Any, x: Any, domain: Any, cells: int) -> float:
    """Seconds of CPU to explore so many cells."""
    start = time.process_time()
    rt.explore(network, x, domain=domain, max_cells=cells)
    return time.process_time() - start


def wide_network(n: int, copies: int, seen: int, later: int) -> Layers:
    """A first layer of `copies` neurons around each of n inputs, which see `seen` of them."""
    rng = np.random.default_rng(0)
    W = np.zeros((n * copies, n))
    for i in range(n):
        columns = np.arange(i, i + seen) % n
        W[i * copies : (i + 1) * copies, columns] = rng.standard_normal((copies, seen))
    V = rng.standard_normal((later, len(W))) / np.sqrt(len(W))
    return [
        (W, rng.standard_normal(len(W))),
        (V, rng.standard_normal(later)),
        (np.ones((1, later)), [0.0]),
    ]


def leaky_network(layers: Layers, slope: float) -> Any:
    """The network with leaky units, through torch."""
    import torch
    from torch import nn

    parts: list[Any] = []
    for W, b in layers:
        linear = nn.Linear(W.shape[1], W.shape[0]).double()
        with torch.no_grad():
            linear.weight.copy_(torch.as_tensor(W))
            linear.bias.copy_(torch.as_tensor(b))
        parts += [linear, nn.LeakyReLU(slope) if slope else nn.ReLU()]
    return rt.Network.from_torch(nn.Sequential(*parts[:-1]))


def explore() -> None:
    """Local search: R^n and leaky goal 3 times box and plain, scaled and rounded goal 10 times.

    With files of networks as further arguments: one cell of each in R^n and in a box.
    """
    for n, copies, seen, later in (
        (8, 32, 1, 32),
        (12, 32, 1, 32),
        (24, 24, 6, 64),
        (48, 6, 48, 32),
    ):
        layers = wide_network(n, copies, seen, later)
        x = np.random.default_rng(1).uniform(-1, 1, n)
        box, everywhere = (explored(layers, x, d, 1) for d in (rt.Box(-2, 2), None))
        name = f"{n} inputs, {n * copies}+{later} neurons that see {seen}"
        print(f"{name}: R^n {everywhere:.3f} s, {everywhere / box:.2f} times the box", flush=True)
    for file in (name for name in sys.argv[1:] if name not in PARTS):
        network = rt.load_network(file)
        x = np.random.default_rng(0).uniform(-1, 1, network.input_dim)
        box, everywhere = (explored(network, x, d, 1) for d in (rt.Box(-2, 2), None))
        print(f"{file}: R^n {everywhere:.3f} s, {everywhere / box:.2f} times the box", flush=True)
    for width in (20, 64):
        layers = random_layers([784, width, width, width, 10], 0)
        x = np.random.default_rng(0).uniform(0, 1, 784)
        plain, leaky = (explored(leaky_network(layers, s), x, None, 5) for s in (0.0, 0.01))
        print(f"784-{width} x 3: leaky {leaky:.3f} s, {leaky / plain:.2f} times plain", flush=True)
    for n in (8, 16):
        A, b = np.split(np.random.default_rng(n).standard_normal((20, n + 1)), [n], axis=1)
        once = [(A, b[:, 0]), (np.ones((1, 20)), [0.0])]
        W, c = np.vstack([A, 3 * A]), np.concatenate([b, 3 * b])[:, 0]  # 3 a is rounded
        twice = [(W, c), (np.ones((1, 40)), [0.0])]
        plain, scaled = (explored(net, np.zeros(n), rt.Box(-1, 1), 100) for net in (once, twice))
        print(f"{n} inputs, rows and 3 times them: {scaled / plain:.2f} times once", flush=True)


PARTS: dict[str, Callable[[], None]] = {
    "deep": deep,
    "growing": growing,
    "repeated": repeated,
    "degenerate": degenerate,
    "unbounded": unbounded,
    "explore": explore,
    "line": line,
    "limited": limited,
}

if __name__ == "__main__":
    for part in [name for name in sys.argv[1:] if name in PARTS] or PARTS:
        PARTS[part]()
