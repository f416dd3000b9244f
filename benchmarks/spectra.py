"""Times eigenvectors of large graphs, each in a process of its own, beside those of others.

python benchmarks/spectra.py                 CPU seconds of one thread, and memory; goals
python benchmarks/spectra.py "grid 1000^2"   one case
python benchmarks/spectra.py --peers         the same graphs by scipy, pyamg and networkx

A peer gets PEER_SECONDS and PEER_GIB; those that are not installed are left out, and said to be.
"""

from __future__ import annotations

import itertools
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np
from scipy.sparse import coo_array, csr_array, diags_array

import relutope as rt
from common import machine
from relutope.graph import cheeger, recursive_bisection, spectral_clustering, spectrum

PEER_SECONDS, PEER_GIB = 150, 8
RESIDUAL = 1e-8


def from_edges(n: int, edges: Any) -> csr_array:
    first, second = np.asarray(edges).T
    ends = (np.concatenate([first, second]), np.concatenate([second, first]))
    return csr_array(coo_array((np.ones(len(ends[0])), ends), shape=(n, n)))


def grid(*sides: int) -> tuple[csr_array, np.ndarray]:
    """The graph, and its 40 smallest eigenvalues in closed form (Fiedler 1973)."""
    nodes = np.arange(np.prod(sides)).reshape(sides)
    pairs = []
    for axis, m in enumerate(sides):
        low, high = (np.take(nodes, range(a, m - 1 + a), axis).ravel() for a in (0, 1))
        pairs.append(np.column_stack([low, high]))
    values = np.zeros(1)
    for m in sides:
        path = 4 * np.sin(np.pi * np.arange(min(m, 40)) / (2 * m)) ** 2
        values = np.sort(np.add.outer(values, path).ravel())[:40]
    return from_edges(nodes.size, np.concatenate(pairs)), values


def delaunay(dim: int, points: int) -> tuple[csr_array, None]:
    """The dual graph of the Delaunay triangulation of random points."""
    from scipy.spatial import Delaunay

    neighbours = Delaunay(np.random.default_rng(0).random((points, dim))).neighbors
    cell = np.repeat(np.arange(len(neighbours)), dim + 1)
    shared = neighbours.ravel() > cell
    edges = np.column_stack([cell, neighbours.ravel()])[shared]
    return from_edges(len(neighbours), edges), None


def complex_of(widths: list[int]) -> Any:
    rng = np.random.default_rng(0)
    network = [
        (rng.normal(0, np.sqrt(2 / a), (b, a)), rng.uniform(-0.5, 0.5, b))
        for a, b in itertools.pairwise(widths)
    ]
    return rt.decompose(network, rt.Box(-1, 1), threads=1)


def network(widths: list[int], weight: str) -> tuple[csr_array, None]:
    from relutope.graph.couplings import coupling_graph

    return coupling_graph(complex_of(widths), weight), None


# name: (how to make it, goal in seconds and GiB for the Fiedler vector)
CASES: dict[str, tuple[Callable[[], tuple[csr_array, Any]], tuple[float, float] | None]] = {
    "grid 316^2": (lambda: grid(316, 316), None),
    "grid 1000^2": (lambda: grid(1000, 1000), (60, 4)),
    "grid 1000x999": (lambda: grid(1000, 999), (60, 4)),
    "grid 100^3": (lambda: grid(100, 100, 100), (60, 4)),
    "Delaunay 2-D": (lambda: delaunay(2, 500_000), (60, 4)),
    "Delaunay 3-D": (lambda: delaunay(3, 149_000), (60, 4)),
    "network 2-D": (lambda: network([2, 850, 850, 1], "unit"), (60, 4)),
    "network 2-D, inverse-distance": (
        lambda: network([2, 850, 850, 1], "inverse-distance"),
        (60, 4),
    ),
    "network 3-D": (lambda: network([3, 128, 108, 1], "unit"), (60, 4)),
}
WEIGHTS_OF = [2, 265, 265, 1]  # 102,364 cells, on which all weights are tried


def timed(what: str, work: Callable[[], Any], note: Callable[[Any], str]) -> tuple[float, Any]:
    start = time.process_time()
    result = work()
    seconds = time.process_time() - start
    print(f"  {what:34}{seconds:8.1f} s   {note(result)}", flush=True)
    return seconds, result


def gib() -> float:
    """The most memory that this process has had."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20


def run(name: str) -> None:
    make, goal = CASES[name]
    graph, exact = make()
    before = gib()
    print(f"  {graph.shape[0]:,} nodes, {graph.nnz // 2:,} edges; {before:.2f} GiB to make")
    seconds, found = timed(
        "Fiedler vector",
        lambda: rt.fiedler(graph),
        lambda f: f"{f.value:.6e}, residual {f.residual:.0e}, most memory {gib():.2f} GiB",
    )
    memory = gib()
    check(graph, found.value, found.vector, None if exact is None else exact[1])
    if goal is not None:
        met = seconds < goal[0] and memory < goal[1]
        print(f"  goal ({goal[0]} s, {goal[1]} GiB) {'met' if met else 'MISSED'}")
    if exact is not None:
        _, pairs = timed("10 eigenpairs", lambda: spectrum(graph, 10), describe)
        np.testing.assert_allclose(pairs.values, exact[:10], rtol=1e-8, atol=1e-16)
        assert pairs.residuals.max() < RESIDUAL
        assert pairs.resolved.all()
    if graph.shape[0] < 200_000:
        _, bounds = timed("Cheeger bounds", lambda: cheeger(graph), lambda c: c.statement)
        assert bounds.lower <= bounds.conductance <= bounds.upper
        timed("8 clusters", lambda: spectral_clustering(graph, 8), str_sizes)
        timed("8 parts by bisection", lambda: recursive_bisection(graph, 8), str_sizes)


def describe(pairs: Any) -> str:
    return f"residuals up to {pairs.residuals.max():.0e}, most memory {gib():.2f} GiB"


def str_sizes(clusters: Any) -> str:
    return f"normalised cut {clusters.normalized_cut:.4f}, {clusters.sizes.tolist()}"


def check(graph: csr_array, value: float, vector: Any, exact: float | None) -> None:
    """Residual of a unit vector, and the value in closed form if there is one."""
    vector = vector / np.linalg.norm(vector)
    degree = np.asarray(graph.sum(axis=1))
    residual = np.linalg.norm(degree * vector - graph @ vector - value * vector)
    assert residual < RESIDUAL, residual
    assert exact is None or abs(value / exact - 1) < 1e-8, (value, exact)


def run_weights() -> None:
    from relutope.graph.couplings import WEIGHTS

    cx = complex_of(WEIGHTS_OF)
    print(f"  {cx.n_cells:,} cells")
    for weight in WEIGHTS:
        for normalized in (False, True):
            _, found = timed(
                weight + (", normalised" if normalized else ""),
                lambda weight=weight, normalized=normalized: rt.fiedler(cx, weight, normalized),
                lambda f: f"{f.value:.3e}, residual {f.residual:.0e}; {f.statement[:6]}",
            )
            assert found.residual < RESIDUAL
            assert found.statement.startswith("Unique")


def peer_eigsh(laplacian: Any, null: Any) -> tuple[float, Any]:
    """Shift and invert by sparse LU."""
    from scipy.sparse.linalg import eigsh

    values, vectors = eigsh(laplacian.tocsc(), 3, sigma=-1e-9)
    order = np.argsort(values)
    return values[order[1]], vectors[:, order[1]]


def peer_lanczos(laplacian: Any, null: Any) -> tuple[float, Any]:
    """Without inverting anything."""
    from scipy.sparse.linalg import eigsh

    values, vectors = eigsh(laplacian, 3, which="SA", maxiter=10**6)
    order = np.argsort(values)
    return values[order[1]], vectors[:, order[1]]


def peer_lobpcg(laplacian: Any, null: Any) -> tuple[float, Any]:
    """Preconditioned by the diagonal."""
    return scipy_lobpcg(laplacian, null, diags_array(1 / laplacian.diagonal()), 2000)


def peer_pyamg(laplacian: Any, null: Any) -> tuple[float, Any]:
    """LOBPCG, preconditioned by smoothed aggregation."""
    from pyamg import smoothed_aggregation_solver

    solver = smoothed_aggregation_solver(laplacian, B=null, coarse_solver="pinv")
    return scipy_lobpcg(laplacian, null, solver.aspreconditioner(), 200)


def scipy_lobpcg(laplacian: Any, null: Any, inverse: Any, steps: int) -> tuple[float, Any]:
    from scipy.sparse.linalg import lobpcg

    start = np.random.default_rng(0).standard_normal((laplacian.shape[0], 4))
    values, vectors = lobpcg(
        laplacian, start, M=inverse, Y=null, tol=RESIDUAL / 10, maxiter=steps, largest=False
    )
    return values[0], vectors[:, 0]


def peer_networkx(laplacian: Any, null: Any) -> tuple[float, Any]:
    """TraceMIN with conjugate gradients, its default; its LU variant needs the memory of eigsh."""
    import networkx as nx

    graph = nx.from_scipy_sparse_array(diags_array(laplacian.diagonal()) - laplacian)
    vector = nx.fiedler_vector(graph, tol=1e-9, seed=0)
    return float(vector @ (laplacian @ vector) / (vector @ vector)), vector


PEERS: dict[str, Callable[[Any, Any], tuple[float, Any]]] = {
    "scipy eigsh, shift and invert": peer_eigsh,
    "scipy eigsh": peer_lanczos,
    "scipy lobpcg, diagonal": peer_lobpcg,
    "scipy lobpcg, pyamg": peer_pyamg,
    "networkx": peer_networkx,
}
PEER_CASES = ("grid 316^2", "grid 1000x999", "grid 100^3")


def run_peer(name: str, peer: str) -> None:
    import warnings

    warnings.simplefilter("ignore")
    graph, exact = CASES[name][0]()
    laplacian = csr_array(diags_array(np.asarray(graph.sum(axis=1))) - graph)
    resource.setrlimit(resource.RLIMIT_AS, (PEER_GIB * 2**30,) * 2)
    start = time.process_time()
    try:
        value, vector = PEERS[peer](laplacian, np.ones((graph.shape[0], 1)))
    except ImportError as error:
        print(f"  {peer:34}not installed: {error.name}")
        return
    except MemoryError:
        print(f"  {peer:34}more than {PEER_GIB} GiB")
        return
    except Exception as error:
        print(f"  {peer:34}failed: {type(error).__name__}: {str(error)[:60]}")
        return
    seconds = time.process_time() - start
    vector = vector / np.linalg.norm(vector)
    residual = np.linalg.norm(laplacian @ vector - value * vector)
    off = "" if exact is None else f", relative error {abs(value / exact[1] - 1):.0e}"
    wrong = "" if residual < RESIDUAL else " NOT CONVERGED"
    text = f"{value:.6e}, residual {residual:.0e}{off}, most memory {gib():.2f} GiB{wrong}"
    print(f"  {peer:34}{seconds:8.1f} s   {text}", flush=True)


def alone(*arguments: str, **options: Any) -> int:
    """Runs this file with one thread in a process of its own."""
    threads = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
    environment = {**os.environ, **dict.fromkeys(threads, "1")}
    command = [sys.executable, __file__, *arguments]
    return subprocess.run(command, env=environment, **options).returncode


def peers() -> None:
    for name in PEER_CASES:
        print(name, flush=True)
        for peer in PEERS:
            try:
                died = alone("--peer", name, peer, timeout=PEER_SECONDS, stderr=subprocess.DEVNULL)
                if died:
                    print(f"  {peer:34}died ({died}), likely of {PEER_GIB} GiB", flush=True)
            except subprocess.TimeoutExpired:
                print(f"  {peer:34}more than {PEER_SECONDS} s", flush=True)


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["--peers"]:
            print(machine())
            peers()
        case ["--peer", name, peer]:
            run_peer(name, peer)
        case ["--case", name]:
            run_weights() if name == "weights" else run(name)
        case names:
            print(machine())
            for name in names or [*CASES, "weights"]:
                print(name, flush=True)
                alone("--case", name, check=True)
